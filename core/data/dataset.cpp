#include "core/data/dataset.h"

#include "core/data/sources/folderwalk.h"
#include "core/data/longtailed.h"
#include "core/data/sources/picture.h"
#include "core/data/sources/source.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <stdexcept>
#include <utility>

namespace pretext {

namespace fs = std::filesystem;

namespace {

const std::vector<PathSource> &pathSources()
{
    static const std::vector<PathSource> sources = {
#define PRETEXT_NAMED_SOURCE(source)
#define PRETEXT_PATH_SOURCE(source) source##Source(),
#include "core/data/sources/sources.def"
#undef PRETEXT_NAMED_SOURCE
#undef PRETEXT_PATH_SOURCE
    };
    return sources;
}

std::shared_ptr<const Dataset> openPath(const fs::path &path, const DatasetOptions &options)
{
    for (const PathSource &source : pathSources())
        if (source.recognises(path))
            return source.open(path, options);
    if (isPictureName(path))
        throw std::invalid_argument("[dataset] " + pretext::said("%1: is one picture; choose the folder that it lies in", {shownPath(path)}));
    throw NoDataset(shownPath(path));
}

std::string whatCanBeRead()
{
    return pretext::said(
        "a folder of images, a .zip or .tar of one, a NumPy array (.npy, .npz), an IDX file (such as train-images-idx3-ubyte.gz), a CIFAR "
        "binary file (such as data_batch_1.bin), a text file (.txt), a table of texts (.csv, .tsv), each plain or .gz, or a folder of .txt files");
}

[[noreturn]] void throwUnknown(const std::string &name)
{
    std::vector<std::string> names;
    std::string list;
    for (const DatasetType &type : datasetTypes()) {
        names.push_back(type.name);
        list += (list.empty() ? "" : ", ") + type.name;
    }
    const std::string nearest = nearestName(name, names);
    throw std::invalid_argument(
        "[dataset] "
        + (nearest.empty() ? said("'%1' is neither a data set (%2) nor an existing file or folder", {shownPath(name), list})
                           : said("'%1' is neither a data set (%2) nor an existing file or folder; did you mean '%3'?", {shownPath(name), list, nearest})));
}

std::shared_ptr<const Dataset> asAsked(std::shared_ptr<const Dataset> dataset, const DatasetOptions &options)
{
    return options.imbalance > 1 ? longTailed(std::move(dataset), options.imbalance) : dataset;
}

std::shared_ptr<const Dataset> openWhole(const std::string &nameOrPath, const DatasetOptions &options);

} // namespace

NoDataset::NoDataset(const std::string &shown)
    : std::invalid_argument("[dataset] " + pretext::said("%1: not a data set that can be read; choose %2", {shown, whatCanBeRead()}))
    , path(shown)
    , choices(whatCanBeRead())
{
}

bool hasClasses(const DatasetInfo &info)
{
    return !info.columns.empty() && !info.columns.front().classes.empty();
}

const std::vector<DatasetType> &datasetTypes()
{
    static const std::vector<DatasetType> types = {
#define PRETEXT_NAMED_SOURCE(source) source##Source(),
#define PRETEXT_PATH_SOURCE(source)
#include "core/data/sources/sources.def"
#undef PRETEXT_NAMED_SOURCE
#undef PRETEXT_PATH_SOURCE
    };
    return types;
}

std::shared_ptr<const Dataset> openDataset(const std::string &nameOrPath, const DatasetOptions &options)
{
    return asAsked(openWhole(nameOrPath, options), options);
}

namespace {

std::shared_ptr<const Dataset> openWhole(const std::string &nameOrPath, const DatasetOptions &options)
{
    for (const DatasetType &type : datasetTypes())
        if (type.name == nameOrPath)
            return type.open();
    std::error_code error;
    if (const fs::path shown = pathAsShown(nameOrPath); shown != nameOrPath && !fs::exists(nameOrPath, error) && fs::exists(shown, error))
        return openWhole(shown.string(), options);                        // a name that is not UTF-8, as it is shown
    const std::string file = nameOrPath.substr(0, nameOrPath.rfind('#')); // of "FILE.csv#COLUMN"
    if (fs::is_symlink(file, error) && !fs::exists(file, error))
        throw std::invalid_argument("[dataset] "
                                    + pretext::said("%1: a link that leads nowhere, or in a circle; choose what it should lead to", {shownPath(file)}));
    if (const std::string kind = whyNotRegular(file); !kind.empty() && !fs::is_directory(file, error))
        throw std::invalid_argument("[dataset] " + shownPath(file) + ": " + cannotBeReadAs(kind));
    if (fs::is_directory(file, error) && isMadeUp(file))
        throw std::invalid_argument("[dataset] "
                                    + pretext::said("%1: what the system makes up (/proc, /sys) is no data; choose a folder on a disk", {shownPath(file)}));
    if (nameOrPath.empty() || (!fs::exists(nameOrPath, error) && !fs::exists(file, error)))
        throwUnknown(nameOrPath);
    mostUnpacked(); // what is wrong with these bounds is said of them, not of the first file that is held against one
    mostFiles();
    try {
        return openPath(nameOrPath, options);
    } catch (const fs::filesystem_error &failure) {
        throw std::invalid_argument("[dataset] "
                                    + pretext::said("%1: %2; check the path and its permissions", {shownPath(nameOrPath), failure.code().message()}));
    }
}

} // namespace

std::shared_ptr<const Dataset> openDefaultDataset(const DatasetOptions &options)
{
    const DatasetType fashion = fashionMnistSource();
    if (fashion.available())
        return asAsked(fashion.open(), options);
    return asAsked(openShapes(pretext::said("Fashion-MNIST is not installed (Debian package dataset-fashion-mnist); using Shapes.")), options);
}

Image Dataset::image(Split, int64_t) const
{
    throw std::invalid_argument("[dataset] " + pretext::said("%1 holds %2; it has no images", {info().name, pretext::said(toText(info().modality))}));
}

Image Dataset::next(Split, int64_t) const
{
    throw std::invalid_argument("[dataset] " + info().name + " has no clips");
}

std::string Dataset::text(Split, int64_t) const
{
    throw std::invalid_argument("[dataset] " + pretext::said("%1 holds %2; it has no text", {info().name, pretext::said(toText(info().modality))}));
}

void checkIndex(const Dataset &dataset, Split split, int64_t index)
{
    if (index < 0 || index >= dataset.size(split))
        throw std::out_of_range("[dataset] " + dataset.info().name + " has " + std::to_string(dataset.size(split)) + " samples in this split, none "
                                + std::to_string(index));
}

} // namespace pretext
