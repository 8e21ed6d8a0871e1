// What the token predictions panel shows of one row: its tokens in lanes, what was done to each, and what the model predicts where. Made of a
// batch's row or of the answer to a sentence of the user's; it knows nothing of drawing.
#pragma once

#include "core/engine/snapshot.h"
#include "widgets/plots/tokenstrip.h"

#include <string>
#include <utility>
#include <vector>

namespace pretext {

/// From 0 to kWorstLoss nats, on which all losses of tokens are coloured; e^-8 is a chance of 1 in 3000.
inline constexpr double kWorstLoss = 8;
inline ColourScale lossScale()
{
    return {ColourMap::sequential, 0, kWorstLoss};
}

struct TokenScene
{
    enum class Kind {
        none,    // nothing is predicted: the rows of a contrastive method
        inPlace, // hidden tokens are predicted where they stand
        next,    // each token is predicted from those before it
        rebuilt, // a decoder rebuilds the original
    };

    Kind kind = Kind::none;
    QStringList lanes; // the first matters most
    std::vector<std::vector<StripCell>> columns;
    std::vector<int> given;       // of each column: position in the row as the model saw it, -1: it does not stand there
    std::vector<int> prediction;  // of each column: index into `predictions`, -1: none
    TokenPredictions predictions; // of this row
    int unknown = 0;              // tokens the vocabulary does not have
    QString continuation;         // as text; of an answer

    bool empty() const { return columns.empty(); }
    const TokenPrediction *predictionAt(int column) const;
    /// The predicted column nearest to this one; -1 where nothing is predicted.
    int nearestPredicted(int column) const;
    int known() const;       // predictions whose truth is known
    int right() const;       // of them: the truth is the best candidate
    double meanLoss() const; // of them; NaN where there is none
};

TokenScene sceneOfRow(const TokenRowView &row, int index, const TokenPredictions &predictions);
TokenScene sceneOfAnswer(const Answer &answer);

} // namespace pretext
