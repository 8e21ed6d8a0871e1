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
    std::vector<fs::path> entries;
    fs::directory_iterator it(folder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error))
        entries.push_back(it->path());
    if (error)
        list.skipped.push_back((prefix.empty() ? "." : prefix) + ": " + error.message());
    within.push_back(real);
    for (const fs::path &path : entries) {
        const std::string base = path.filename().string(), name = prefix + base;
        if (base.starts_with('.') || base == "__MACOSX")
            continue;
        if (fs::is_directory(path, error)) {
            walk(path, name + "/", within, list);
        } else if (isPictureName(path)) {
            if (fs::is_regular_file(path, error)) {
                const uintmax_t bytes = fs::file_size(path, error);
                list.files.push_back({name, {}, path, error ? 0 : bytes, nullptr});
            } else {
                list.skipped.push_back(name + ": not a file, or a link that leads nowhere");
            }
        }
    }
    within.pop_back();
}

} // namespace

PictureList listPictures(const fs::path &folder)
{
    PictureList list;
    std::vector<fs::path> within;
    walk(folder, "", within, list);
    std::sort(list.files.begin(), list.files.end(), [](const PictureFile &a, const PictureFile &b) { return a.name < b.name; });
    return list;
}

void checkPictures(PictureList &list, const DatasetOptions &options)
{
    uintmax_t total = 0;
    for (const PictureFile &file : list.files)
        total += file.bytes;
    const size_t every = static_cast<size_t>(total / kCheckedBytes) + 1;
    std::vector<PictureFile> good;
    for (size_t i = 0; i < list.files.size(); ++i) {
        PictureFile &file = list.files[i];
        std::string why;
        if (i % every) {
            why = probePicture(file.path);
        } else {
            try {
                file.image = std::make_shared<Image>(readPicture(file.path, options));
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
