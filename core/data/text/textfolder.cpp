// A folder of .txt files: sub-folders are the labels, files the documents, which are held out as a whole.
#include "core/data/counted.h"
#include "core/data/sources/folderwalk.h"
#include "core/data/sources/picture.h"
#include "core/data/sources/source.h"
#include "core/data/text/textdataset.h"
#include "core/data/text/textreading.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kLargestFolder = uint64_t(4) << 30;

bool isTextName(const fs::path &path)
{
    const std::string extension = textExtension(path);
    return extension == ".txt" || extension == ".text";
}

/// Every regular file below `folder` that is not hidden, until `use` says false. What is neither file nor folder is named in `left`.
template<typename Use>
void forEachFile(const fs::path &folder, const Use &use, std::vector<std::string> *left = nullptr)
{
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end;
    WalkBound bound(folder);
    for (; !error && entry != end; entry.increment(error)) {
        bound.meet();
        if (entry->path().filename().string().starts_with(".")) {
            entry.disable_recursion_pending();
            continue;
        }
        std::error_code ignored;
        if (entry->is_regular_file(ignored) && !use(entry->path()))
            return;
        if (const std::string why = left ? whyNoEntry(*entry) : ""; !why.empty())
            left->push_back(shownPath(entry->path().lexically_relative(folder)) + ": " + why);
    }
}

/// One that holds texts and no images.
bool recognisesTextFolder(const fs::path &path)
{
    if (!fs::is_directory(path))
        return false;
    bool text = false, picture = false;
    forEachFile(path, [&](const fs::path &file) {
        text = text || isTextName(file);
        picture = picture || isPictureName(file);
        return !picture;
    });
    return text && !picture;
}

uint64_t hashOf(const TextUnits &units)
{
    uint64_t hash = 0;
    for (const std::string &text : units.texts)
        hash = hash * 1099511628211u + stableHash(text);
    return hash;
}

std::string folderOf(const std::string &name)
{
    const size_t end = name.find('/');
    return end == std::string::npos ? std::string() : name.substr(0, end);
}

/// Numbers the labels in their order; none where all files are in one place.
LabelColumn nameFolders(std::map<std::string, int> &labels)
{
    LabelColumn column{"label", {}};
    for (auto &[name, index] : labels) {
        index = static_cast<int>(column.classes.size());
        column.classes.push_back(name.empty() ? "(no sub-folder)" : name);
    }
    return column;
}

std::shared_ptr<const Dataset> openTextFolder(const fs::path &path, const DatasetOptions &)
{
    DatasetInfo info;
    std::vector<std::string> names;
    forEachFile(path, [&](const fs::path &file) {
        if (isTextName(file))
            names.push_back(fs::relative(file, path).generic_string());
        return true;
    }, &info.skipped);
    std::sort(names.begin(), names.end());

    info.name = shownPath(path);
    std::map<std::string, int> labels;
    std::vector<std::pair<std::string, TextUnits>> documents;
    const uint64_t most = raisedBound(kLargestFolder);
    uint64_t bytes = 0;
    for (const std::string &name : names) {
        try {
            const std::string text = readText(path / name);
            bytes += text.size();
            documents.emplace_back(name, unitsOf(text));
            labels.emplace(folderOf(name), 0);
        } catch (const std::invalid_argument &error) {
            info.skipped.push_back(shownPath(name) + ": " + error.what());
        }
        if (bytes > most)
            throw std::invalid_argument("[text] " + shownPath(path) + ": its texts are more than " + bytesInWords(double(most)) + " together; choose a part of them, or set"
                                        " a larger PRETEXT_MAX_BYTES in the environment");
    }
    if (documents.empty())
        throw std::invalid_argument("[text] " + shownPath(path) + ": none of its " + counted(int64_t(names.size()), "text file") + " can be read; the first: "
                                    + info.skipped.front());
    const bool labelled = labels.size() > 1;
    if (labelled)
        info.columns = {nameFolders(labels)};
    std::vector<TextSample> samples;
    std::map<uint64_t, uint64_t> groups; // by what is in it: copies of a document stay with the first
    for (const auto &[name, units] : documents) {
        const uint64_t group = groups.emplace(hashOf(units), stableHash(name)).first->second;
        for (const std::string &text : units.texts)
            for (std::string &part : cutText(text))
                samples.push_back({std::move(part), labelled ? std::vector{float(labels.at(folderOf(name)))} : std::vector<float>(), group, shownPath(name)});
    }
    info.note = "Lines (paragraphs, where empty lines divide a file) are the samples, cut where they are longer than "
                + std::to_string(kLongestSample) + " bytes; one file in ten, chosen by its path, is held out as a whole.";
    if (!labelled)
        info.note += " No sub-folders that differ, so no labels.";
    if (!info.skipped.empty())
        info.note += " " + counted(int64_t(info.skipped.size()), "file") + (info.skipped.size() == 1 ? " was" : " were") + " skipped.";
    return makeTextDataset(std::move(info), std::move(samples));
}

} // namespace

PathSource textFolderSource()
{
    return {recognisesTextFolder, openTextFolder};
}

} // namespace pretext
