// A data set: samples by index, images or texts, and what is known of them. Labels serve colours and probes; only a method that declares it trains on them.
#pragma once

#include "core/data/image.h"
#include "core/data/modality.h"
#include "core/knobs/knob.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace pretext {

enum class Split { train, test };

/// One label column. Classes index `classes`; a continuous factor has no classes and is scored by R2.
struct LabelColumn
{
    std::string name;                 // "label", "colour", "rotation"
    std::vector<std::string> classes; // empty: continuous
};

struct DatasetInfo
{
    std::string name; // "fashion-mnist", "shapes", or the path
    Modality modality = Modality::image;
    ImageShape image;                                     // of images
    std::string tokenizer;                                // of text: the kind that suits it best, "unigram", "character" ...
    int vocabulary = 0;                                   // and how large; 0: the tokenizer knob's default
    std::vector<std::pair<std::string, KnobValue>> knobs; // of other data than images: what else suits them, beyond what a method recommends for any
    int64_t batch = 0;                                    // the same; 0: what the method recommends
    std::vector<LabelColumn> columns;                     // the first one is the label; empty where there is none
    std::vector<std::string> skipped;                     // unreadable files, "path: why"
    std::vector<float> mean, deviation;                   // per channel, of pixels in [0, 1], over the training split (or a sample of it)
    std::vector<std::string> maskClasses;                 // of images whose pixels have classes: their names; empty where it is not known
    bool frames = false;                                  // of images: the channels are three moments of a clip, the last one the newest
    std::string doubt;                                    // a sentence on why scores on the held-out samples say nothing; empty: they do
    std::string note;                                     // a sentence for the user, such as "package ... is absent; using Shapes"
};

/// Whether the first label column, which is the label, names a class of every sample.
bool hasClasses(const DatasetInfo &info);

/// Thread-safe for concurrent reads.
class Dataset
{
public:
    virtual ~Dataset() = default;
    virtual const DatasetInfo &info() const = 0;
    virtual int64_t size(Split split) const = 0;
    /// The sample; the one that the modality names, the other throws std::invalid_argument.
    virtual Image image(Split split, int64_t index) const;
    virtual std::string text(Split split, int64_t index) const; // UTF-8
    /// Where the images are clips: the same one a moment later, each channel what the one behind it was, and a new last one. Throws std::invalid_argument else.
    virtual Image next(Split split, int64_t index) const;
    /// The class of every pixel, row-major, by its number in maskClasses; empty where they are not known.
    virtual std::vector<uint8_t> mask(Split, int64_t) const { return {}; }
    /// Value of column `column`: a class index or the factor's value.
    virtual float label(Split split, int64_t index, int column = 0) const = 0;
    /// A sentence that describes the sample (Shapes' caption, a file's name); empty where there is none.
    virtual std::string caption(Split, int64_t) const { return {}; }
    /// Of the content, the same on any machine, found in a moment: another one means that the data have changed.
    virtual std::string fingerprint() const;
};

struct DatasetType
{
    std::string name;    // "fashion-mnist"
    std::string help;    // one line: what it is, how to get it
    bool (*available)(); // false: its package or files are absent
    std::shared_ptr<const Dataset> (*open)();
    Modality modality = Modality::image;
};

struct DatasetOptions
{
    int size = 32;        // side that a folder's images are resized to
    bool colour = true;   // or grey; for folders
    double imbalance = 1; // how many times as many samples the first class has to train on as the last (see longtailed.h); 1: as the data are
    friend bool operator==(const DatasetOptions &, const DatasetOptions &) = default;
};

/// A path that is there and can be opened as no data set; what() says what can be.
struct NoDataset : std::invalid_argument
{
    explicit NoDataset(const std::string &shown);
    std::string path, choices; // as it is shown; "a folder of images, ..."
};

const std::vector<DatasetType> &datasetTypes();
/// A name from datasetTypes(), or a path: a folder of images or an archive of one, .npy, .npz, IDX (plain or .gz), CIFAR binary. Throws std::invalid_argument that
/// names the path and what to do; an unknown name suggests the nearest.
std::shared_ptr<const Dataset> openDataset(const std::string &nameOrPath, const DatasetOptions &options = {});
/// fashion-mnist where its package is installed, else shapes with a note that says so.
std::shared_ptr<const Dataset> openDefaultDataset(const DatasetOptions &options = {});

} // namespace pretext
