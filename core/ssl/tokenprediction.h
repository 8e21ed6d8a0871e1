// What the objectives that predict tokens share: the cross-entropy at the positions that have a target, and the channels that tell how well
// they are predicted. K predicted positions, V tokens.
#pragma once

#include "core/nn/transformer.h"
#include "core/ssl/method.h"

#include <string>
#include <vector>

namespace pretext {

class Tokenizer;

/// The heads of an objective that predicts tokens of the encoder's own rows: the output weights are the encoder's table of tokens.
class TiedHead : public Module
{
public:
    /// `transform`: BERT's dense layer, GELU and norm before the table.
    TiedHead(const TextEncoder &encoder, bool transform, Random &random);
    VocabularyHead &vocabulary;

protected:
    Variable forward(const Variable &hidden) override { return vocabulary(hidden); }
};

/// Offers GROUP, of the batch's first row, GROUP/R of its first rows, and GROUP/sample/S of each sample's first row. The batch outlives the offers.
void offerByRow(const StepInput &input, const std::string &group, const std::function<Shown(int64_t row)> &make);
/// Offers tokens/attention so.
void recordAttention(TextEncoder &encoder, const StepInput &input);
/// Offers tokens/embedded so: of the decoder's tokens where rows have such.
void recordEmbedded(Transformer &transformer, const StepInput &input);

/// A recipe for the data: its tokenizer, what suits two cores and minutes, and `more` on top.
Recipe textRecipe(const DatasetInfo &info, std::vector<std::pair<std::string, KnobValue>> more = {});

/// Accuracy in bins over the last steps, the newest weighing most. For looking at only: it is not part of a checkpoint.
class RunningBins
{
public:
    explicit RunningBins(std::vector<std::string> names);
    void fade(); // before a step's counts are added
    void add(size_t bin, bool right);
    AccuracyBins bins() const;

private:
    std::vector<std::string> m_names;
    std::vector<float> m_right, m_count;
};

constexpr int64_t kPositionsLookedAt = 512; // predicted positions of a step, the first ones, from which accuracies and candidates are taken

/// Predicts the targets of a batch from hidden states of the same positions.
class TokenPredictor
{
public:
    /// `accuracy`: the scalar's name, "accuracy/masked".
    TokenPredictor(VocabularyHead &head, std::string accuracy, int context);

    /// Mean cross-entropy over the positions of input.batch.tokens that have a target; `hidden` is [R, T, D] of the encoder, or of the decoder
    /// where there is one. Records the accuracy, the perplexity, and, for whoever looks, candidates and accuracies in bins.
    Variable loss(const Variable &hidden, const StepInput &input);
    /// Of the same positions, recording nothing.
    TargetScore score(const Variable &hidden, const TokenRows &rows) const;

private:
    struct Predicted
    {
        std::vector<int32_t> rows, targets;
    }; // flat positions and what belongs there
    static Predicted predictedOf(const TokenRows &rows);
    /// Of the first scores [P, V], the row length that positions are counted by, and the loss.
    void record(const std::shared_ptr<const Matrix> &scores, const std::shared_ptr<const Predicted> &predicted, int64_t length, double loss,
                const TokenizedText &text, Recorder &recorder);

    VocabularyHead &m_head;
    std::string m_accuracy;
    RunningBins m_byPosition, m_byFrequency;
};

/// A method whose encoder predicts tokens of its own rows: what a row hides and how a sentence is answered is what such methods differ in.
class OwnRowMethod : public Method
{
public:
    /// `transform`: see TiedHead; `accuracy`: see TokenPredictor.
    OwnRowMethod(TextEncoder &encoder, Visibility visibility, bool transform, const std::string &accuracy, Random &random);
    Module &heads() override { return m_heads; }
    Variable loss(Encoder &encoder, const StepInput &input) override;
    std::optional<TargetScore> score(Encoder &encoder, const StepInput &input) override;

protected:
    TiedHead m_heads;

private:
    TokenPredictor m_predictor;
};

/// The best `count` candidates of one row of scores [V], and what is said of the truth (-1: not known).
TokenPrediction predictionFrom(std::span<const float> scores, int32_t truth, int count, const Tokenizer &tokenizer);

} // namespace pretext
