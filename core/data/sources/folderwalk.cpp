#include "core/data/sources/folderwalk.h"

#include "core/data/interruption.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

uint64_t mostFiles()
{
    constexpr uint64_t kUsual = 5'000'000;
    const char *asked = std::getenv("PRETEXT_MAX_FILES");
    if (!asked || !*asked)
        return kUsual;
    uint64_t number = 0;
    const char *end = asked + std::strlen(asked);
    if (const auto [at, error] = std::from_chars(asked, end, number); error != std::errc() || at != end || number == 0)
        throw std::invalid_argument("[data] " + said("PRETEXT_MAX_FILES is '%1'; it must be a whole number, at least 1", {shownText(asked)}));
    return number;
}

void WalkBound::meet()
{
    if (++m_met > m_most)
        throw std::invalid_argument("[data] " + shownPath(m_root) + ": "
                                    + pretext::said("holds more than %1 files and folders; choose a folder within it, or set a larger PRETEXT_MAX_FILES in "
                                                    "the environment",
                                                    {m_most}));
    if (m_met % 256 == 0)
        Interruptible::check();
}

std::string whyNoEntry(const fs::directory_entry &entry)
{
    std::error_code error;
    switch (entry.status(error).type()) {
    case fs::file_type::regular:
    case fs::file_type::directory: return {};
    case fs::file_type::none:
    case fs::file_type::not_found:
        return entry.is_symlink(error) ? pretext::said("a link that leads nowhere, or in a circle") : pretext::said("gone, or may not be looked at");
    default: return whyNotRegular(entry.path());
    }
}

} // namespace pretext
