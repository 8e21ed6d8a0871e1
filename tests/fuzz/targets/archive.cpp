// An archive of pictures or texts. Whatever is in it, nothing may come to lie outside the cache that it is unpacked to.
#include "tests/fuzz/target.h"

#include <cstdlib>

namespace pretext::fuzz {

namespace {

namespace fs = std::filesystem;

void requireNothingOutside(const fs::path &folder)
{
    for (const fs::directory_entry &entry : fs::directory_iterator(folder))
        require(entry.path().filename() == "cache" || entry.path().filename().string().starts_with("a."), "a file outside the cache: " + entry.path().string());
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(folder))
        require(!entry.is_symlink() && (entry.is_directory() || entry.is_regular_file()), "an unpacked link or device: " + entry.path().string());
}

} // namespace

void read_archive(std::string_view input)
{
    const Scratch scratch;
    setenv("XDG_CACHE_HOME", (scratch.path() / "cache").c_str(), 1);
    const fs::path path = scratch.write(input.starts_with("PK") ? "a.zip" : "a.tar.gz", input);
    try {
        useDataset(path.string());
    } catch (const std::exception &) {
        requireNothingOutside(scratch.path());
        throw;
    }
    requireNothingOutside(scratch.path());
}

} // namespace pretext::fuzz
