// How good an encoder is, beside what needs no learning: kNN and a linear probe on its embeddings, on raw pixels, on PCA, and on the
// untrained encoder. Evaluation mode, held-out split.
#pragma once

#include "core/analysis/diagnosis.h"
#include "core/analysis/ensemble.h"
#include "core/analysis/finetune.h"
#include "core/analysis/incontext.h"
#include "core/analysis/retrieval.h"
#include "core/analysis/segmentation.h"
#include "core/analysis/tokenevaluation.h"
#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pretext {

/// One class of a label column: how many samples of it there are, and which share of its held-out ones is told rightly.
struct ClassScore
{
    std::string name;
    int64_t trained = 0, heldOut = 0;
    double knn = -1, probe = -1; // -1: none is held out
};

/// What was said of each held-out sample, by class; all empty where there is none.
struct ClassGuesses
{
    std::vector<int> truth, knn, probe;
};

/// A label column judged by one kind of features. Classes have kNN and probe accuracies in [0, 1], continuous factors the R2 of ridge regression.
struct EvaluationRow
{
    std::string features; // "encoder", "ensemble", "untrained", "PCA-64", "raw pixels", "TF-IDF"; "supervised": of text its probe is its own output layer
    int64_t dimension = 0;
    std::string column;
    double knn = -1, probe = -1, r2 = -2; // these: not applicable
    bool alike = false;                   // the training samples' features are all alike, so that only the most frequent class can be named
    std::vector<ClassScore> classes = {}; // of a column of classes, in their order
    ClassGuesses guesses = {};            // the same
    int64_t of = 0;                       // a first look, by so many training samples; 0: by all of them
};

struct Evaluation
{
    std::vector<EvaluationRow> rows;
    double alignment = 0, uniformity = 0, effectiveRank = 0; // of the encoder's embeddings of held-out samples
    int64_t dimension = 0;                                   // of the embedding
    int64_t of = 0;                                          // these are a first look's, by so many training samples; 0: of all samples
    std::optional<EncoderHealth> health;                     // of some held-out samples; not of several encoders
    Diagnosis diagnosis;                                     // what it says
    bool whitened = false;                                   // the encoder's neighbours, trained or not, are those of its whitened embeddings
    bool collapsed = false;                                  // the embeddings of the held-out samples are all alike
    bool complete = false;                                   // false: more is to come, or it was cancelled
    bool hasFactors = false;                                 // there are or will be rows of continuous labels
    int neighbours = 0;                                      // kNN's k, and the samples they are looked for among
    int64_t bank = 0;
    std::vector<TokenScore> tokens;        // of text, where the method predicts tokens
    std::vector<InContextScore> inContext; // of a model that continues the operators' texts
    std::vector<FinetuneRow> finetuned;    // every label column, by probes and fine-tuned from the run's weights and its initial ones
    FinetuneOptions finetuning;
    std::vector<SegmentationRow> segmentation; // of images whose pixels have classes
    std::vector<RetrievalRow> retrieval;       // of the King James Bible
    std::vector<std::string> notes;            // what could not be said and why
};

/// Told of the evaluation as far as it goes, whenever there is more of it.
using Known = std::function<void(const Evaluation &)>;
/// Told what is being done and the share of it; returns false to cancel, whereupon what is known so far is returned with a note.
using Progress = std::function<bool(const std::string &what, double share)>;

struct EvaluationOptions
{
    bool baselines = true;   // also raw pixels, PCA-64 and the encoder with its initial weights; of text TF-IDF and the untrained encoder
    int supervisedSteps = 0; // of images: also the same encoder trained for so many steps with labels; 0: not
    /// For every number of labels; 0: neither fine-tuning nor probes from few labels, and so of text no supervised encoder. Not given: what suits the data.
    std::optional<int> finetuneSteps = {};
    bool firstLook = false; // before all else the encoder by some of the samples, within seconds
};

/// What is the encoder's own comes first, what needs no learning behind it, and what is trained for the purpose last. Throws std::runtime_error
/// naming the tensor where weights or embeddings are not finite; features that are all alike are a result.
/// Neighbours come from the whole training split, queries are the whole held-out split; of text at most kMostTexts and a quarter of that,
/// spread evenly. Alignment is of two views of held-out samples made with the run's augmentations, of text of two dropout masks and the run's
/// corruption.
constexpr int64_t kMostTexts = 8000;
Evaluation evaluate(TrainedEncoder &trained, const Dataset &dataset, const EvaluationOptions &options = {}, const Progress &progress = {},
                    const Known &known = {});
/// The same of several encoders as one, as far as it makes sense: without what is asked of a method's heads or of fine-tuning, and with the first one's
/// encoder for the supervised one. Throws std::invalid_argument where they cannot be joined.
Evaluation evaluate(const Ensemble &ensemble, const Dataset &dataset, const EvaluationOptions &options = {}, const Progress &progress = {},
                    const Known &known = {});

} // namespace pretext
