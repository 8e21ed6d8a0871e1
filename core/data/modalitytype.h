// A kind of data as a row of a table: what it is called, and all that depends on it. One file in core/modalities and one line in
// modalities.def; trainer, checkpoints, evaluation, exports and forms ask the row. What a floor above this one asks, it says in a header of its own.
#pragma once

#include "core/data/image.h"
#include "core/data/modality.h"
#include "core/knobs/knob.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

class BatchMaker;
class Dataset;
class Fingerprint;
class Prepared;
struct SampleSource;
enum class Split;
struct DatasetOptions;
struct ModalityAnalysis; // core/analysis/modalityanalysis.h
struct ModalityExport;   // core/exchange/modalityexport.h
struct ModalityTraining; // core/engine/modalitytraining.h

struct ModalityType
{
    std::string name;        // "image", "text": of one sample
    const char *many = "";   // "images": as a sentence says what data hold and encoders read
    std::string ofUser = {}; // "a folder of images": what a user may have of it, in a sentence that lists the data there are
    std::string method;      // what a run on it is begun with where nothing else is asked for
    bool shaped = false;     // whether its samples have a shape, DatasetInfo::image, without which no run is described
    std::string wordsAre;    // what words() gives, as a column's name: "name", "text"
    bool sentences = false;  // whether words() gives the sample itself, so that panels show it by them

    /// The knobs of what is done to samples before an encoder sees them, given the shape that samples have.
    std::vector<Knob> (*knobs)(ImageShape shape) = nullptr;
    /// What an encoder is made for, as far as it is known before the data are made ready.
    InputShape (*input)(ImageShape shape) = nullptr;
    /// How a user's own data are read so that they suit an encoder that was made for others.
    DatasetOptions (*fitting)(const Prepared &prepared) = nullptr;
    /// Adds what tells a split from others, found in a moment.
    void (*mark)(Fingerprint &print, const Dataset &dataset, Split split) = nullptr;
    /// What makes augmented views of samples, Batch::pixels, for methods that compare views whatever they show; null where a sample has none.
    std::unique_ptr<BatchMaker> (*views)(const SampleSource &source, const KnobSet &knobs) = nullptr;
    /// A sample in words: itself, or what the data set says of it; empty where there are none.
    std::string (*words)(const Dataset &dataset, Split split, int64_t index) = nullptr;
    /// A sample as a picture, which has the data's shape; null where samples are shown by words alone.
    Image (*picture)(const Dataset &dataset, Split split, int64_t index) = nullptr;

    const ModalityTraining *training = nullptr;
    const ModalityAnalysis *analysis = nullptr;
    const ModalityExport *exchange = nullptr; // null: its encoders do not go out
};

/// By the numbers of Modality.
const std::vector<ModalityType> &modalityTypes();
const ModalityType &modalityType(Modality modality);
/// One more row for as long as the program runs, and its number: a test's kind of data, say. To be called before anything asks for a row.
Modality addModality(ModalityType type);

/// Throws std::invalid_argument naming the data set, what it holds, and what is needed.
void requireModality(const Dataset &dataset, Modality needed);

} // namespace pretext
