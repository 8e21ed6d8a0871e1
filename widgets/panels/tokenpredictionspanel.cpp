// Token predictions: a sentence of the user's, whose tokens she hides by a click, or a row of the batch as the model was given it; and what the
// model takes each hidden, next or rebuilt token to be.
#include "widgets/panels/tokenpredictionspanel.h"

#include "widgets/panels/samplingbar.h"
#include "widgets/selection.h"
#include "widgets/run.h"

#include <QComboBox>

#include <algorithm>
#include <utility>

namespace pretext {

std::set<std::string> TokenPredictionsPanel::wantedChannels() const
{
    std::set<std::string> channels{"tokens/positions", "tokens/frequencies"};
    if (choice() == Shown::sentence)
        channels.insert(kAnswerChannel);
    else
        channels.insert({"tokens/rows", "tokens/predictions"});
    return channels;
}

TokenPredictionsPanel::Shown TokenPredictionsPanel::choice() const
{
    return Shown(m_shownChoice->currentIndex());
}

/// What is shown of a batch, computed without the panel.
struct TokenPredictionsPanel::Prepared
{
    Shown shown = Shown::sentence;
    TokenScene scene;
    QString problem;
    bool answerless = false, stale = false;
    int row = 0, rows = 0;
    AccuracyBins byPosition, byFrequency;

    void takeAnswer(const Snapshot &snapshot, const Question &question);
    void takeRow(const Snapshot &snapshot, int wish);
};

void TokenPredictionsPanel::Prepared::takeAnswer(const Snapshot &snapshot, const Question &question)
{
    const Answer *answer = snapshot.channel<Answer>(kAnswerChannel);
    answerless = !answer && snapshot.channels.contains(kAnswerChannel);
    if (!answer || question.text.empty())
        return;
    stale = !(answer->question == question);
    problem = QString::fromStdString(answer->problem);
    if (problem.isEmpty())
        scene = sceneOfAnswer(*answer);
}

void TokenPredictionsPanel::Prepared::takeRow(const Snapshot &snapshot, int wish)
{
    const auto *views = snapshot.channel<TokenRowViews>("tokens/rows");
    const auto *predictions = snapshot.channel<TokenPredictions>("tokens/predictions");
    rows = views ? int(views->size()) : 0;
    row = wish >= 0 && wish < rows ? wish : 0;
    if (rows > 0)
        scene = sceneOfRow((*views)[row], row, predictions ? *predictions : TokenPredictions());
}

std::function<CanvasPanel::Adopt()> TokenPredictionsPanel::preparation(const BatchView &batch)
{
    return [this, batch, shown = choice(), chosen = selection().chosen(), question = m_question] {
        auto prepared = std::make_shared<Prepared>();
        prepared->shown = shown;
        if (const Snapshot *snapshot = batch.snapshot()) {
            shown == Shown::sentence ? prepared->takeAnswer(*snapshot, question) : prepared->takeRow(*snapshot, batch.pairOf(chosen));
            if (const auto *bins = snapshot->channel<AccuracyBins>("tokens/positions"))
                prepared->byPosition = *bins;
            if (const auto *bins = snapshot->channel<AccuracyBins>("tokens/frequencies"))
                prepared->byFrequency = *bins;
        }
        return Adopt([this, prepared] { adoptPrepared(*prepared); });
    };
}

void TokenPredictionsPanel::adoptPrepared(Prepared &prepared)
{
    const bool otherRow = prepared.shown == Shown::batch || m_shown != prepared.shown;
    m_shown = prepared.shown;
    std::swap(m_scene, prepared.scene);
    m_problem = prepared.problem;
    m_answerless = prepared.answerless;
    const bool answered = std::exchange(m_stale, prepared.stale) && !m_stale;
    m_row = prepared.row;
    m_rows = prepared.rows;
    std::swap(m_byPosition, prepared.byPosition);
    std::swap(m_byFrequency, prepared.byFrequency);
    const int columns = int(m_scene.columns.size());
    if (otherRow || m_column < 0 || m_column >= columns)
        m_column = m_scene.nearestPredicted(std::max(0, m_column));
    if (m_hovered >= columns)
        m_hovered = -1;
    m_sampling->setVisible(m_shown == Shown::sentence && m_scene.kind == TokenScene::Kind::next && !m_scene.empty());
    const Answer *answer = batch().snapshot() ? batch().snapshot()->channel<Answer>(kAnswerChannel) : nullptr;
    if (m_undressed && answer && !m_stale)
        dressExample(*answer);
    else if (answered)
        canvas().setAccessibleDescription(description()); // what the user asked for is told; what training changes is not
}

int TokenPredictionsPanel::current() const
{
    return m_hovered >= 0 ? m_hovered : m_column;
}

void TokenPredictionsPanel::moveTo(int column)
{
    m_column = std::clamp(column, 0, int(m_scene.columns.size()) - 1);
    m_hovered = -1;
    m_strip.reveal(m_column);
    repaint();
}

void TokenPredictionsPanel::click(QPointF position)
{
    const int column = m_strip.columnAt(position);
    if (!ready() || column < 0)
        return;
    m_column = column;
    toggle(column);
}

void TokenPredictionsPanel::drag(QPointF from, QPointF change)
{
    if (m_strip.area().contains(from))
        m_strip.scroll(-change.y());
}

void TokenPredictionsPanel::wheel(QPointF, qreal steps)
{
    m_strip.scroll(-steps * 40);
}

bool TokenPredictionsPanel::key(int key, Qt::KeyboardModifiers)
{
    if (!ready())
        return false;
    const int now = std::max(0, current()), last = int(m_scene.columns.size()) - 1;
    switch (key) {
    case Qt::Key_Left: moveTo(now - 1); return true;
    case Qt::Key_Right: moveTo(now + 1); return true;
    case Qt::Key_Up: moveTo(m_strip.columnInLine(now, -1)); return true;
    case Qt::Key_Down: moveTo(m_strip.columnInLine(now, 1)); return true;
    case Qt::Key_Home: moveTo(0); return true;
    case Qt::Key_End: moveTo(last); return true;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        if (m_shown != Shown::batch)
            return false;
        selectPair(std::clamp(m_row + (key == Qt::Key_PageUp ? -1 : 1), 0, std::max(0, m_rows - 1)));
        return true;
    case Qt::Key_Escape: selection().clear(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_column = std::min(now, last);
        toggle(m_column);
        return true;
    default: return false;
    }
}

Panel *makeTokenPredictionsPanel(const PanelContext &context)
{
    return new TokenPredictionsPanel(context);
}

} // namespace pretext
