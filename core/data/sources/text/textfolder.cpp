// A folder of .txt files: sub-folders are the labels, files the documents, which are held out as a whole.
#include "core/data/sources/division.h"
#include "core/data/sources/folderwalk.h"
#include "core/data/sources/picture.h"
#include "core/data/sources/source.h"
#include "core/data/sources/text/textdataset.h"
#include "core/data/sources/text/textreading.h"
#include "core/files/said.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kLargestFolder = uint64_t(4) << 30;
/// Of several files of one text, of one that can be read, and of one alone; %1: "one line in ten, chosen by its text, is held out."
constexpr const char *kOneText[3] = {
    PRETEXT_SAID("all files hold the same text, so %1"),
    PRETEXT_SAID("only one file can be read, so %1"),
    PRETEXT_SAID("there is only one file, so %1"),
};

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
        if (const std::string why = left ? whyNoEntry(*entry) : std::string(); left && !why.empty())
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
        column.classes.push_back(name.empty() ? "(no sub-folder)" : shownPath(name));
    }
    return column;
}

/// A file that could be read; `group` is of its name, or of the first file's of the same content.
struct Document
{
    std::string name;
    TextUnits units;
    uint64_t group = 0;
};

uint64_t contentOf(const TextUnits &units)
{
    uint64_t hash = 0;
    for (const std::string &text : units.texts)
        hash = hash * 1099511628211u + stableHash(text);
    return hash;
}

std::vector<std::string> textFilesIn(const fs::path &folder, std::vector<std::string> &left)
{
    std::vector<std::string> names;
    forEachFile(
        folder,
        [&](const fs::path &file) {
            if (isTextName(file))
                names.push_back(fs::relative(file, folder).generic_string());
            return true;
        },
        &left);
    std::sort(names.begin(), names.end());
    return names;
}

/// What is wrong with a file of the folder, without the folder's path and the reader's name before it: "a.txt: is empty".
std::string saidOfFile(const fs::path &folder, const std::string &name, const std::string &what)
{
    const std::string path = shownPath(folder / name) + ": ";
    const size_t at = what.find(path);
    return shownPath(name) + ": " + (at == std::string::npos ? what : what.substr(at + path.size()));
}

/// `skipped` has the links and pipes, too; the first file's line is what tells most.
std::string noneReadable(const std::vector<std::string> &names, const std::vector<std::string> &skipped)
{
    const auto first = std::find_if(skipped.begin(), skipped.end(),
                                    [&](const std::string &line) { return !names.empty() && line.starts_with(shownPath(names.front()) + ": "); });
    const std::string why = first == skipped.end() ? pretext::said("it is gone") : *first;
    return names.size() == 1 ? pretext::said("its one text file cannot be read: %1", {why})
                             : pretext::said("none of its %1 text files can be read; the first: %2", {names.size(), why});
}

std::vector<Document> readDocuments(const fs::path &folder, const std::vector<std::string> &names, std::vector<std::string> &skipped)
{
    std::vector<Document> documents;
    std::map<uint64_t, uint64_t> groups;
    const uint64_t most = raisedBound(kLargestFolder);
    uint64_t bytes = 0;
    for (const std::string &name : names) {
        try {
            const std::string text = readText(folder / name);
            bytes += text.size();
            TextUnits units = unitsOf(text);
            const uint64_t group = groups.emplace(contentOf(units), stableHash(name)).first->second;
            documents.push_back({name, std::move(units), group});
        } catch (const std::invalid_argument &error) {
            skipped.push_back(saidOfFile(folder, name, error.what()));
        }
        if (bytes > most)
            throw std::invalid_argument("[text] " + shownPath(folder) + ": "
                                        + pretext::said("its texts are more than %1 together; choose a part of them, or set a larger PRETEXT_MAX_BYTES in the "
                                                        "environment",
                                                        {bytesInWords(double(most))}));
    }
    if (documents.empty())
        throw std::invalid_argument("[text] " + shownPath(folder) + ": " + noneReadable(names, skipped));
    return documents;
}

bool holdOneText(const std::vector<Document> &documents)
{
    return std::all_of(documents.begin(), documents.end(), [&](const Document &document) { return document.group == documents.front().group; });
}

/// Whether each label has files that are held out and files that are not.
bool eachLabelOnBothSides(const std::vector<Document> &documents)
{
    std::map<std::string, std::array<int, 2>> sides;
    for (const Document &document : documents)
        ++sides[folderOf(document.name)][document.group % 10 == 0];
    return std::all_of(sides.begin(), sides.end(), [](const auto &label) { return label.second[0] > 0 && label.second[1] > 0; });
}

/// Files too few for their hashes to divide each label are divided by their labels, as images are; false where they are not.
bool divideByLabels(std::vector<Document> &documents, size_t labels)
{
    if (labels < 2 || labels == documents.size() || documents.size() >= kSmallSet || holdOneText(documents) || eachLabelOnBothSides(documents))
        return false;
    std::vector<std::string> folders;
    std::vector<uint64_t> groups;
    for (const Document &document : documents) {
        folders.push_back(folderOf(document.name));
        groups.push_back(document.group);
    }
    const std::vector<size_t> firsts = firstOfContent(groups);
    std::vector<Divisible> files;
    for (size_t i = 0; i < documents.size(); ++i)
        files.push_back({folders[i], stableHash(documents[i].name), firsts[i]});
    const Division division = divide(files);
    for (size_t i = 0; i < documents.size(); ++i)
        documents[i].group = groups[i] - groups[i] % 10 + (division.heldOut[i] ? 0 : 1);
    return true;
}

/// What is said of how they are divided, where they do not all hold one text.
std::string divisionInWords(const std::vector<Document> &documents, bool byLabels)
{
    if (byLabels)
        return pretext::said("at least one file in five of each label that has several, chosen by its path, is held out as a whole, since there are so few.");
    const auto chosen = std::count_if(documents.begin(), documents.end(), [](const Document &document) { return document.group % 10 == 0; });
    if (chosen > 0 && chosen < static_cast<ptrdiff_t>(documents.size()))
        return pretext::said("one file in ten, chosen by its path, is held out as a whole.");
    const Document &last = documents.back();
    const bool copied = std::any_of(documents.begin(), documents.end() - 1, [&](const Document &document) { return document.group == last.group; });
    return copied ? pretext::said("of so few files the last is held out as a whole, %1, with its copies.", {shownPath(last.name)})
                  : pretext::said("of so few files the last is held out as a whole, %1.", {shownPath(last.name)});
}

/// `labels`: of the folders' names, where there is more than one.
std::vector<TextSample> samplesOfFiles(const std::vector<Document> &documents, const std::map<std::string, int> &labels)
{
    std::vector<TextSample> samples;
    const bool byLine = holdOneText(documents); // else all would be on one side
    for (const Document &document : documents) {
        const std::vector<float> label = labels.size() > 1 ? std::vector{float(labels.at(folderOf(document.name)))} : std::vector<float>();
        for (const std::string &text : document.units.texts)
            for (std::string &part : cutText(text))
                samples.push_back({std::move(part), label, byLine ? stableHash(text) : document.group, shownPath(document.name)});
    }
    return samples;
}

std::shared_ptr<const Dataset> openTextFolder(const fs::path &path, const DatasetOptions &)
{
    DatasetInfo info;
    info.name = shownPath(path);
    const std::vector<std::string> names = textFilesIn(path, info.skipped);
    std::vector<Document> documents = readDocuments(path, names, info.skipped);
    std::map<std::string, int> labels;
    for (const Document &document : documents)
        labels.emplace(folderOf(document.name), 0);
    if (labels.size() > 1)
        info.columns = {nameFolders(labels)};
    const bool byLabels = divideByLabels(documents, labels.size());
    std::vector<TextSample> samples = samplesOfFiles(documents, labels);
    std::string divided;
    if (holdOneText(documents)) {
        divided = divideRows(samples, info.columns, documents.front().units.paragraphs ? RowKind::paragraph : RowKind::line, info.doubt);
        divided = pretext::said(kOneText[documents.size() > 1 ? 0 : names.size() > 1 ? 1 : 2], {divided});
    } else {
        divided = divisionInWords(documents, byLabels);
    }
    info.note = pretext::said("Lines (paragraphs, where empty lines divide a file) are the samples, cut where they are longer than %1 bytes; %2",
                              {kLongestSample, divided});
    if (labels.size() < 2)
        info.note += " " + pretext::said("No sub-folders that differ, so no labels.");
    return makeTextDataset(std::move(info), std::move(samples));
}

} // namespace

PathSource textFolderSource()
{
    return {recognisesTextFolder, openTextFolder};
}

} // namespace pretext
