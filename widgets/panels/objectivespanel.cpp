// Four objectives: the same sentence as a masked, a causal and a prefix language model and denoising would train on it: what each is given, which
// positions count, and who may see whom. The sentence is the selected one of the batch, or typed; where no text is trained on, one of the
// text that is there to begin with.
#include "widgets/background.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/objectivesentence.h"
#include "widgets/panels/objectiveview.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"
#include "widgets/run.h"
#include "widgets/said.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

#include <algorithm>

namespace pretext {

namespace {

constexpr int kTokensAtOnce = 128; // of a row, within a frame

std::vector<std::pair<TokenMark, QString>> marksOf(const std::vector<ObjectiveView> &views)
{
    std::vector<std::pair<TokenMark, QString>> marks;
    for (const ObjectiveView &view : views)
        for (const auto &mark : view.marks())
            if (std::find(marks.begin(), marks.end(), mark) == marks.end())
                marks.push_back(mark);
    return marks;
}

} // namespace

class ObjectivesPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::ObjectivesPanel)
public:
    explicit ObjectivesPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override { return {"tokens/rows"}; }
    void refresh() override;
    QString csv() const override { return m_views.empty() ? QString() : objectivesCsv(m_objectives); }

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    bool takesLong(const BatchView &batch) const override;
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override;
    void leave() override { moveTo(m_current, -1); }
    void click(QPointF position) override { hover(position); }
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool isRead() const override { return !m_views.empty() && batch().bySentences() && m_typed->text().isEmpty() && selection().sentence().isEmpty(); }

private:
    void openOwnText();
    void nextSentence();
    void moveTo(int objective, int position);
    QString waiting() const;

    QLineEdit *m_typed;
    TextAtHand m_own;
    QString m_problem; // why there is no own text
    bool m_opening = false;
    int64_t m_ownSample = 0;
    uint32_t m_draw = 0;
    Chosen m_selected;
    QString m_sentence; // that is looked at in place of a sample

    std::vector<Objective> m_objectives;
    std::vector<ObjectiveView> m_views;
    QString m_source; // where the sentence is from
    ImageGrid m_grid;
    int m_current = 0, m_position = -1;
};

ObjectivesPanel::ObjectivesPanel(const PanelContext &context) : CanvasPanel(context, tr("Four objectives")), m_typed(new QLineEdit)
{
    m_typed->setPlaceholderText(tr("Type a sentence; empty: the selected sample"));
    m_typed->setAccessibleName(tr("sentence"));
    m_typed->setToolTip(tr("A sentence of your own, shown as each objective would train on it."));
    m_typed->setClearButtonEnabled(true);
    auto *next = new QPushButton(tr("Next sentence"));
    next->setToolTip(tr("Shows the next sample of the batch; it is selected in all panels."));
    auto *again = new QPushButton(tr("Draw again"));
    again->setToolTip(tr("Other random numbers, as in another epoch: other tokens are masked, another prefix is cut, other noise falls."));
    toolbar().addWidget(m_typed, 1);
    toolbar().addWidget(next);
    toolbar().addWidget(again);
    connect(m_typed, &QLineEdit::textChanged, this, [this] { prepareAgain(); });
    connect(next, &QPushButton::clicked, this, &ObjectivesPanel::nextSentence);
    connect(again, &QPushButton::clicked, this, [this] {
        ++m_draw;
        prepareAgain();
    });
    connect(&selection(), &Selection::changed, this, [this] {
        if (isShowing() && (m_selected != selection().chosen() || m_sentence != selection().sentence()))
            prepareAgain();
    });
}

void ObjectivesPanel::refresh()
{
    if (run().hasJob() && !servesJob() && !m_own.tokenizer)
        openOwnText();
    CanvasPanel::refresh();
}

void ObjectivesPanel::openOwnText()
{
    if (m_opening || !m_problem.isEmpty())
        return;
    m_opening = true;
    inBackground(
        this, [kind = of().value()] { return openTextAtHand(kind); },
        [this](const TextAtHand &text) {
            m_opening = false;
            m_own = text;
            prepareAgain();
        },
        [this](const QString &line) {
            m_opening = false;
            m_problem = line;
            repaint();
        });
}

void ObjectivesPanel::nextSentence()
{
    m_typed->clear();
    if (batch().tokens(0)) {
        selectPair((std::max(0, selectedPair()) + 1) % batch().pairs());
        return;
    }
    ++m_ownSample;
    prepareAgain();
}

bool ObjectivesPanel::takesLong(const BatchView &batch) const
{
    const TokenRowView *row = batch.tokens(0); // rows are about as long as each other
    return row && int(row->original.size()) > kTokensAtOnce;
}

std::function<CanvasPanel::Adopt()> ObjectivesPanel::preparation(const BatchView &batch)
{
    m_selected = selection().chosen();
    m_sentence = selection().sentence();
    const SentenceChoice choice{.batch = batch,
                                .own = !tokenizerIn(batch) && run().hasJob() && !servesJob(),
                                .pair = std::max(0, batch.pairOf(m_selected)),
                                .shared = m_sentence.toStdString(),
                                .sample = m_selected.sample,
                                .data = run().dataset(),
                                .text = m_own,
                                .ownSample = m_ownSample,
                                .typed = m_typed->text().trimmed(),
                                .draw = m_draw};
    return [this, choice] {
        const ChosenSentence chosen = chooseSentence(choice);
        std::vector<Objective> objectives;
        if (chosen.tokenizer)
            objectives = objectivesOf(chosen.question, chosen.tokenizer);
        const std::vector<ObjectiveView> views(objectives.begin(), objectives.end());
        return Adopt([this, objectives, views, source = chosen.source] {
            m_objectives = objectives;
            m_views = views;
            m_source = source;
            m_position = m_views.empty() ? -1 : std::min(m_position, m_views[m_current].positions() - 1);
        });
    };
}

QString ObjectivesPanel::waiting() const
{
    const QString what = tr("a sentence under four objectives");
    if (!run().hasJob() || servesJob())
        return waitingText(run(), what);
    if (!m_problem.isEmpty())
        return tr("To show %1, a text is needed: %2. Choose a text method in Controls, or open a text file.").arg(what, m_problem);
    return tr("The running job trains on %1, so a text is being prepared to show %2.").arg(translated(toText(modalityOf(run().config()))), what);
}

void ObjectivesPanel::draw(Canvas &canvas)
{
    if (m_views.empty()) {
        drawMessage(canvas, waiting());
        return;
    }
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, small = lineHeight(canvas, kSmall);
    QRectF rest = QRectF(QPointF(), canvas.size()).adjusted(gap, gap / 2, -gap, -gap / 2);
    if (m_typed->text().isEmpty() && m_sentence.isEmpty() && m_selected.place >= 0)
        drawAbsence(canvas, rest);
    const QString said = m_position >= 0 ? m_views[m_current].words(m_position) : tr("%1; masks: the row's token may see the filled columns.").arg(m_source);
    canvas.text({rest.left(), rest.top() + small / 2}, elided(canvas, said, rest.width(), kSmall), theme.mutedText, Align::left, kSmall);
    rest.setTop(rest.top() + small + gap / 2);
    const auto marks = marksOf(m_views);
    const qreal legend = drawMarkLegend(canvas, rest, marks, true);
    drawMarkLegend(canvas, QRectF(rest.left(), rest.bottom() - legend, rest.width(), legend), marks);
    rest.setBottom(rest.bottom() - legend - gap / 2);
    const int columns = rest.width() > 34 * theme.fontSize ? 2 : 1;
    m_grid.place(rest, int(m_views.size()), (rest.width() - 12) / columns, std::max(rest.height() / (int(m_views.size()) / columns), 11 * theme.fontSize));
    canvas.clip(rest);
    for (int i = m_grid.firstVisible(); i < m_grid.endVisible(); ++i)
        m_views[i].draw(canvas, m_grid.tile(i).adjusted(0, 0, -gap, -gap), i == m_current ? m_position : -1, i == m_current && m_position >= 0);
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

void ObjectivesPanel::moveTo(int objective, int position)
{
    if (objective == m_current && position == m_position)
        return;
    m_current = objective;
    m_position = position;
    repaint();
}

void ObjectivesPanel::hover(QPointF position)
{
    const int tile = m_grid.tileAt(position);
    if (tile >= 0 && tile < int(m_views.size()))
        moveTo(tile, m_views[tile].positionAt(position));
}

void ObjectivesPanel::drag(QPointF from, QPointF change)
{
    if (m_grid.area().contains(from))
        m_grid.scroll(-change.y());
}

void ObjectivesPanel::wheel(QPointF at, qreal steps)
{
    const int tile = m_grid.tileAt(at);
    if (tile < 0 || tile >= int(m_views.size()) || !m_views[tile].scroll(at, -steps * 30))
        m_grid.scroll(-steps * 60);
}

bool ObjectivesPanel::key(int key, Qt::KeyboardModifiers)
{
    if (m_views.empty())
        return false;
    const auto step = [this](int objectives, int positions) {
        const int objective = std::clamp(m_current + objectives, 0, int(m_views.size()) - 1);
        moveTo(objective, std::clamp(m_position + positions, 0, std::max(0, m_views[objective].positions() - 1)));
        m_grid.reveal(objective);
    };
    switch (key) {
    case Qt::Key_Left: step(0, -1); return true;
    case Qt::Key_Right: step(0, 1); return true;
    case Qt::Key_Up: step(-1, 0); return true;
    case Qt::Key_Down: step(1, 0); return true;
    case Qt::Key_Home: moveTo(m_current, 0); return true;
    case Qt::Key_End: moveTo(m_current, m_views[m_current].positions() - 1); return true;
    case Qt::Key_Escape: moveTo(m_current, -1); return true;
    default: return false;
    }
}

QString ObjectivesPanel::description() const
{
    if (m_views.empty())
        return waiting();
    const ObjectiveView &view = m_views[m_current];
    return view.title() + QStringLiteral(". ") + view.summary() + u' ' + view.words(m_position);
}

Panel *makeObjectivesPanel(const PanelContext &context)
{
    return new ObjectivesPanel(context);
}

} // namespace pretext
