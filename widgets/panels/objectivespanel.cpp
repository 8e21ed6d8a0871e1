// Four objectives: the same sentence as a masked, a causal and a prefix language model and denoising would train on it: what each is given, which
// positions count, and who may see whom; and, where the user wishes it, four small models that learn it side by side. The sentence is the selected one of
// the batch, or typed; where no text is trained on, one of the text that is there to begin with.
#include "widgets/background.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/objectivesentence.h"
#include "widgets/panels/objectivetrainer.h"
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
    bool showsAllRuns() const override { return true; }

    std::set<std::string> wantedChannels() const override { return {"tokens/rows"}; }
    void refresh() override;
    QString csv() const override { return m_views.empty() ? QString() : objectivesCsv(m_views); }

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
    void addTraining();
    void openOwnText();
    void adoptSentence(const ChosenSentence &chosen, const TextAtHand &text);
    void showLearned();
    QString learningWords() const;
    qreal drawLegends(Canvas &canvas, const QRectF &area) const;
    void nextSentence();
    void moveTo(int objective, int position);
    QString waiting() const;

    QLineEdit *m_typed;
    ObjectiveTrainer *m_trainer;
    QPushButton *m_train, *m_reset;
    TextAtHand m_own;
    QString m_problem; // why there is no own text
    bool m_opening = false;
    int64_t m_ownSample = 0;
    uint32_t m_draw = 0;
    Chosen m_selected;
    QString m_sentence; // that is looked at in place of a sample

    std::vector<ObjectiveView> m_views;
    ObjectiveQuestion m_question;
    QString m_source; // where the sentence is from
    ImageGrid m_grid;
    int m_current = 0, m_position = -1;
};

ObjectivesPanel::ObjectivesPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Four objectives"))
    , m_typed(new QLineEdit)
    , m_trainer(new ObjectiveTrainer(
          run(), [this] { return isShowing(); }, this))
    , m_train(new QPushButton)
    , m_reset(new QPushButton(tr("Reset")))
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
    addTraining();
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

void ObjectivesPanel::addTraining()
{
    m_train->setToolTip(tr("Trains four small models, one of each objective, in turns on the text, with the knobs of the running job: what each takes the "
                           "hidden tokens to be, and its loss. Beside a job that trains they keep to 5 % of the machine."));
    m_reset->setToolTip(tr("Forgets the four small models."));
    toolbar().addWidget(m_train);
    toolbar().addWidget(m_reset);
    connect(m_train, &QPushButton::clicked, this, [this] { m_trainer->setTraining(!m_trainer->training()); });
    connect(m_reset, &QPushButton::clicked, m_trainer, [this] {
        m_trainer->setTraining(false);
        m_trainer->reset();
    });
    connect(m_trainer, &ObjectiveTrainer::changed, this, &ObjectivesPanel::showLearned);
    showLearned();
}

/// What the models have come to since.
void ObjectivesPanel::showLearned()
{
    const ObjectiveNews &news = m_trainer->news();
    for (ObjectiveView &view : m_views)
        view.learn(news.progress, news.question == m_question);
    m_train->setText(m_trainer->training() ? tr("Pause") : tr("Train"));
    m_train->setEnabled(m_trainer->hasText());
    m_reset->setEnabled(!news.progress.empty());
    repaint();
}

/// How the training of the models goes; empty where none is.
QString ObjectivesPanel::learningWords() const
{
    if (!m_trainer->problem().isEmpty())
        return m_trainer->problem();
    const ObjectiveNews &news = m_trainer->news();
    if (!m_trainer->training())
        return news.progress.empty() ? QString() : tr("paused");
    if (news.progress.empty())
        return tr("the models are being made ready");
    const QString pace = tr("%1 steps a second in all").arg(decimalText(news.stepsPerSecond, news.stepsPerSecond < 10 ? 1 : 0));
    return m_trainer->besideRun() ? tr("%1, as the running job comes first").arg(pace) : pace;
}

void ObjectivesPanel::refresh()
{
    m_trainer->look();
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
        return Adopt([this, views, chosen, text = choice.own ? choice.text : TextAtHand{choice.data, chosen.tokenizer}] {
            m_views = views;
            m_current = std::clamp(m_current, 0, std::max(0, int(m_views.size()) - 1));
            m_position = m_views.empty() ? -1 : std::min(m_position, m_views[m_current].positions() - 1);
            adoptSentence(chosen, text);
        });
    };
}

void ObjectivesPanel::adoptSentence(const ChosenSentence &chosen, const TextAtHand &text)
{
    m_source = chosen.source;
    m_question = chosen.question;
    if (chosen.tokenizer) {
        m_trainer->setText({text.dataset, text.tokenizer, chosen.question.knobs, chosen.question.seed});
        m_trainer->ask(chosen.question);
    }
    showLearned();
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
    const QString learning = learningWords(), where = tr("%1; masks: the row's token may see the filled columns.").arg(m_source);
    const QString said = m_position >= 0 ? m_views[m_current].words(m_position) : learning.isEmpty() ? where : tr("%1; %2").arg(m_source, learning);
    canvas.text({rest.left(), rest.top() + small / 2}, elided(canvas, said, rest.width(), kSmall), theme.mutedText, Align::left, kSmall);
    rest.setTop(rest.top() + small + gap / 2);
    rest.setBottom(rest.bottom() - drawLegends(canvas, rest) - gap / 2);
    const int columns = rest.width() > 34 * theme.fontSize ? 2 : 1, rows = (int(m_views.size()) + columns - 1) / columns;
    m_grid.place(rest, int(m_views.size()), (rest.width() - 12) / columns,
                 std::max(rest.height() / rows, (m_views.front().learns() ? 16 : 11) * theme.fontSize));
    canvas.clip(rest);
    for (int i = m_grid.firstVisible(); i < m_grid.endVisible(); ++i)
        m_views[i].draw(canvas, m_grid.tile(i).adjusted(0, 0, -gap, -gap), i == m_current ? m_position : -1, i == m_current && m_position >= 0);
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

/// At the bottom of the area: what the marks mean, and the tint of what is guessed. Returns their height.
qreal ObjectivesPanel::drawLegends(Canvas &canvas, const QRectF &area) const
{
    const auto marks = marksOf(m_views);
    const qreal tint = m_views.front().learns() ? lineHeight(canvas, kSmall) + canvas.theme().spacing / 2 : 0;
    const qreal legend = drawMarkLegend(canvas, area, marks, true);
    drawMarkLegend(canvas, QRectF(area.left(), area.bottom() - tint - legend, area.width(), legend), marks);
    if (tint > 0)
        drawTintLegend(canvas, QRectF(area.left(), area.bottom() - tint, area.width(), tint), guessScale(), tr("probability of what is guessed"));
    return legend + tint;
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
    QStringList sentences{view.title() + u'.', view.summary(), view.words(m_position), view.learned(), learningWords()};
    sentences.removeAll(QString());
    return sentences.join(u' ');
}

Panel *makeObjectivesPanel(const PanelContext &context)
{
    return new ObjectivesPanel(context);
}

} // namespace pretext
