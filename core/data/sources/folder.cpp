// A folder of images as a data set: its sub-folders are the labels, train/ and test/ the splits where they are there. Images are
// decoded when asked for and kept, resized, while they fit into a bounded cache.
#include "core/data/sources/folder.h"

#include "core/data/fingerprint.h"
#include "core/data/sources/copies.h"
#include "core/data/sources/division.h"
#include "core/data/sources/picture.h"
#include "core/data/sources/picturelist.h"
#include "core/data/sources/folderwalk.h"
#include "core/data/sources/source.h"
#include "core/data/sources/text/textdataset.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kCacheBytes = size_t(256) << 20;
/// Of one image and of several.
constexpr const char *kCutToLittle[2] = {
    PRETEXT_SAID(
        "Of %1 image the central square is less than a fifth, since a side is more than five times the other: %2; cut it into pieces, or leave it out."),
    PRETEXT_SAID(
        "Of %1 images the central square is less than a fifth, since a side is more than five times the other: %2; cut them into pieces, or leave them out."),
};
constexpr const char *kNothing = PRETEXT_SAID("holds no images (PNG, JPEG, WebP, BMP, TIFF, PNM, HEIC, AVIF) and no texts (.txt); choose a folder of images, "
                                              "in sub-folders named after their labels where there are any");
/// Where other files are there, one and several; with a table of texts among them, and without.
constexpr const char *kOthers[2] = {
    PRETEXT_SAID("holds no images (PNG, JPEG, WebP, BMP, TIFF, PNM, HEIC, AVIF) and no texts (.txt), but %1 other file: %2; rename texts to .txt, or choose a "
                 "folder of images, in sub-folders named after their labels where there are any"),
    PRETEXT_SAID("holds no images (PNG, JPEG, WebP, BMP, TIFF, PNM, HEIC, AVIF) and no texts (.txt), but %1 other files: %2; rename texts to .txt, or choose a "
                 "folder of images, in sub-folders named after their labels where there are any"),
};
constexpr const char *kOthersWithTable[2] = {
    PRETEXT_SAID("holds no images (PNG, JPEG, WebP, BMP, TIFF, PNM, HEIC, AVIF) and no texts (.txt), but %1 other file: %2; give a table itself, %3, rename "
                 "texts to .txt, or choose a folder of images, in sub-folders named after their labels where there are any"),
    PRETEXT_SAID("holds no images (PNG, JPEG, WebP, BMP, TIFF, PNM, HEIC, AVIF) and no texts (.txt), but %1 other files: %2; give a table itself, %3, rename "
                 "texts to .txt, or choose a folder of images, in sub-folders named after their labels where there are any"),
};
using File = PictureFile;

/// The first folder of a name; empty where it has none.
std::string_view firstFolder(std::string_view name)
{
    const size_t end = name.find('/');
    return end == std::string_view::npos ? std::string_view() : name.substr(0, end);
}

bool isTrain(const File &file)
{
    return firstFolder(file.name) == "train";
}

bool isTest(const File &file)
{
    const std::string_view folder = firstFolder(file.name);
    return folder == "test" || folder == "val" || folder == "valid" || folder == "validation";
}

/// Within it, in order; hidden ones are none.
std::vector<std::string> filesBelow(const fs::path &folder)
{
    std::vector<std::string> names;
    WalkBound bound(folder);
    std::error_code error;
    for (fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error), end; !error && entry != end;
         entry.increment(error)) {
        bound.meet();
        std::error_code none;
        if (entry->path().filename().string().starts_with('.'))
            entry.disable_recursion_pending();
        else if (entry->is_regular_file(none))
            names.push_back(entry->path().lexically_relative(folder).string());
    }
    std::ranges::sort(names);
    return names;
}

/// Of a folder without any image: what else it holds, and what can be made of that.
std::string whyNoPictures(const fs::path &folder)
{
    const std::vector<std::string> names = filesBelow(folder);
    if (names.empty())
        return pretext::said(kNothing);
    std::string some;
    for (size_t i = 0; i < std::min<size_t>(names.size(), 3); ++i)
        some += (i ? ", " : "") + shownPath(names[i]);
    some += names.size() > 3 ? " ..." : "";
    const auto table = std::ranges::find_if(names, [&](const std::string &name) { return isTextTable(folder / name); });
    if (table == names.end())
        return pretext::said(kOthers[names.size() > 1], {names.size(), some});
    return pretext::said(kOthersWithTable[names.size() > 1], {names.size(), some, shownPath(folder / *table)});
}

class Folder : public Dataset, public Resizable
{
public:
    Folder(const fs::path &path, const DatasetOptions &options);

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return static_cast<int64_t>(samples(split).size()); }
    Image image(Split split, int64_t index) const override;
    float label(Split split, int64_t index, int column) const override;
    std::string caption(Split split, int64_t index) const override;
    std::string fingerprint() const override;
    bool isResized() const override { return true; }

private:
    const std::vector<File> &samples(Split split) const { return split == Split::train ? m_train : m_test; }
    void divide(const PictureList &list);
    void divideByFolders(const std::vector<File> &files, const std::vector<size_t> &firsts);
    void divideByContent(const std::vector<File> &files, const std::vector<size_t> &firsts);
    void nameLabels();
    void describe(const PictureList &listing);

    fs::path m_path;
    DatasetOptions m_options;
    DatasetInfo m_info;
    std::vector<char> m_text; // that the names of the files point into
    std::vector<File> m_train, m_test;
    std::map<std::string_view, int> m_labels;

    mutable std::mutex m_mutex; // of what follows; any thread may ask for images
    mutable PictureCache m_cache;
    mutable std::map<const File *, std::string> m_failures; // met after opening
    mutable size_t m_cachedBytes = 0;
};

Folder::Folder(const fs::path &path, const DatasetOptions &options) : m_path(path), m_options(options)
{
    m_info.name = shownPath(path);
    m_info.image = {options.size, options.size, options.colour ? 3 : 1};
    if (options.size < 4 || options.size > 1024)
        throw std::invalid_argument("[folder] " + pretext::said("images cannot be resized to %1 pixels; choose a side from 4 to 1024", {options.size}));

    PictureList listing = listPictures(path);
    const size_t found = listing.files.size() + listing.skipped.size();
    checkPictures(listing, options);
    if (found == 0)
        throw std::invalid_argument("[folder] " + shownPath(path) + ": " + whyNoPictures(path));
    if (listing.files.empty())
        throw std::invalid_argument("[folder] " + shownPath(path) + ": "
                                    + (found == 1 ? pretext::said("its one image cannot be read: %1", {listing.skipped.front()})
                                                  : pretext::said("none of its %1 images can be read; the first: %2", {found, listing.skipped.front()})));
    m_info.skipped = std::move(listing.skipped);
    m_text = std::move(listing.text);
    divide(listing);
    nameLabels();
    describe(listing);
    m_cache = std::move(listing.decoded);
    for (const auto &[name, image] : m_cache)
        m_cachedBytes += image->pixels.size();
    // As many as may be decoded while the user waits.
    const int64_t share = static_cast<int64_t>(double(size(Split::train)) * double(kCheckedBytes) / double(std::max<uintmax_t>(listing.bytes, 1)));
    measurePixels(*this, std::clamp<int64_t>(share, 32, 2000), m_info);
}

void Folder::divide(const PictureList &list)
{
    const std::vector<File> &listed = list.files;
    const bool trainFolder = std::any_of(listed.begin(), listed.end(), isTrain), testFolder = trainFolder && std::any_of(listed.begin(), listed.end(), isTest);
    std::vector<File> files;
    for (File file : listed) {
        if (trainFolder && !isTrain(file) && !isTest(file)) {
            m_info.skipped.push_back(shownPath(file.name) + ": " + pretext::said("in neither train/ nor test/"));
            continue;
        }
        // The label is the first folder, below train/ or test/ where these are there.
        file.label = firstFolder(trainFolder ? file.name.substr(file.name.find('/') + 1) : file.name);
        files.push_back(file);
    }
    const Copies copies = findCopies(m_path, files, list.decoded);
    testFolder ? divideByFolders(files, copies.firsts) : divideByContent(files, copies.firsts);
    if (!copies.notCompared.empty())
        m_info.note += ' ' + copies.notCompared;
}

/// What is where it is stays there; copies across are told.
void Folder::divideByFolders(const std::vector<File> &files, const std::vector<size_t> &firsts)
{
    std::vector<bool> trained(files.size()); // by the first of a content
    for (size_t i = 0; i < files.size(); ++i)
        if (!isTest(files[i]))
            trained[firsts[i]] = true;
    int64_t across = 0;
    for (size_t i = 0; i < files.size(); ++i) {
        (isTest(files[i]) ? m_test : m_train).push_back(files[i]);
        across += isTest(files[i]) && trained[firsts[i]];
    }
    m_info.note = pretext::said("Split by the folders train and test.");
    if (across > 0)
        m_info.note += " "
                       + (across == 1 ? pretext::said("%1 held-out image is a copy of one to train on.", {across})
                                      : pretext::said("%1 held-out images are copies of some to train on.", {across}));
}

void Folder::divideByContent(const std::vector<File> &files, const std::vector<size_t> &firsts)
{
    std::vector<Divisible> samples;
    for (size_t i = 0; i < files.size(); ++i)
        samples.push_back({files[i].label, stableHash(files[i].name), firsts[i]});
    const Division division = pretext::divide(samples);
    for (size_t i = 0; i < files.size(); ++i)
        (division.heldOut[i] ? m_test : m_train).push_back(files[i]);
    m_info.note = inWords(division, copiesIn(firsts));
    m_info.doubt = doubtIn(division);
}

void Folder::nameLabels()
{
    for (const std::vector<File> *files : {&m_train, &m_test})
        for (size_t i = 0; i < files->size(); ++i)
            if (i == 0 || (*files)[i].label != (*files)[i - 1].label) // a million files by name are a few runs of one label
                m_labels.emplace((*files)[i].label, 0);
    if (m_labels.size() == 1 && m_labels.begin()->first.empty()) {
        m_labels.clear();
        m_info.note += " " + pretext::said("No sub-folders, so no labels.");
        return;
    }
    LabelColumn column{"label", {}};
    for (auto &[name, index] : m_labels) {
        index = static_cast<int>(column.classes.size());
        column.classes.emplace_back(name.empty() ? "(no sub-folder)" : shownPath(name));
    }
    if (m_labels.size() == 1)
        m_info.note +=
            " " + pretext::said("All images have the one label '%1', so there is nothing for kNN and probe to tell apart.", {column.classes.front()});
    m_info.columns = {column};
}

void Folder::describe(const PictureList &listing)
{
    m_info.note +=
        " "
        + (m_options.colour ? pretext::said("Each image's central square is resized to %1 x %1; transparent pixels show white.", {m_options.size})
                            : pretext::said("Each image's central square is resized to %1 x %1 in grey; transparent pixels show white.", {m_options.size}));
    const size_t looked = listing.looked;
    if (looked < m_train.size() + m_test.size())
        m_info.note += " " + pretext::said("Only %1 images were looked at yet; damage in others is shown in their place when they are met.", {looked});
    if (const size_t cut = listing.cut.size(); cut > 0)
        m_info.note +=
            " " + pretext::said(kCutToLittle[cut > 1], {cut, listing.cut.front() + (cut > 1 ? ", " + listing.cut[1] : "") + (cut > 2 ? " ..." : "")});
}

Image Folder::image(Split split, int64_t index) const
{
    checkIndex(*this, split, index);
    const File &file = samples(split)[index];
    {
        std::lock_guard lock(m_mutex);
        if (const auto found = m_cache.find(file.name); found != m_cache.end())
            return *found->second;
    }
    std::shared_ptr<const Image> image;
    std::string why;
    try {
        image = std::make_shared<Image>(readPicture(m_path / file.name, m_options));
    } catch (const std::exception &error) {
        // The order of the samples is fixed by now: the damage is shown in its place, and its caption says why.
        image = std::make_shared<Image>(brokenPicture(m_options));
        why = error.what();
    }
    std::lock_guard lock(m_mutex);
    if (!why.empty())
        m_failures.emplace(&file, why);
    // A permutation visits every image once an epoch, so replacing one by another would gain nothing: what fits first stays.
    if (m_cachedBytes + image->pixels.size() <= kCacheBytes && m_cache.emplace(file.name, image).second)
        m_cachedBytes += image->pixels.size();
    return *image;
}

float Folder::label(Split split, int64_t index, int column) const
{
    checkIndex(*this, split, index);
    if (column < 0 || column >= static_cast<int>(m_info.columns.size()))
        throw std::out_of_range("[folder] " + m_info.name + " has no label column " + std::to_string(column));
    return static_cast<float>(m_labels.at(samples(split)[index].label));
}

std::string Folder::caption(Split split, int64_t index) const
{
    checkIndex(*this, split, index);
    const File &file = samples(split)[index];
    std::lock_guard lock(m_mutex);
    const auto failure = m_failures.find(&file);
    return failure == m_failures.end() ? shownPath(file.name) : pretext::said("%1 could not be read: %2", {shownPath(file.name), failure->second});
}

/// The first bytes of a file; none of what is gone, or no file any more.
std::string headOf(const fs::path &path, uint64_t most)
{
    try {
        RegularFile file(path);
        std::string head(static_cast<size_t>(std::min(most, file.size())), '\0');
        return file.read(head.data(), head.size()) ? head : std::string();
    } catch (const std::invalid_argument &) {
        return {};
    }
}

/// All names, the sizes of at most some ten thousand files, and of some hundred the first bytes.
std::string Folder::fingerprint() const
{
    constexpr size_t kSizes = 20000, kHeads = 200, kHeadBytes = 4096;
    Fingerprint print;
    for (const std::vector<File> *files : {&m_train, &m_test})
        for (size_t i = 0; i < files->size(); ++i) {
            const File &file = (*files)[i];
            print.add(file.name);
            std::error_code none;
            if (i % (files->size() / kSizes + 1) == 0)
                print.add(static_cast<int64_t>(fs::file_size(m_path / file.name, none)));
            if (i % (files->size() / kHeads + 1) == 0) {
                print.add(headOf(m_path / file.name, kHeadBytes));
            }
        }
    return print.text();
}

bool recognisesFolder(const fs::path &path)
{
    return fs::is_directory(path);
}

std::shared_ptr<const Dataset> openFolder(const fs::path &path, const DatasetOptions &options)
{
    return std::make_shared<Folder>(path, options);
}

} // namespace

bool isResized(const Dataset &dataset)
{
    const auto *resizable = dynamic_cast<const Resizable *>(&dataset);
    return resizable && resizable->isResized();
}

PathSource folderSource()
{
    return {recognisesFolder, openFolder};
}

} // namespace pretext
