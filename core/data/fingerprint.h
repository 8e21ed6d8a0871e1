// What tells two data sets apart, quickly: a run keeps it, and so knows on resume whether its data are still the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pretext {

/// A check sum of pieces, each told from its neighbours: "ab", "c" is not "a", "bc".
class Fingerprint
{
public:
    void add(std::string_view piece);
    void add(const void *bytes, size_t size) { add(std::string_view(static_cast<const char *>(bytes), size)); }
    void add(int64_t number) { add(&number, sizeof number); }
    std::string text() const; // 16 digits

private:
    uint64_t m_value = 0xcbf29ce484222325ull;
};

class Dataset;
enum class Split;
/// Of some images, evenly spaced, or of texts, evenly spaced so that some tens of megabytes are read.
void markImages(Fingerprint &print, const Dataset &dataset, Split split);
void markTexts(Fingerprint &print, const Dataset &dataset, Split split);

} // namespace pretext
