// Fashion-MNIST (Xiao et al. 2017): 60 000 + 10 000 grey images of clothes, 28 x 28, from the Debian package's IDX files.
#include "core/data/sources/idx.h"
#include "core/data/sources/memory.h"
#include "core/data/sources/source.h"
#include "core/files/said.h"

#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

const fs::path kFolder = "/usr/share/datasets/fashion-mnist";
const char *const kFiles[] = {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"};

const std::vector<std::string> kClasses = {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"};

bool available()
{
    for (const char *file : kFiles)
        if (!fs::is_regular_file(kFolder / file))
            return false;
    return true;
}

Samples readSplit(const fs::path &images, const fs::path &labels)
{
    for (const fs::path &path : {images, labels})
        if (!fs::is_regular_file(path))
            throw std::invalid_argument(
                "[fashion-mnist] "
                + said("%1 is absent; install the Debian package dataset-fashion-mnist (apt-get install dataset-fashion-mnist)", {path.string()}));
    IdxArray pixels = readIdx(images);
    const IdxArray classes = readIdx(labels);
    if (pixels.extents.size() != 3 || pixels.extents[1] != 28 || pixels.extents[2] != 28 || classes.extents != std::vector{pixels.extents[0]})
        throw std::invalid_argument("[fashion-mnist] "
                                    + said("%1 and %2 are not 28 x 28 images with a label each; reinstall the Debian package dataset-fashion-mnist",
                                           {images.string(), labels.filename().string()}));
    for (uint8_t value : classes.values)
        if (value >= kClasses.size())
            throw std::invalid_argument(
                "[fashion-mnist] "
                + said("%1 holds the label %2, expected 0 to 9; reinstall the Debian package dataset-fashion-mnist", {labels.string(), value}));
    return {pixels.extents[0], std::move(pixels.values), {{classes.values.begin(), classes.values.end()}}};
}

std::shared_ptr<const Dataset> open()
{
    return openFashionMnist(kFolder);
}

} // namespace

std::shared_ptr<const Dataset> openFashionMnist(const fs::path &folder)
{
    DatasetInfo info;
    info.name = "fashion-mnist";
    info.image = {28, 28, 1};
    info.columns = {{"label", kClasses}};
    Samples train = readSplit(folder / kFiles[0], folder / kFiles[1]), test = readSplit(folder / kFiles[2], folder / kFiles[3]);
    return std::make_shared<MemoryDataset>(std::move(info), std::move(train), std::move(test));
}

DatasetType fashionMnistSource()
{
    return {"fashion-mnist", PRETEXT_SAID("60 000 + 10 000 grey images of clothes, 28 x 28, 10 classes; Debian package dataset-fashion-mnist"), available,
            open};
}

} // namespace pretext
