// What the token predictions panel says: in sentences, for assistive technology and beside the strip, and as CSV.
#include "widgets/panels/tokenpredictionspanel.h"

#include "widgets/panels/tokencells.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"
#include "widgets/run.h"
#include "widgets/said.h"

#include <cmath>

namespace pretext {

namespace {

QString quoted(QString text)
{
    return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

/// Fields of candidates, as many as a row has columns for.
QString candidateFields(const TokenPrediction *prediction, size_t count)
{
    QString text;
    for (size_t i = 0; i < count; ++i) {
        const bool there = prediction && i < prediction->candidates.size();
        text += u',' + (there ? quoted(QString::fromStdString(prediction->candidates[i].piece)) : QString());
        text += u',' + (there ? QString::number(prediction->candidates[i].probability, 'g', 7) : QString());
    }
    return text;
}

QString binLines(const QString &kind, const AccuracyBins &bins)
{
    QString text;
    for (size_t i = 0; i < std::min({bins.names.size(), bins.accuracy.size(), bins.count.size()}); ++i)
        text += kind + u',' + quoted(QString::fromStdString(bins.names[i])) + u',' + QString::number(bins.accuracy[i], 'g', 7) + u','
                + QString::number(bins.count[i], 'g', 7) + u'\n';
    return text;
}

} // namespace

QString TokenPredictionsPanel::missing() const
{
    const auto dataset = run().dataset();
    if (run().hasJob() && dataset && !servesJob())
        return tr("This panel shows what a text method predicts, and this job trains on %1. Open a text in the File menu, or the King "
                  "James Bible or the Tang poems in Controls, and choose the masked language model there.")
            .arg(translated(toText(dataset->info().modality)));
    if (run().status().state == TrainerState::starting && !run().status().activity.empty())
        return tr("First the text is made ready: %1, %2 done. Then training begins, and with it the predictions.")
            .arg(QString::fromStdString(run().status().activity), percentText(std::round(100 * run().status().activityShare) / 100));
    if (!m_problem.isEmpty())
        return m_problem;
    if (run().hasJob() && choice() == Shown::sentence) {
        if (m_answerless)
            return tr("This method predicts no tokens: it compares whole sentences, and the Similarity panel shows how. Choose Training "
                      "batch above to see what was done to each sentence, or the masked language model in Controls to see predictions.");
        if (m_question.text.empty())
            return tr("Type a sentence above: the model as it is now fills in what you hide. Example brings a held-out one.");
    }
    return waitingText(run(), tr("the predictions"));
}

QString TokenPredictionsPanel::title() const
{
    QStringList facts{tr("Step %1").arg(batch().snapshot() ? batch().snapshot()->step : 0)};
    const bool own = m_shown == Shown::sentence;
    facts << (!own ? tr("row %1 of %2").arg(m_row + 1).arg(m_rows) : m_examples > 0 ? tr("held-out text") : tr("your sentence"));
    if (const QString absent = absence(); !own && !absent.isEmpty())
        facts << absent;
    if (const int known = m_scene.known(); known > 0)
        facts << tr("%1 of %2 guessed right, mean loss %3").arg(m_scene.right()).arg(known).arg(decimalText(m_scene.meanLoss(), 2));
    else if (own && m_scene.kind == TokenScene::Kind::inPlace && m_scene.predictions.empty())
        facts << tr("click a token to hide it");
    if (m_stale)
        facts << tr("the new answer is on its way");
    return facts.join(QStringLiteral(" · "));
}

QString TokenPredictionsPanel::placeText(int column) const
{
    if (column < 0 || column >= int(m_scene.columns.size()))
        return tr("No token is chosen.");
    const StripCell *shown = nullptr;
    for (const StripCell &cell : m_scene.columns[column])
        if (!shown && !cell.absent)
            shown = &cell;
    QString what = tr("Token %1 of %2").arg(column + 1).arg(m_scene.columns.size());
    if (shown)
        what += QStringLiteral(": ") + shown->text;
    if (const QString name = shown ? nameOf(shown->mark) : QString(); !name.isEmpty())
        what += QStringLiteral(", ") + name;
    return what;
}

QString TokenPredictionsPanel::truthText(const TokenPrediction &prediction) const
{
    if (prediction.truth.empty())
        return {};
    return tr("truth %1: %2, rank %3, loss %4")
        .arg(QString::fromStdString(prediction.truth), percentText(prediction.probability))
        .arg(prediction.rank + 1)
        .arg(decimalText(prediction.loss, 2));
}

/// Why there is no prediction here.
QString TokenPredictionsPanel::hint(int column) const
{
    const bool own = m_shown == Shown::sentence;
    const bool hides = m_scene.kind == TokenScene::Kind::inPlace || m_scene.kind == TokenScene::Kind::rebuilt;
    if (m_scene.kind == TokenScene::Kind::none)
        return tr("This method predicts no tokens: what it does to a sentence makes the pair that it compares.");
    if (column < 0 || column >= int(m_scene.columns.size()))
        return own && hides ? tr("Click a token, or go to it with the arrow keys and press Enter, to hide it from the model.")
                            : tr("Choose a token to see what the model takes it to be.");
    if (m_scene.predictions.empty() && !own)
        return tr("The candidates are kept of the batch's first rows only. Page Up goes back to them.");
    if (m_scene.columns[column].front().mark == TokenMark::special)
        return tr("[CLS] and [SEP] frame a text. They are never hidden, and nothing is asked about them.");
    if (own && hides)
        return tr("The model sees this token. Click it, or press Enter, to hide it.");
    if (m_scene.kind == TokenScene::Kind::next)
        return tr("Given, not predicted: it belongs to the prompt that the rest is predicted from.");
    return tr("This token was not chosen: nothing is predicted here.");
}

QString TokenPredictionsPanel::accuracyName() const
{
    return m_scene.kind == TokenScene::Kind::inPlace ? tr("Masked accuracy") : tr("Accuracy");
}

QString TokenPredictionsPanel::description() const
{
    if (!ready())
        return missing();
    const int column = current();
    QString text = title() + QStringLiteral(". ") + placeText(column) + QStringLiteral(". ");
    const TokenPrediction *prediction = m_scene.predictionAt(column);
    if (!prediction)
        return text + hint(column);
    for (const Candidate &candidate : prediction->candidates)
        text += QStringLiteral("%1 %2, ").arg(QString::fromStdString(candidate.piece), percentText(candidate.probability));
    if (!prediction->truth.empty())
        return text + truthText(*prediction) + u'.';
    text.chop(2);
    return text + u'.';
}

QString TokenPredictionsPanel::csv() const
{
    if (!ready())
        return {};
    size_t most = 0;
    for (const TokenPrediction &prediction : m_scene.predictions)
        most = std::max(most, prediction.candidates.size());
    QString text = QStringLiteral("column");
    for (const QString &lane : m_scene.lanes)
        text += u',' + quoted(lane);
    text += QStringLiteral(",truth,probability,rank,loss");
    for (size_t i = 1; i <= most; ++i)
        text += QStringLiteral(",candidate %1,probability %1").arg(i);
    text += u'\n';
    for (int column = 0; column < int(m_scene.columns.size()); ++column) {
        text += QString::number(column + 1);
        for (int lane = 0; lane < int(m_scene.lanes.size()); ++lane)
            text += u',' + (lane < int(m_scene.columns[column].size()) ? quoted(m_scene.columns[column][lane].text) : QString());
        const TokenPrediction *prediction = m_scene.predictionAt(column);
        const bool known = prediction && !prediction->truth.empty();
        text += known ? u',' + quoted(QString::fromStdString(prediction->truth)) + u',' + QString::number(prediction->probability, 'g', 7) + u','
                            + QString::number(prediction->rank + 1) + u',' + QString::number(prediction->loss, 'g', 7)
                      : QStringLiteral(",,,,");
        text += candidateFields(prediction, most) + u'\n';
    }
    if (!m_byPosition.names.empty() || !m_byFrequency.names.empty())
        text += QStringLiteral("\naccuracy by,bin,accuracy,predictions\n") + binLines(QStringLiteral("position"), m_byPosition)
                + binLines(QStringLiteral("frequency"), m_byFrequency);
    return text;
}

} // namespace pretext
