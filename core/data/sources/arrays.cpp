// Images as NumPy keeps them: an .npy with its labels beside it, or an .npz that holds both, and both splits where they are there.
#include "core/data/sources/arrayfile.h"
#include "core/data/sources/memory.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kLargestArraySide = 4096;
constexpr size_t kMostArrayClasses = 1000;

/// What an .npz calls its arrays: images and labels to train on, and to test on.
struct ArrayNames
{
    const char *images, *labels, *testImages, *testLabels;
};
constexpr ArrayNames kArrayNames[] = {
    {"x_train", "y_train", "x_test", "y_test"}, // Keras' MNIST and CIFAR
    {"X_train", "y_train", "X_test", "y_test"},
    {"train_images", "train_labels", "test_images", "test_labels"}, // MedMNIST
    {"images", "labels", "test_images", "test_labels"},
    {"images", "target", "", ""}, // scikit-learn's digits
    {"images", "y", "", ""},
    {"x", "y", "", ""},
    {"X", "y", "", ""},
    {"X", "Y", "", ""},
    {"data", "labels", "", ""},
    {"data", "target", "", ""},
    {"arr_0", "arr_1", "", ""},
};

struct ArraySplit
{
    fs::path imagesPath, labelsPath;
    std::optional<NumpyArray> images, labels;
};

std::string shortNumber(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

void checkImages(const NumpyArray &array, const fs::path &path)
{
    const std::vector<int64_t> &shape = array.shape;
    const bool planes = shape.size() == 4 && (shape[1] == 1 || shape[1] == 3) && shape[3] != 1 && shape[3] != 3;
    if ((shape.size() != 3 && shape.size() != 4) || (shape.size() == 4 && shape[3] != 1 && shape[3] != 3)) {
        const char *why = PRETEXT_SAID("holds %1; images are N x H x W, or N x H x W x C with C = 1 or 3");
        if (planes)
            why = PRETEXT_SAID("holds %1; images are N x H x W, or N x H x W x C with C = 1 or 3: save it as x.transpose(0, 2, 3, 1)");
        else if (shape.size() == 2)
            why = PRETEXT_SAID("holds %1; images are N x H x W, or N x H x W x C with C = 1 or 3: save it as x.reshape(N, H, W)");
        failArray(path, said(why, {array.describe()}));
    }
    if (array.type != "u1" && array.type[0] != 'f')
        failArray(path,
                  said("holds %1; images are uint8, or float32 or float64 between 0 and 1 or 0 and 255: save it as x.astype('uint8')", {array.describe()}));
    if (shape[0] < 1 || shape[1] < 1 || shape[2] < 1 || shape[1] > kLargestArraySide || shape[2] > kLargestArraySide)
        failArray(path, said("holds %1; at least one image is needed, with sides from 1 to %2", {array.describe(), kLargestArraySide}));
}

/// Bytes as they are; floats from [0, 1] or [0, 255], whichever they fill.
std::vector<uint8_t> pixelsOf(NumpyArray &array, const fs::path &path)
{
    if (array.type == "u1")
        return std::move(array.bytes);
    double least = 0, most = 0;
    const int64_t count = array.count();
    for (int64_t i = 0; i < count; ++i) {
        const double value = array.value(i);
        if (!std::isfinite(value))
            failArray(path,
                      pretext::said("holds a value that is not finite, in image %1; images are between 0 and 1 or 0 and 255", {i / (count / array.shape[0])}));
        least = std::min(least, value);
        most = std::max(most, value);
    }
    if (least < 0 || most > 255)
        failArray(path, pretext::said("holds values from %1 to %2; images are between 0 and 1 or 0 and 255", {shortNumber(least), shortNumber(most)}));
    std::vector<uint8_t> pixels;
    pixels.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i)
        pixels.push_back(static_cast<uint8_t>(std::lround(array.value(i) * (most <= 1 ? 255 : 1))));
    return pixels;
}

std::vector<float> labelsOf(const NumpyArray &array, const fs::path &path, int64_t images)
{
    const bool flat = array.shape.size() == 1 || (array.shape.size() == 2 && array.shape[1] == 1);
    if (!flat || array.shape[0] != images)
        failArray(path, array.shape.size() == 2 ? pretext::said("holds %1; labels are one number for each of the %2 images: save one-hot rows as y.argmax(1)",
                                                                {array.describe(), images})
                                                : pretext::said("holds %1; labels are one number for each of the %2 images", {array.describe(), images}));
    std::vector<float> labels;
    for (int64_t i = 0; i < images; ++i) {
        const double value = array.value(i);
        if (!std::isfinite(value) || std::abs(value) > 1e7)
            failArray(path, pretext::said("label %1 is not finite, or too large to be one", {i}));
        labels.push_back(static_cast<float>(value));
    }
    return labels;
}

/// Few different whole numbers are classes, named by the number; anything else is a continuous factor.
LabelColumn nameArrayLabels(std::vector<std::vector<float> *> columns)
{
    std::set<float> values;
    bool whole = true;
    for (const std::vector<float> *labels : columns)
        for (float label : *labels) {
            values.insert(label);
            whole = whole && label == std::floor(label);
        }
    LabelColumn column{"label", {}};
    if (!whole || values.size() > kMostArrayClasses)
        return column;
    if (*values.begin() >= 0 && *values.rbegin() < float(kMostArrayClasses)) // a class that is absent keeps its number
        for (int i = 0; i < int(*values.rbegin()); ++i)
            values.insert(float(i));
    for (float value : values)
        column.classes.push_back(std::to_string(int(value)));
    for (std::vector<float> *labels : columns)
        for (float &label : *labels)
            label = static_cast<float>(std::distance(values.begin(), values.find(label)));
    return column;
}

Samples samplesOf(ArraySplit &split, ImageShape &shape)
{
    NumpyArray &images = *split.images;
    checkImages(images, split.imagesPath);
    shape = {int(images.shape[1]), int(images.shape[2]), images.shape.size() == 4 ? int(images.shape[3]) : 1};
    Samples samples{images.shape[0], pixelsOf(images, split.imagesPath), {}};
    if (split.labels)
        samples.labels = {labelsOf(*split.labels, split.labelsPath, samples.count)};
    return samples;
}

std::shared_ptr<const Dataset> datasetOf(const fs::path &path, ArraySplit train, ArraySplit test)
{
    DatasetInfo info;
    info.name = shownPath(path);
    Samples trained = samplesOf(train, info.image), tested;
    if (test.images) {
        ImageShape shape;
        tested = samplesOf(test, shape);
        if (shape != info.image)
            failArray(test.imagesPath,
                      pretext::said("holds %1, but %2 holds %3", {test.images->describe(), shownPath(train.imagesPath.filename()), train.images->describe()}));
        if (tested.labels.size() != trained.labels.size())
            failArray(path, pretext::said("has labels for one split only; add the others or leave these out"));
    } else {
        HeldOut heldOut = takeHeldOut(trained, info.image);
        tested = std::move(heldOut.samples);
        info.note = pretext::said("No test images with it; %1", {heldOut.note});
        info.doubt = heldOut.doubt;
    }
    if (trained.labels.empty())
        info.note += (info.note.empty() ? "" : " ") + pretext::said("No labels with it.");
    else
        info.columns = {nameArrayLabels({&trained.labels[0], &tested.labels[0]})};
    return std::make_shared<MemoryDataset>(std::move(info), std::move(trained), std::move(tested));
}

std::shared_ptr<const Dataset> openNpz(const fs::path &path)
{
    std::map<std::string, NumpyArray> arrays = readNpz(path);
    const auto take = [&](const char *images, const char *labels) {
        ArraySplit split{path / images, path / labels, {}, {}};
        if (const auto found = arrays.find(images); found != arrays.end())
            split.images = std::move(found->second);
        if (const auto found = arrays.find(labels); split.images && found != arrays.end())
            split.labels = std::move(found->second);
        return split;
    };
    for (bool labelled : {true, false})
        for (const ArrayNames &names : kArrayNames) {
            const auto found = arrays.find(names.images);
            if (found == arrays.end() || found->second.shape.size() < 3 || (labelled && !arrays.contains(names.labels)))
                continue;
            ArraySplit train = take(names.images, names.labels);
            return datasetOf(path, std::move(train), take(names.testImages, names.testLabels));
        }
    std::string held;
    for (const auto &[name, array] : arrays)
        held += (held.empty() ? "" : ", ") + shownPath(name) + " (" + array.describe() + ")";
    failArray(path, pretext::said("holds %1; images of N x H x W or N x H x W x C are looked for as x_train (with y_train, x_test, y_test), train_images (with "
                                  "train_labels ...), images, x or data (with labels, y or target)",
                                  {held.empty() ? pretext::said("no arrays") : held}));
}

/// The file beside it whose name has `to` for `from`.
fs::path besideArray(const fs::path &path, const std::string &from, const std::string &to)
{
    std::string name = path.filename().string();
    const size_t at = name.rfind(from);
    std::error_code none;
    if (at == std::string::npos)
        return {};
    const fs::path found = path.parent_path() / name.replace(at, from.size(), to);
    return fs::is_regular_file(found, none) ? found : fs::path();
}

fs::path labelsBeside(const fs::path &path)
{
    static const std::pair<const char *, const char *> kBeside[] = {{".npy", ".labels.npy"},
                                                                    {".npy", "_labels.npy"},
                                                                    {".npy", "-labels.npy"},
                                                                    {"images", "labels"},
                                                                    {"x_", "y_"},
                                                                    {"X_", "y_"},
                                                                    {"_x", "_y"},
                                                                    {"_X", "_y"}};
    for (const auto &[from, to] : kBeside)
        if (const fs::path found = besideArray(path, from, to); !found.empty())
            return found;
    return {};
}

ArraySplit splitOf(const fs::path &path)
{
    ArraySplit split{path, labelsBeside(path), {}, {}};
    if (path.empty())
        return split;
    split.images = readNpy(path);
    if (!split.labelsPath.empty())
        split.labels = readNpy(split.labelsPath);
    return split;
}

std::shared_ptr<const Dataset> openArrays(const fs::path &path, const DatasetOptions &)
{
    if (path.extension() == ".npz")
        return openNpz(path);
    const fs::path train = besideArray(path, "test", "train"), test = besideArray(path, "train", "test");
    return datasetOf(path, splitOf(train.empty() ? path : train), splitOf(train.empty() ? test : path));
}

bool recognisesArrays(const fs::path &path)
{
    std::error_code error;
    return (path.extension() == ".npy" || path.extension() == ".npz") && fs::is_regular_file(path, error);
}

} // namespace

PathSource arraysSource()
{
    return {recognisesArrays, openArrays};
}

} // namespace pretext
