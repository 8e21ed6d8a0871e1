// Slow motion: one training step in stages, from the sample to the gradient, each with its numbers for the selected sample. The step that is looked at is
// held until the first stage is shown again.
#include "widgets/panels/canvaspanel.h"
#include "widgets/panelpair.h"
#include "widgets/panels/slowmotionstory.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPushButton>

#include <algorithm>

namespace pretext {

class SlowMotionPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::SlowMotionPanel)
public:
    explicit SlowMotionPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
    QString csv() const override { return m_story ? m_story->csv : QString(); }

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    void click(QPointF position) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool waits() const override { return !m_held.snapshot() || m_held.snapshot()->channels.empty(); }

private:
    int stages() const { return m_story ? int(m_story->stages.size()) : 1; }
    void show(int stage);
    void hold();
    void moveBy(int by);
    int pair() const;
    QString message() const;
    void drawStages(Canvas &canvas, QRectF &area);

    BatchView m_held; // that is shown: the newest one while the first stage is
    std::optional<Story> m_story;
    QString m_why;
    TokenChannels m_channels = tokenChannels({}, {}); // that are wanted
    int m_stage = 0, m_token = 0;                     // the second among those that are predicted of the sentence
    std::vector<QRectF> m_names;                      // of the stages, on the canvas
    QPushButton *m_back, *m_on;
};

SlowMotionPanel::SlowMotionPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Slow motion"))
    , m_back(new QPushButton(tr("◀ Back")))
    , m_on(new QPushButton(tr("On ▶")))
{
    m_back->setToolTip(tr("The stage before (Left). At the first one the panel follows the training again."));
    m_on->setToolTip(tr("The next stage of the same step (Right), which is held while training goes on."));
    toolbar().addWidget(m_back);
    toolbar().addWidget(m_on);
    toolbar().addStretch(1);
    for (QPushButton *button : {m_back, m_on})
        button->setProperty(kOwnToRun, true); // stages are shared, however they are chosen
    connect(m_back, &QPushButton::clicked, this, [this] { show(m_stage - 1); });
    connect(m_on, &QPushButton::clicked, this, [this] { show(m_stage + 1); });
    connect(&selection(), &Selection::changed, this, [this] {
        hold();
        repaint();
    });
    connect(&run(), &Run::jobStarted, this, [this] {
        m_held = {};
        m_story.reset();
        show(0);
    });
    connect(&run(), &Run::shownStepChanged, this, [this] { show(0); }); // what was held is let go
    show(0);
}

std::set<std::string> SlowMotionPanel::wantedChannels() const
{
    return {"views/originals", "views/pixels", "views/drawings",     "views/records",      "tokens/rows",        "features",
            "embeddings",      "similarity",   "similarity/softmax", "tokens/predictions", m_channels.attention, m_channels.embedded};
}

std::function<SlowMotionPanel::Adopt()> SlowMotionPanel::preparation(const BatchView &batch)
{
    return [this, batch] {
        return [this, batch] {
            if (m_stage > 0 && m_held.snapshot())
                return;
            m_held = batch;
            hold();
        };
    };
}

/// The story of the sample that is selected, or first in the held batch.
void SlowMotionPanel::hold()
{
    m_why.clear();
    m_story = predictionStory(m_held, selection().chosen(), m_token);
    if (!m_story && m_held.snapshot())
        m_story = contrastStory(m_held, pair(), &m_why);
    m_stage = std::min(m_stage, stages() - 1);
    if (TokenChannels channels = tokenChannels(m_held, selection().chosen()); !(channels == m_channels)) {
        m_channels = std::move(channels);
        wantedChannelsChanged();
    }
    canvas().setAccessibleDescription(description());
}

int SlowMotionPanel::pair() const
{
    if (!m_held.snapshot() || m_held.pairs() < 1)
        return -1;
    return std::max(0, m_held.pairOf(selection().chosen()));
}

/// Another pair, or of a sentence another token.
void SlowMotionPanel::moveBy(int by)
{
    if (m_held.snapshot() && m_held.snapshot()->channel<TokenPredictions>("tokens/predictions")) {
        m_token += by;
        hold();
        repaint();
    } else if (pair() >= 0) {
        const int next = std::clamp(pair() + by, 0, m_held.pairs() - 1);
        selection().select({m_held.sample(next), next});
    }
}

void SlowMotionPanel::show(int stage)
{
    m_stage = std::clamp(stage, 0, stages() - 1);
    m_back->setEnabled(m_stage > 0);
    m_on->setEnabled(m_stage < stages() - 1);
    if (m_stage == 0)
        prepareAgain();
    canvas().setAccessibleDescription(description());
    repaint();
    if (auto *twin = static_cast<SlowMotionPanel *>(beside()); twin && twin->m_stage != m_stage)
        twin->show(m_stage);
}

QString SlowMotionPanel::message() const
{
    if (!m_why.isEmpty())
        return m_why;
    if (run().hasJob() && m_held.snapshot() && !m_held.snapshot()->offered.contains("similarity/softmax"))
        return tr(
            "A step is taken apart here of methods that compare views by a softmax or predict tokens. Choose SimCLR or InfoNCE in Controls' list of methods.");
    return waitingForPairs(run(), tr("the step that is taken apart here"));
}

void SlowMotionPanel::draw(Canvas &canvas)
{
    m_names.clear();
    if (!m_story) {
        drawMessage(canvas, message());
        return;
    }
    m_on->setEnabled(m_stage < stages() - 1);
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing;
    QRectF area = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawStages(canvas, area);
    const QString held = m_stage > 0 ? tr("Step %1, held.").arg(m_held.snapshot()->step) : tr("Step %1.").arg(m_held.snapshot()->step);
    area.setTop(area.top() + drawWrapped(canvas, area, held + u' ' + m_story->stages[size_t(m_stage)].explanation, theme.text) + gap);
    canvas.clip(area);
    m_story->stages[size_t(m_stage)].draw(canvas, area);
    canvas.unclip();
}

void SlowMotionPanel::drawStages(Canvas &canvas, QRectF &area)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas);
    QStringList names;
    qreal widest = 0;
    for (int i = 0; i < stages(); ++i) {
        names << tr("%1 %2").arg(i + 1).arg(m_story->stages[size_t(i)].name);
        widest = std::max(widest, canvas.textWidth(names.back(), kSmall) + 9);
    }
    const bool all = stages() * widest <= area.width(); // else the current one has its name, and the others their numbers
    const qreal own = all ? area.width() / stages() : std::min(widest, 0.5 * area.width());
    const qreal other = stages() > 1 ? (area.width() - own) / (stages() - 1) : 0;
    qreal left = area.left();
    for (int i = 0; i < stages(); ++i) {
        const qreal width = i == m_stage ? own : other;
        const QRectF box(left, area.top(), width - 3, 1.4 * line);
        left += width;
        m_names.push_back(box);
        if (i == m_stage)
            canvas.fill(box, theme.accent);
        else
            canvas.rectangle(box, theme.grid);
        const QString text = all || i == m_stage ? names[i] : QString::number(i + 1);
        canvas.text(box.center(), elided(canvas, text, width - 6, kSmall), i == m_stage ? theme.background : theme.text, Align::centre, kSmall);
    }
    area.setTop(area.top() + 1.4 * line + theme.spacing);
}

void SlowMotionPanel::click(QPointF position)
{
    for (size_t i = 0; i < m_names.size(); ++i)
        if (m_names[i].contains(position))
            return show(int(i));
}

bool SlowMotionPanel::key(int key, Qt::KeyboardModifiers)
{
    switch (key) {
    case Qt::Key_Right: show(m_stage + 1); return true;
    case Qt::Key_Left: show(m_stage - 1); return true;
    case Qt::Key_Home: show(0); return true;
    case Qt::Key_End: show(stages() - 1); return true;
    case Qt::Key_Up: moveBy(-1); return true;
    case Qt::Key_Down: moveBy(1); return true;
    default: return false;
    }
}

QString SlowMotionPanel::description() const
{
    if (!m_story)
        return message();
    const StoryStage &stage = m_story->stages[size_t(m_stage)];
    const QStringList sentences{
        tr("Stage %1 of %2, %3, of %4 at step %5.").arg(m_stage + 1).arg(stages()).arg(stage.name, m_story->of).arg(m_held.snapshot()->step),
        stage.explanation};
    return (sentences + m_story->numbers).join(u' ');
}

Panel *makeSlowMotionPanel(const PanelContext &context)
{
    return new SlowMotionPanel(context);
}

} // namespace pretext
