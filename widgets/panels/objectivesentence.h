// Which sentence the Four objectives panel shows, and where it is from: typed, the one looked at in Token predictions, the selected sample, or, where no
// text is trained on, one of the text that is there to begin with.
#pragma once

#include "core/analysis/objectives.h"
#include "widgets/panels/batchview.h"

#include <QString>

#include <memory>
#include <string>

namespace pretext {

/// A text to show where none is trained on.
struct TextAtHand
{
    std::shared_ptr<const Dataset> dataset;
    std::shared_ptr<const Tokenizer> tokenizer;
};
/// Throws std::invalid_argument where there is none.
TextAtHand openTextAtHand(Modality kind);

/// Of the text that the batch is of; null where it is of none.
std::shared_ptr<const Tokenizer> tokenizerIn(const BatchView &batch);

/// All that decides on it.
struct SentenceChoice
{
    BatchView batch;
    bool own = false;                    // no text is trained on
    int pair = 0;                        // of the batch
    std::string shared;                  // that is looked at in place of a sample
    Sample sample;                       // that is selected
    std::shared_ptr<const Dataset> data; // of the run
    TextAtHand text;
    int64_t ownSample = 0; // of `text`
    QString typed;
    uint32_t draw = 0;
};

struct ChosenSentence
{
    std::shared_ptr<const Tokenizer> tokenizer; // null: there is no sentence
    ObjectiveQuestion question;
    QString source;
};
ChosenSentence chooseSentence(const SentenceChoice &choice);

} // namespace pretext
