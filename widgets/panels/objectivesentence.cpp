#include "widgets/panels/objectivesentence.h"

#include "core/data/tokens/preparedtext.h"
#include "core/engine/config.h"
#include "core/engine/tokenizing.h"
#include "core/files/said.h"

#include <QObject>

#include <stdexcept>

namespace pretext {

TextAtHand openTextAtHand(Modality kind)
{
    for (const DatasetType &type : datasetTypes()) {
        if (type.modality != kind || !type.available())
            continue;
        TextAtHand text{type.open(), nullptr};
        text.tokenizer = obtainTokenizer(recommendedConfig(*text.dataset, "mlm").knobs, *text.dataset);
        return text;
    }
    throw std::invalid_argument(said("no text is installed"));
}

std::shared_ptr<const Tokenizer> tokenizerIn(const BatchView &batch)
{
    const auto text = batch.snapshot() ? std::dynamic_pointer_cast<const PreparedText>(batch.snapshot()->prepared) : nullptr;
    return text ? text->tokenizer : nullptr;
}

ChosenSentence chooseSentence(const SentenceChoice &choice)
{
    const BatchView &batch = choice.batch;
    ChosenSentence chosen{
        choice.own ? choice.text.tokenizer : tokenizerIn(batch), {.sentence = choice.typed.toStdString(), .draw = choice.draw}, QObject::tr("Your sentence")};
    ObjectiveQuestion &question = chosen.question;
    if (tokenizerIn(batch)) {
        question.knobs = batch.snapshot()->knobs;
        question.seed = batch.snapshot()->seed;
    }
    const TokenRowView *row = batch.tokens(choice.pair);
    if (!choice.typed.isEmpty())
        return chosen;
    if (chosen.tokenizer && choice.own) {
        const Dataset &text = *choice.text.dataset;
        question.sentence = text.text(Split::train, choice.ownSample % text.size(Split::train));
        chosen.source = QObject::tr("No text is trained on, so this is sample %1 of %2").arg(choice.ownSample).arg(QString::fromStdString(text.info().name));
    } else if (batch.bySentences() && !choice.shared.empty()) {
        question.sentence = choice.shared;
        chosen.source = QObject::tr("The sentence in Token predictions");
    } else if (batch.bySentences() && choice.data && choice.sample && choice.sample.split == Split::test) {
        question.sentence = choice.data->text(Split::test, choice.sample.index);
        chosen.source = QObject::tr("The selected sample, %1, which is held out").arg(choice.sample.index);
    } else if (row) {
        question.sentence = row->text;
        chosen.source = QObject::tr("Sample %1 of the batch of step %2").arg(row->sample).arg(batch.snapshot()->step);
    }
    if (question.sentence.empty())
        chosen.tokenizer.reset();
    return chosen;
}

} // namespace pretext
