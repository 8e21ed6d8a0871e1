// A fuzz target gives bytes to one of the program's readers. Reading them is right, and so is refusing them with an exception that says in one
// plain line what is wrong. All else is a finding: a crash, a sanitizer's report, a hang, memory without bound, an exception that says nothing,
// what was read contradicting itself.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pretext {
class Dataset;
}

namespace pretext::fuzz {

struct Target
{
    const char *name; // "idx"; its corpus is corpus/NAME, its dictionary, where there is one, dictionaries/NAME.dict
    void (*read)(std::string_view input);
    size_t longest; // bytes of an input
};
/// Those of targets.def.
const std::vector<Target> &targets();
/// Null where there is none.
const Target *findTarget(std::string_view name);

struct Outcome
{
    enum { read, refused, finding } kind;
    std::string text; // why it was refused, or what was found
};
Outcome outcomeOf(const Target &target, std::string_view input);

/// What is wrong with an error's line: empty, not UTF-8, with control characters, endless, or a library's words for "should not happen". Empty
/// where it is well.
std::string faultIn(std::string_view message);

/// Thrown by require(); no std::exception, so that nothing takes it for an answer.
struct Finding
{
    std::string what;
};
void require(bool holds, const std::string &what);
/// Of an error's message, as it is shown.
void requireWell(const std::string &message);

/// An input is one file or several, parted by lines of "====".
std::vector<std::string> partsOf(std::string_view input);

/// The input under each of these names, for readers that go by the name. Refused is what is refused under all of them.
void readUnderEach(const std::vector<const char *> &names, void (*read)(const char *name, std::string_view input), std::string_view input);

/// A folder for an input's files, gone with all in it afterwards. It has the same name for every input.
class Scratch
{
public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    const std::filesystem::path &path() const { return m_path; }
    std::filesystem::path write(const std::string &name, std::string_view content) const;

private:
    std::filesystem::path m_path;
};

/// Opens it and looks at its first samples: sizes, labels, captions and statistics must be what its description says.
void useDataset(const std::string &path);

} // namespace pretext::fuzz
