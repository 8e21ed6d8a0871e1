// What the window sees of tokens: rows with what was done to them, what the model predicts, and whom it attends to. Pieces are as the
// tokenizer writes them ("▁the"), so that the window needs no tokenizer.
#pragma once

#include "core/data/tokens.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pretext {

/// One token at one place: what the panels draw as a box.
struct TokenBox
{
    int32_t id = 0;
    std::string piece;
    TokenAction action = TokenAction::kept;
    int source = -1; // position in `original`
};

/// A row as the model was given it.
struct TokenRowView
{
    int64_t sample = -1;                   // of the training split; -1: the user's own sentence
    std::string text;                      // the sample's text
    std::vector<std::string> original;     // pieces before corruption
    std::vector<TokenBox> given;           // what the encoder sees, without padding
    std::vector<std::string> decoder = {}; // what the decoder is given; empty without one
    std::vector<std::string> targets = {}; // the piece to predict at each position of the encoder (or decoder); empty: none there
    int prefix = 0;                        // tokens that all may see
};
using TokenRowViews = std::vector<TokenRowView>;

struct Candidate
{
    std::string piece;
    float probability = 0;
};

/// What the model predicts at one position.
struct TokenPrediction
{
    int row = 0, position = 0;         // of TokenRowViews; the position counts in `given`, or in `decoder` where there is one
    std::string truth;                 // empty where it is not known: the user masked it
    float probability = 0;             // of the truth
    float loss = 0;                    // minus its logarithm
    int rank = 0;                      // 0: the truth is the best candidate
    std::vector<Candidate> candidates; // best first
};
using TokenPredictions = std::vector<TokenPrediction>;

/// Attention of one row, or of one image: [layers][heads] matrices of T x S probabilities, row-major, and what the objective lets each
/// position see. Of an image the last gridRows x gridColumns positions are its patches, row by row; before them stands perhaps a class token.
struct AttentionView
{
    std::vector<std::string> pieces; // T
    int layers = 0, heads = 0;
    std::vector<float> weights;   // [layers, heads, T, S]
    std::vector<uint8_t> visible; // [T, S]: 1 where the row's token may see the column's
    int gridRows = 0, gridColumns = 0;
    std::vector<std::string> others = {}; // S, that a decoder's tokens attend to; empty: they attend to each other, and S is T

    const std::vector<std::string> &keys() const { return others.empty() ? pieces : others; }
    bool ofPatches() const { return gridRows > 0; }
    int beforePatches() const { return int(pieces.size()) - gridRows * gridColumns; }
};

/// What stands before a transformer's blocks: for each of a row's T tokens the vectors of D features that are added up, and what the first block is given.
struct EmbeddedTokens
{
    int width = 0;                            // D
    std::vector<float> token, position, type; // [T, D]; the last empty where tokens have no types
    std::vector<float> given;                 // [T, D]: the sum, normalised where the model does that
};

/// How often the model is right, in bins; over the last steps, the newest weighing most.
struct AccuracyBins
{
    std::vector<std::string> names; // "0-7", "1 in 10-31 tokens"
    std::vector<float> accuracy, count;
};

/// How a continuation is drawn.
struct Sampling
{
    int tokens = 32;
    float temperature = 1; // 0: the most probable token each time
    int topK = 0;          // 0: all
    float topP = 1;
    uint64_t seed = 1;
    friend bool operator==(const Sampling &, const Sampling &) = default;
};

/// A sentence of the user's, which the model answers at every snapshot until another is asked.
struct Question
{
    std::string text;             // may hold [MASK]
    std::vector<int> masked = {}; // positions of tokens that are hidden, counted in the row that the answer shows
    int candidates = 5;
    Sampling sampling = {};
    friend bool operator==(const Question &, const Question &) = default;
};

struct Answer
{
    Question question;
    TokenRowView row = {};                 // the sentence as the model saw it
    TokenPredictions predictions = {};     // at the masked positions; of a causal model at all
    std::string continuation = {};         // of a causal or prefix model; of an encoder-decoder the sentence rebuilt
    std::vector<std::string> rebuilt = {}; // its pieces
    AttentionView attention = {};
    AttentionView decoderAttention = {}, crossAttention = {}; // of a model with a decoder, over what it has rebuilt
    std::string problem = {};                                 // a sentence: why there is no answer
};

/// The same sentence under several objectives, side by side.
struct Objective
{
    std::string name; // "mlm"
    TokenRowView row;
    std::vector<uint8_t> visible;        // [T, T] of the encoder's (or decoder-only model's) positions
    std::vector<uint8_t> decoderVisible; // [D, D]; empty without a decoder
};

} // namespace pretext
