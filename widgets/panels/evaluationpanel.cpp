// Evaluation: judges the model as it is now on held-out data, beside what needs no learning, while it trains on. The work is done from a
// checkpoint, below the training, and can be given up.
#include "widgets/background.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/confusionview.h"
#include "widgets/panels/evaluationbar.h"
#include "widgets/panels/evaluationjudging.h"
#include "widgets/panels/scoredrawing.h"
#include "widgets/panels/scoreview.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"
#include "widgets/selection.h"

#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMimeData>
#include <QTimer>
#include <QUrl>

#include <optional>
#include <utility>

namespace pretext {

namespace {

constexpr int kPollMilliseconds = 200;

/// Why there is no matrix to show.
QString confusionMessage(const QString &doing)
{
    return !doing.isEmpty() ? QObject::tr("Which classes are taken for which is shown as soon as all held-out samples were judged: %1.").arg(doing)
                            : QObject::tr("These data have no classes, or none was guessed: there is nothing to take for another.");
}

} // namespace

class EvaluationPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::EvaluationPanel)
public:
    explicit EvaluationPanel(const PanelContext &context);
    ~EvaluationPanel() override { cancel(); }

    QString csv() const override { return showsConfusion() ? m_confusion.csv() : m_bar->wantsConfusion() ? QString() : scoresCsv(m_judged.tables); }

protected:
    void draw(Canvas &canvas) override;
    void drag(QPointF from, QPointF change) override { scrollAt(from, -change.y()); }
    void wheel(QPointF position, qreal steps) override { scrollAt(position, -60 * steps); }
    void click(QPointF position) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void begin();
    void judge(const std::filesystem::path &checkpoint);
    void look();
    void take(const Judged &known);
    void finish(const QString &problem);
    void cancel();
    void scrollAt(QPointF position, qreal pixels);
    bool showsConfusion() const { return m_bar->wantsConfusion() && !m_confusion.isEmpty(); }
    void showConfusion();
    void said();
    QString message() const; // where nothing is known

    EvaluationBar *m_bar;
    ScoreView m_scores;
    ConfusionView m_confusion;
    QTimer m_poll;
    std::shared_ptr<Judging> m_progress; // while it evaluates
    Judged m_known, m_earlier;           // by this evaluation; by the last one before it that was complete
    Judged m_judged;                     // both: what is shown
    QString m_problem;
};

EvaluationPanel::EvaluationPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Evaluation"))
    , m_bar(new EvaluationBar(this))
    , m_confusion(this, [this] { repaint(); })
{
    toolbar().addWidget(m_bar);
    m_poll.setInterval(kPollMilliseconds);
    connect(&m_poll, &QTimer::timeout, this, &EvaluationPanel::look);
    connect(m_bar, &EvaluationBar::asked, this, [this] { m_progress ? cancel() : begin(); });
    connect(m_bar, &EvaluationBar::shownChanged, this, &EvaluationPanel::showConfusion);
    connect(&selection(), &Selection::changed, this, [this] { repaint(); });
    connect(&run(), &Run::jobStarted, this, [this] {
        cancel();
        m_judged = m_known = m_earlier = {};
        m_bar->setData(run().dataset().get());
        finish({});
    });
    connect(&run(), &Run::statusChanged, this, [this] { m_bar->setReady(m_progress || run().hasJob()); });
    setAcceptDrops(true);
    m_bar->setData(run().dataset().get());
    finish({});
}

void EvaluationPanel::dragEnterEvent(QDragEnterEvent *event)
{
    for (const QUrl &url : event->mimeData()->urls())
        if (QFileInfo::exists(url.toLocalFile() + "/checkpoints"))
            event->acceptProposedAction();
}

void EvaluationPanel::dropEvent(QDropEvent *event)
{
    QStringList folders;
    for (const QUrl &url : event->mimeData()->urls())
        folders << url.toLocalFile();
    m_bar->join(folders);
    event->acceptProposedAction();
}

void EvaluationPanel::begin()
{
    m_progress = std::make_shared<Judging>();
    m_progress->report("saving a checkpoint", 0);
    m_problem.clear();
    if (m_known.complete || m_earlier.title.isEmpty())
        m_earlier = std::move(m_known);
    m_bar->setWorking(true);
    m_poll.start();
    take({});
    run().withCheckpoint(this, [this, progress = m_progress](const std::filesystem::path &checkpoint) {
        if (progress != m_progress)
            return; // given up in the meantime
        checkpoint.empty() ? finish(tr("There is no checkpoint of this job to evaluate.")) : judge(checkpoint);
    });
}

void EvaluationPanel::judge(const std::filesystem::path &checkpoint)
{
    const int threads = run().status().state == TrainerState::playing ? 1 : 0; // while it trains, only the trainer has a team
    JudgedRuns judged{{checkpoint}, m_bar->joining()};
    judged.runs.insert(judged.runs.end(), m_bar->others().begin(), m_bar->others().end());
    const auto work = [judged, threads, options = m_bar->options(), data = run().dataset(), progress = m_progress] {
        return judgeRuns(judged, *data, options, threads, *progress);
    };
    inBackground(
        this, work,
        [this, progress = m_progress](const Judged &judged) {
            if (progress != m_progress)
                return;
            take(judged);
            finish({});
        },
        [this, progress = m_progress](const QString &line) {
            if (progress == m_progress)
                finish(tr("Not evaluated: %1").arg(line));
        });
}

void EvaluationPanel::showConfusion()
{
    const int chosen = m_bar->confusion();
    m_confusion.clear();
    if (chosen >= 0 && size_t(chosen / 2) < m_judged.confused.size())
        m_confusion.show(m_judged.confused[size_t(chosen / 2)], chosen % 2 == 0 ? GuessedBy::probe : GuessedBy::knn, run().dataset());
    said();
}

void EvaluationPanel::said()
{
    canvas().setAccessibleDescription(description());
    repaint();
}

void EvaluationPanel::click(QPointF position)
{
    if (!showsConfusion())
        return;
    if (const int64_t sample = m_confusion.click(position); sample >= 0)
        selection().select({{Split::test, sample}, -1});
    said();
}

/// Rows are shown as they are known.
void EvaluationPanel::look()
{
    if (const std::optional<Judged> known = m_progress ? m_progress->take() : std::nullopt)
        take(*known);
    repaint();
}

void EvaluationPanel::take(const Judged &known)
{
    m_known = known;
    m_judged = withEarlier(m_known, m_earlier);
    m_bar->setConfusions(m_judged.confused);
}

/// Ready for the next one.
void EvaluationPanel::finish(const QString &problem)
{
    m_progress.reset();
    m_problem = problem;
    m_poll.stop();
    m_scores.scrollToTop();
    m_bar->setWorking(false);
    m_bar->setReady(run().hasJob());
    m_bar->setConfusions(m_judged.confused);
}

void EvaluationPanel::cancel()
{
    if (m_progress)
        m_progress->cancel();
}

QString EvaluationPanel::message() const
{
    if (m_progress)
        return m_progress->what();
    if (!m_problem.isEmpty())
        return m_problem;
    if (!run().hasJob())
        return tr("There is nothing to evaluate before the first training step. Open data in the File menu, or start a lesson.");
    return tr("How well do the features serve, on data that training never saw? Evaluate now compares them with features that need no learning.");
}

void EvaluationPanel::draw(Canvas &canvas)
{
    if (m_judged.title.isEmpty()) {
        drawMessage(canvas, message());
        return;
    }
    const qreal gap = canvas.theme().spacing;
    QRectF area = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    if (showsConfusion()) {
        const qreal line = lineHeight(canvas, kSmall);
        canvas.text({area.left(), area.top() + line / 2}, elided(canvas, m_judged.title, area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
        area.setTop(area.top() + line);
        m_confusion.draw(canvas, area, selection().sample().split == Split::test ? selection().sample().index : -1);
    } else if (m_bar->wantsConfusion())
        drawMessage(canvas, confusionMessage(!m_progress ? QString() : m_progress->what().isEmpty() ? tr("it begins") : m_progress->what()));
    else
        m_scores.draw(canvas, area, m_judged, m_progress ? m_progress->what() : m_problem);
}

void EvaluationPanel::scrollAt(QPointF position, qreal pixels)
{
    showsConfusion() ? m_confusion.scroll(position, pixels) : m_scores.scroll(pixels);
    repaint();
}

bool EvaluationPanel::key(int key, Qt::KeyboardModifiers)
{
    const bool used = showsConfusion() ? m_confusion.key(key) : m_scores.key(key);
    if (showsConfusion())
        said();
    repaint();
    return used;
}

QString EvaluationPanel::description() const
{
    if (m_judged.title.isEmpty())
        return message();
    QStringList sentences{m_judged.title + u'.'};
    if (showsConfusion())
        return sentences.front() + u' ' + m_confusion.description();
    if (m_progress)
        sentences << tr("More is on its way: %1.").arg(m_progress->what());
    else if (!m_problem.isEmpty())
        sentences << m_problem;
    for (const ScoreTable &table : m_judged.tables)
        sentences << scoresInWords(table);
    return (sentences + m_judged.notes).join(u' ');
}

Panel *makeEvaluationPanel(const PanelContext &context)
{
    return new EvaluationPanel(context);
}

} // namespace pretext
