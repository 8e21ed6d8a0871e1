// What slow motion tells of one step: its stages, each drawn with its numbers. One story for methods that compare views by a softmax, one for those that
// predict tokens.
#pragma once

#include "widgets/panels/batchview.h"
#include "widgets/plots/canvas.h"

#include <QStringList>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pretext {

struct StoryStage
{
    QString name, explanation; // the second in sentences
    std::function<void(Canvas &canvas, const QRectF &area)> draw;
};

struct Story
{
    QString of;                     // which view, which token
    std::vector<StoryStage> stages; // one at least
    QStringList numbers;            // in sentences, for those who do not see them
    QString csv;
};

/// Of a pair of views. None where the batch has no softmax; or it is not that of one row, and `why` says so.
std::optional<Story> contrastStory(const BatchView &batch, int pair, QString *why);
/// What the story of a token needs of the sample's row beside the tokens: its attention, of a decoder to the encoder, and what is embedded of it.
struct TokenChannels
{
    std::string attention, embedded;
    friend bool operator==(const TokenChannels &, const TokenChannels &) = default;
};
TokenChannels tokenChannels(const BatchView &batch, const Chosen &chosen);
/// Of a token that the method predicts, `number` among those of the sample's row. None where the batch has no predictions.
std::optional<Story> predictionStory(const BatchView &batch, const Chosen &chosen, int number);

} // namespace pretext
