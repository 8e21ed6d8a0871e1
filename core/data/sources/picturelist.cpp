#include "core/data/sources/picturelist.h"

#include "core/data/interruption.h"
#include "core/data/sources/folderwalk.h"
#include "core/data/sources/picture.h"
#include "core/data/sources/pictureindex.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// What a link leads to, or what the entry knows of itself; a link is asked only once, for that is a question to the disk.
fs::file_type typeOf(const fs::directory_entry &entry)
{
    std::error_code error;
    if (entry.is_symlink(error))
        return entry.status(error).type();
    return entry.is_directory(error) ? fs::file_type::directory : entry.is_regular_file(error) ? fs::file_type::regular : entry.status(error).type();
}

/// Lists a folder and those below it, and takes stamps of all that the names depend on. What changes meanwhile has a stamp too young to be
/// kept, whichever was read first.
class PictureWalk
{
public:
    explicit PictureWalk(PictureList &list) : m_list(list), m_bound(list.folder) { walk(fs::canonical(list.folder), ""); }
    std::vector<FolderStamp> stamps() const;
    /// That only a stamped folder's change can change the list.
    bool settled() const { return m_settled; }

private:
    void walk(const fs::path &folder, const std::string &prefix);
    bool isAboveRoot(const fs::path &real) const;
    void meet(const fs::directory_entry &entry, const std::string &name);
    void stampTarget(std::string link);
    void stamp(const std::string &folder);
    void skip(const std::string &line);

    PictureList &m_list;
    WalkBound m_bound;
    std::vector<fs::path> m_within;
    std::map<std::string, FolderStamp> m_stamps;
    bool m_settled = true;
};

void PictureWalk::skip(const std::string &line)
{
    m_list.skipped.push_back(shownPath(line));
    m_settled = false; // a link's target may appear, a right be given, and no folder of ours changes by it
}

/// What lies around the data is none of them.
bool PictureWalk::isAboveRoot(const fs::path &real) const
{
    if (m_within.empty())
        return false; // the root itself
    const fs::path &root = m_within.front();
    return std::mismatch(real.begin(), real.end(), root.begin(), root.end()).first == real.end();
}

void PictureWalk::walk(const fs::path &folder, const std::string &prefix)
{
    stamp(folder.string());
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    m_settled = m_settled && !error;
    if (error)
        return;
    if (std::find(m_within.begin(), m_within.end(), real) != m_within.end() || isAboveRoot(real))
        return skip(prefix + ": " + pretext::said("a link back to a folder that it lies in"));
    if (m_within.size() >= kDeepestFolder || isMadeUp(real))
        return skip(prefix + ": "
                    + (isMadeUp(real) ? pretext::said("made up by the system (/proc, /sys)") : pretext::said("more than %1 folders deep", {kDeepestFolder})));
    std::vector<fs::directory_entry> entries; // they know what they are without being asked again
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
        m_bound.meet();
        entries.push_back(*it);
    }
    if (error)
        skip((prefix.empty() ? "." : prefix) + ": " + error.message());
    m_within.push_back(real);
    for (const fs::directory_entry &entry : entries) {
        const std::string base = entry.path().filename().string();
        if (!base.starts_with('.') && base != "__MACOSX")
            meet(entry, prefix + base);
    }
    m_within.pop_back();
}

void PictureWalk::meet(const fs::directory_entry &entry, const std::string &name)
{
    const fs::file_type type = typeOf(entry);
    if (type == fs::file_type::directory)
        return walk(entry.path(), name + "/");
    std::error_code error;
    const bool file = type == fs::file_type::regular, picture = isPictureName(entry.path()), link = entry.is_symlink(error);
    if (link)
        stampTarget(entry.path().string());
    if (picture && file)
        m_list.text.insert(m_list.text.end(), name.c_str(), name.c_str() + name.size() + 1);
    else if (!file)
        skip(name + ": " + whyNoEntry(entry)); // a link may lead to a folder one day
}

void PictureWalk::stamp(const std::string &folder)
{
    if (!m_stamps.contains(folder))
        m_stamps.emplace(folder, FolderStamp::of(folder));
}

/// The folders that a link to a file leads through: the target may be removed from there.
void PictureWalk::stampTarget(std::string link)
{
    std::array<char, 4096> target;
    for (int hop = 0; hop < 40; ++hop) {
        const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
        if (size < 0)
            return; // not a link any more
        const std::string_view text(target.data(), static_cast<size_t>(size));
        link = (text.starts_with('/') ? "" : link.substr(0, link.rfind('/') + 1)) + std::string(text);
        stamp(link.substr(0, link.rfind('/') + 1));
    }
}

std::vector<FolderStamp> PictureWalk::stamps() const
{
    std::vector<FolderStamp> all;
    for (const auto &[path, stamp] : m_stamps)
        all.push_back(stamp);
    return all;
}

/// Of all files by those that are looked at.
uintmax_t bytesOf(const PictureList &list, size_t lookEvery)
{
    uintmax_t sum = 0;
    size_t asked = 0;
    for (size_t i = 0; i < list.files.size(); i += lookEvery, ++asked) {
        std::error_code error;
        const uintmax_t bytes = fs::file_size(list.folder / list.files[i].name, error);
        sum += error ? 0 : bytes;
    }
    return asked == 0 ? 0 : static_cast<uintmax_t>(double(sum) * double(list.files.size()) / double(asked));
}

} // namespace

PictureList listPictures(const fs::path &folder, size_t indexedFrom)
{
    PictureList list{folder};
    if (readPictureIndex(list))
        return list;
    const auto begun = std::chrono::system_clock::now();
    const PictureWalk walk(list);
    nameFiles(list, 0);
    std::sort(list.files.begin(), list.files.end(), [](const PictureFile &a, const PictureFile &b) { return a.name < b.name; });
    if (walk.settled() && list.files.size() >= indexedFrom)
        keepPictureIndex(list, walk.stamps(), begun);
    return list;
}

void checkPictures(PictureList &list, const DatasetOptions &options)
{
    const size_t lookEvery = list.files.size() / kLookedAt + 1;
    list.bytes = bytesOf(list, lookEvery);
    const size_t decodeEvery = lookEvery * (static_cast<size_t>(list.bytes / lookEvery / kCheckedBytes) + 1);
    const uintmax_t fairShare = kCheckedBytes / std::max<size_t>(1, list.files.size());
    const auto isDecoded = [&](size_t i) { // a few large files keep no small one from being looked at
        std::error_code error;
        return i % decodeEvery == 0 || (lookEvery == 1 && fs::file_size(list.folder / list.files[i].name, error) <= fairShare && !error);
    };
    std::vector<PictureFile> good;
    good.reserve(list.files.size());
    for (size_t i = 0; i < list.files.size(); ++i) {
        Interruptible::check();
        const PictureFile &file = list.files[i];
        std::string why;
        PictureSize size;
        if (i % lookEvery == 0)
            ++list.looked;
        if (!isDecoded(i)) {
            if (i % lookEvery == 0)
                why = probePicture(list.folder / file.name, size);
        } else {
            try {
                list.decoded.emplace(file.name, std::make_shared<Image>(readPicture(list.folder / file.name, options, &size)));
            } catch (const std::exception &error) {
                why = error.what();
            }
        }
        if (const std::string sides = cutToLittle(size); why.empty() && !sides.empty())
            list.cut.push_back(shownPath(file.name) + " (" + sides + ")");
        if (why.empty())
            good.push_back(file);
        else
            list.skipped.push_back(shownPath(file.name) + ": " + why);
    }
    list.files = std::move(good);
    std::sort(list.skipped.begin(), list.skipped.end());
}

} // namespace pretext
