#include "core/data/sources/picturelist.h"

#include "core/data/sources/picture.h"

#include <algorithm>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kDeepest = 32; // folders within folders

void walk(const fs::path &folder, const std::string &prefix, std::vector<fs::path> &within, PictureList &list)
{
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error || within.size() >= kDeepest || std::find(within.begin(), within.end(), real) != within.end())
        return;
    std::vector<fs::directory_entry> entries; // they know what they are without being asked again
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error))
        entries.push_back(*it);
    if (error)
        list.skipped.push_back((prefix.empty() ? "." : prefix) + ": " + error.message());
    within.push_back(real);
    for (const fs::directory_entry &entry : entries) {
        const fs::path &path = entry.path();
        const std::string base = path.filename().string(), name = prefix + base;
        if (base.starts_with('.') || base == "__MACOSX")
            continue;
        if (entry.is_directory(error)) {
            walk(path, name + "/", within, list);
        } else if (isPictureName(path)) {
            if (entry.is_regular_file(error))
                list.files.push_back({name});
            else
                list.skipped.push_back(name + ": not a file, or a link that leads nowhere");
        }
    }
    within.pop_back();
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

PictureList listPictures(const fs::path &folder)
{
    PictureList list{folder};
    std::vector<fs::path> within;
    walk(folder, "", within, list);
    std::sort(list.files.begin(), list.files.end(), [](const PictureFile &a, const PictureFile &b) { return a.name < b.name; });
    return list;
}

void checkPictures(PictureList &list, const DatasetOptions &options)
{
    const size_t lookEvery = list.files.size() / kLookedAt + 1;
    list.bytes = bytesOf(list, lookEvery);
    const size_t decodeEvery = lookEvery * (static_cast<size_t>(list.bytes / lookEvery / kCheckedBytes) + 1);
    std::vector<PictureFile> good;
    for (size_t i = 0; i < list.files.size(); ++i) {
        PictureFile &file = list.files[i];
        std::string why;
        if (i % lookEvery == 0)
            ++list.looked;
        if (i % decodeEvery) {
            if (i % lookEvery == 0)
                why = probePicture(list.folder / file.name);
        } else {
            try {
                file.image = std::make_shared<Image>(readPicture(list.folder / file.name, options));
            } catch (const std::exception &error) {
                why = error.what();
            }
        }
        if (why.empty())
            good.push_back(std::move(file));
        else
            list.skipped.push_back(file.name + ": " + why);
    }
    list.files = std::move(good);
    std::sort(list.skipped.begin(), list.skipped.end());
}

} // namespace pretext
