// IDX files as a data set: images with the labels found beside them, train and test (t10k) likewise.
#include "core/data/sources/idx.h"

#include "core/data/sources/memory.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kLargestExtent = 4096; // of an image's side

bool contains(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

bool isIdxName(const std::string &name)
{
    return contains(name, "ubyte") || contains(name, "idx1") || contains(name, "idx3") || name.ends_with(".idx") || name.ends_with(".gz");
}

bool isImagesName(const std::string &name)
{
    return isIdxName(name) && !contains(name, "labels") && !contains(name, "idx1") && (contains(name, "images") || contains(name, "idx3"));
}

/// `path` with `from` replaced in its name, plain or gzip, where such a file exists.
std::optional<fs::path> sibling(const fs::path &path, std::vector<std::pair<std::string, std::string>> replacements)
{
    std::string name = path.filename().string();
    bool replaced = false;
    for (const auto &[from, to] : replacements) {
        if (const size_t at = name.rfind(from); at != std::string::npos) {
            name.replace(at, from.size(), to);
            replaced = true;
        }
    }
    if (!replaced)
        return {};
    const std::string other = name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name + ".gz";
    std::error_code none;
    for (const std::string &candidate : {name, other})
        if (const fs::path found = path.parent_path() / candidate; fs::is_regular_file(found, none))
            return found;
    return {};
}

/// The same file of the other split: train <-> t10k or test.
std::optional<fs::path> otherSplit(const fs::path &path, bool fromTrain)
{
    for (const char *test : {"t10k", "test"})
        if (const auto found = fromTrain ? sibling(path, {{"train", test}}) : sibling(path, {{test, "train"}}))
            return found;
    return {};
}

struct Images
{
    ImageShape shape;
    Samples samples;
};

Images readImages(const fs::path &path)
{
    IdxArray array = readIdx(path);
    const auto &extents = array.extents;
    if (extents.size() == 1)
        failIdx(path, said("holds labels (one axis), not images; choose the images file beside it"));
    if (extents.size() < 3 || (extents.size() == 4 && extents[3] != 1 && extents[3] != 3))
        failIdx(path, said("has %1 axes; images are N x H x W, or N x H x W x 3", {extents.size()}));
    if (extents[0] == 0)
        failIdx(path, said("holds no images"));
    if (extents[1] < 1 || extents[2] < 1 || extents[1] > kLargestExtent || extents[2] > kLargestExtent)
        failIdx(path, said("announces images of %1 x %2 pixels; sides from 1 to %3 can be read", {extents[1], extents[2], kLargestExtent}));
    Images images;
    images.shape = {int(extents[1]), int(extents[2]), extents.size() == 4 ? int(extents[3]) : 1};
    images.samples.count = extents[0];
    images.samples.pixels = std::move(array.values);
    return images;
}

/// Adds the labels beside an images file; false where there are none.
bool addLabels(const fs::path &imagesPath, Samples &samples)
{
    const auto path = sibling(imagesPath, {{"images", "labels"}, {"idx3", "idx1"}});
    if (!path)
        return false;
    const IdxArray array = readIdx(*path);
    if (array.extents.size() != 1)
        failIdx(*path, said("has %1 axes; labels have one", {array.extents.size()}));
    if (array.extents[0] != samples.count)
        failIdx(*path, said("holds %1 labels, but %2 holds %3 images; use the two files of one download",
                            {array.extents[0], imagesPath.filename().string(), samples.count}));
    samples.labels = {{array.values.begin(), array.values.end()}};
    return true;
}

/// The images file of a folder to begin with: the training one, else the first.
fs::path imagesIn(const fs::path &folder)
{
    std::vector<fs::path> candidates;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder))
        if (std::error_code circle; entry.is_regular_file(circle) && isImagesName(entry.path().filename().string()))
            candidates.push_back(entry.path());
    std::sort(candidates.begin(), candidates.end());
    const auto train = std::find_if(candidates.begin(), candidates.end(), [](const fs::path &path) { return contains(path.filename().string(), "train"); });
    return train != candidates.end() ? *train : candidates.empty() ? fs::path() : candidates.front();
}

LabelColumn digits(const Samples &train, const Samples &test)
{
    float largest = 0;
    for (const Samples *samples : {&train, &test})
        for (float label : samples->labels.at(0))
            largest = std::max(largest, label);
    LabelColumn column{"label", {}};
    for (int i = 0; i <= static_cast<int>(largest); ++i)
        column.classes.push_back(std::to_string(i));
    return column;
}

bool recognisesIdx(const fs::path &path)
{
    if (fs::is_directory(path))
        return !imagesIn(path).empty();
    return isIdxName(path.filename().string());
}

std::shared_ptr<const Dataset> openIdx(const fs::path &path, const DatasetOptions &)
{
    const fs::path first = fs::is_directory(path) ? imagesIn(path) : path;
    const bool isTrain = contains(first.filename().string(), "train");
    const std::optional<fs::path> second = otherSplit(first, isTrain);
    const fs::path trainPath = isTrain || !second ? first : *second;
    const std::optional<fs::path> testPath = isTrain || !second ? second : first;

    Images train = readImages(trainPath);
    DatasetInfo info;
    info.name = shownPath(path);
    info.image = train.shape;
    const bool labelled = addLabels(trainPath, train.samples);
    Samples test;
    if (testPath) {
        Images images = readImages(*testPath);
        if (images.shape != train.shape)
            failIdx(*testPath, pretext::said("its images are %1 x %2, those of %3 %4 x %5",
                                             {images.shape.height, images.shape.width, trainPath.filename().string(), train.shape.height, train.shape.width}));
        if (addLabels(*testPath, images.samples) != labelled)
            failIdx(labelled ? *testPath : trainPath, pretext::said("has no labels file beside it, but the other split has; add it or remove the other"));
        test = std::move(images.samples);
    } else {
        HeldOut heldOut = takeHeldOut(train.samples, train.shape);
        test = std::move(heldOut.samples);
        info.note = pretext::said("No test file beside %1; %2", {trainPath.filename().string(), heldOut.note});
        info.doubt = heldOut.doubt;
    }
    if (labelled)
        info.columns = {digits(train.samples, test)};
    else
        info.note += (info.note.empty() ? "" : " ") + pretext::said("No labels file beside it.");
    return std::make_shared<MemoryDataset>(std::move(info), std::move(train.samples), std::move(test));
}

} // namespace

PathSource idxSource()
{
    return {recognisesIdx, openIdx};
}

} // namespace pretext
