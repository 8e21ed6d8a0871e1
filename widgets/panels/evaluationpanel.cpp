// Evaluation: judges the model as it is now on held-out data, beside what needs no learning, while it trains on. The work is done from a
// checkpoint, below the training, and can be given up.
#include "core/analysis/evaluationjson.h"
#include "core/analysis/scoretables.h"
#include "core/analysis/supervised.h"
#include "core/analysis/modalityanalysis.h"
#include "core/backend/backend.h"
#include "core/data/modalitytype.h"
#include "core/ssl/datakinds.h"
#include "core/system/threads.h"
#include "widgets/background.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/confusionview.h"
#include "widgets/panels/scoredrawing.h"
#include "widgets/plots/textlayout.h"
#include "widgets/progressing.h"
#include "widgets/run.h"
#include "widgets/selection.h"

#include <QCoreApplication>
#include <QObject>
#include <QCheckBox>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMimeData>
#include <QPushButton>
#include <QTimer>
#include <QUrl>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace pretext {

namespace {

constexpr int kPollMilliseconds = 200, kLeastComboWidth = 56;
constexpr qreal kScrollBar = 4;

struct Judged
{
    QString title; // empty: nothing is known
    std::vector<ScoreTable> tables;
    std::vector<EvaluationRow> confused; // rows whose guesses are known
    QStringList notes;
};

/// What is judged: the checkpoint's encoder, and those of other runs that are joined with it.
struct JudgedRuns
{
    std::vector<std::filesystem::path> runs; // the checkpoint first
    Joining joining = Joining::average;
};

QString titleOf(const JudgedRuns &judged, int64_t step, const Dataset &data)
{
    const QString name = QString::fromStdString(data.info().name);
    if (judged.runs.size() == 1)
        return QObject::tr("Step %1, held-out split of %2").arg(step).arg(name);
    QStringList others;
    for (size_t i = 1; i < judged.runs.size(); ++i)
        others << QString::fromStdString(judged.runs[i].filename().string());
    const QString joined = others.join(QStringLiteral(", "));
    return judged.joining == Joining::average ? QObject::tr("Step %1, averaged with %2, held-out split of %3").arg(step).arg(joined, name)
                                              : QObject::tr("Step %1, side by side with %2, held-out split of %3").arg(step).arg(joined, name);
}

/// Why there is no matrix to show.
QString confusionMessage(bool working)
{
    return working ? QObject::tr("Which classes are taken for which is shown as soon as all held-out samples were judged.")
                   : QObject::tr("These data have no classes, or none was guessed: there is nothing to take for another.");
}

/// Data without labels have no tables, but a geometry and notes.
Judged judgedOf(const Evaluation &evaluation, const QString &title)
{
    if (evaluation.dimension == 0)
        return {}; // given up before its first result
    Judged judged{title, tablesOf(evaluation), {}, {QString::fromStdString(geometryOf(evaluation)) + u'.'}};
    std::ranges::copy_if(evaluation.rows, std::back_inserter(judged.confused), [](const EvaluationRow &row) { return !row.guesses.truth.empty(); });
    for (const std::string &note : evaluation.notes)
        judged.notes << QString::fromStdString(note);
    return judged;
}

/// In the run's folder, where the panel of runs finds it.
void keepIn(Judged &judged, const Evaluation &evaluation, const TrainedEncoder &encoder, const std::string &data)
{
    try {
        keepEvaluation(evaluation, encoder, data);
    } catch (const std::exception &error) {
        judged.notes << QObject::tr("It could not be kept in the run: %1").arg(QString::fromStdString(describe(error)));
    }
}

/// Work under way, and the newest of what it knows.
class Judging : public Progressing
{
public:
    void know(Judged judged)
    {
        const std::lock_guard lock(m_mutex);
        m_known = std::move(judged);
    }
    /// What was not taken yet.
    std::optional<Judged> take()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_known, std::nullopt);
    }

private:
    std::mutex m_mutex;
    std::optional<Judged> m_known;
};

} // namespace

class EvaluationPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::EvaluationPanel)
public:
    explicit EvaluationPanel(const PanelContext &context);
    ~EvaluationPanel() override { cancel(); }

    QString csv() const override { return showsConfusion() ? m_confusion.csv() : scoresCsv(m_judged.tables); }

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
    void makeTools();
    void chooseOther();
    void join(const QStringList &folders);
    bool canBeSupervised() const;
    bool canBeFinetuned() const;
    void offer();
    void begin();
    void judge(const std::filesystem::path &checkpoint);
    void look();
    void finish(const QString &problem);
    void cancel();
    void scroll(qreal pixels);
    void scrollAt(QPointF position, qreal pixels);
    bool showsConfusion() const { return m_what->currentIndex() == 1 && !m_confusion.isEmpty(); }
    void offerConfusions();
    void showConfusion();
    void drawTables(Canvas &canvas, const QRectF &area);
    qreal drawScoreTables(Canvas &canvas, const QRectF &area) const;
    QString message() const; // where nothing is known

    QPushButton *m_button;
    QCheckBox *m_baselines, *m_supervised, *m_finetuning;
    QPushButton *m_join, *m_alone;
    QComboBox *m_joining, *m_what, *m_confused;
    ConfusionView m_confusion;
    std::vector<std::filesystem::path> m_others; // runs that are judged as one encoder with this one
    QTimer m_poll;
    std::shared_ptr<Judging> m_progress; // while it evaluates
    Judged m_judged;
    QString m_problem;
    qreal m_offset = 0, m_height = 0, m_shown = 0;
};

EvaluationPanel::EvaluationPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Evaluation"))
    , m_button(new QPushButton)
    , m_baselines(new QCheckBox(tr("Baselines")))
    , m_supervised(new QCheckBox(tr("Supervised")))
    , m_finetuning(new QCheckBox(tr("Fine-tuning")))
    , m_join(new QPushButton(tr("Join runs …")))
    , m_alone(new QPushButton(tr("Alone")))
    , m_joining(new QComboBox)
    , m_what(new QComboBox)
    , m_confused(new QComboBox)
    , m_confusion(this, [this] { repaint(); })
{
    makeTools();
    m_poll.setInterval(kPollMilliseconds);
    connect(&m_poll, &QTimer::timeout, this, &EvaluationPanel::look);
    connect(m_button, &QPushButton::clicked, this, [this] { m_progress ? cancel() : begin(); });
    connect(m_join, &QPushButton::clicked, this, &EvaluationPanel::chooseOther);
    connect(m_alone, &QPushButton::clicked, this, [this] {
        m_others.clear();
        join({});
    });
    connect(&run(), &Run::jobStarted, this, [this] {
        cancel();
        m_judged = {};
        offer();
        finish({});
    });
    connect(&run(), &Run::statusChanged, this, [this] { m_button->setEnabled(m_progress || run().hasJob()); });
    setAcceptDrops(true);
    join({});
    offer();
    finish({});
}

void EvaluationPanel::makeTools()
{
    m_baselines->setChecked(true);
    m_baselines->setToolTip(tr("Judges beside it what needs no learning: raw pixels, PCA and the encoder with its initial weights; of text "
                               "TF-IDF and the initial weights. Without them it takes about a quarter of the time."));
    m_supervised->setToolTip(tr("Of images with labels: trains the same encoder from the start with them, for %1 steps, to say what the labels would have "
                                "given. It takes a minute or so, and is kept for the next time.")
                                 .arg(kSupervisedSteps));
    m_finetuning->setToolTip(
        tr("Trains encoder and a linear layer on 1, 10, 100 and all labels a class, from the run's weights and from the initial ones, and judges "
           "probes that are told as many. It takes half a minute or so of images, minutes of text."));
    m_what->addItems({tr("Scores"), tr("Confusion")});
    for (QComboBox *box : {m_what, m_confused}) { // which may be cut, so that all fits into a narrow window
        box->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMinimumWidth(kLeastComboWidth);
    }
    m_what->setAccessibleName(tr("What is shown"));
    m_what->setToolTip(tr("Scores by every kind of features, or which classes are taken for which: a cell of that matrix shows its held-out samples."));
    m_confused->setAccessibleName(tr("Whose guesses"));
    m_confused->setToolTip(tr("Features, label, and who guesses it by them: the nearest neighbours or a linear probe."));
    connect(m_what, &QComboBox::currentIndexChanged, this, &EvaluationPanel::showConfusion);
    connect(m_confused, &QComboBox::activated, this, &EvaluationPanel::showConfusion);
    connect(&selection(), &Selection::changed, this, [this] { repaint(); });
    toolbar().addWidget(m_button);
    toolbar().addWidget(m_what);
    toolbar().addWidget(m_confused);
    toolbar().addWidget(m_baselines);
    toolbar().addWidget(m_supervised);
    m_join->setToolTip(tr("Judges another run's encoder together with this one, as one encoder; run folders can be dropped here, too. Two that learned by "
                          "different methods often know different things."));
    m_joining->addItems({tr("averaged"), tr("side by side")});
    m_joining->setAccessibleName(tr("How embeddings are joined"));
    m_joining->setToolTip(tr("The embeddings, each of unit length, are averaged, for which they need as many dimensions, or put side by side."));
    m_alone->setToolTip(tr("Judges this run alone again."));
    for (QWidget *tool : std::initializer_list<QWidget *>{m_finetuning, m_join, m_joining, m_alone})
        toolbar().addWidget(tool);
    toolbar().addStretch(1);
}

void EvaluationPanel::chooseOther()
{
    auto *dialog = new QFileDialog(this, tr("The folder of a run to join"));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) { join({folder}); });
    dialog->open();
}

/// Adds runs to those that are judged with this one.
void EvaluationPanel::join(const QStringList &folders)
{
    for (const QString &folder : folders) {
        const std::filesystem::path path = std::filesystem::path(folder.toStdString()).lexically_normal();
        if (std::find(m_others.begin(), m_others.end(), path) == m_others.end())
            m_others.push_back(path);
    }
    m_joining->setVisible(!m_others.empty());
    m_alone->setVisible(!m_others.empty());
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
    join(folders);
    event->acceptProposedAction();
}

/// Whether the labels of the data can be learned from.
bool EvaluationPanel::canBeSupervised() const
{
    const std::shared_ptr<const Dataset> data = run().dataset();
    return data && learnsFrom(methodType("supervised"), data->info());
}

bool EvaluationPanel::canBeFinetuned() const
{
    const std::shared_ptr<const Dataset> data = run().dataset();
    return data && hasClasses(data->info()) && modalityType(data->info().modality).analysis->finetune;
}

/// Of the choices those that the data have a use for.
void EvaluationPanel::offer()
{
    m_supervised->setVisible(canBeSupervised());
    m_finetuning->setVisible(canBeFinetuned());
}

void EvaluationPanel::begin()
{
    m_progress = std::make_shared<Judging>();
    m_progress->report("saving a checkpoint", 0);
    m_problem.clear();
    m_judged = {};
    m_button->setText(tr("Stop evaluating"));
    m_button->setToolTip(tr("Gives the evaluation up; what is known by then is shown."));
    m_poll.start();
    repaint();
    run().withCheckpoint(this, [this, progress = m_progress](const std::filesystem::path &checkpoint) {
        if (progress != m_progress)
            return; // given up in the meantime
        checkpoint.empty() ? finish(tr("There is no checkpoint of this job to evaluate.")) : judge(checkpoint);
    });
}

void EvaluationPanel::judge(const std::filesystem::path &checkpoint)
{
    const EvaluationOptions options{.baselines = m_baselines->isChecked(),
                                    .supervisedSteps = m_supervised->isChecked() && canBeSupervised() ? kSupervisedSteps : 0,
                                    .finetuneSteps =
                                        m_finetuning->isChecked() && canBeFinetuned() && m_baselines->isChecked() ? std::nullopt : std::optional(0),
                                    .firstLook = true};
    const bool trains = run().status().state == TrainerState::playing;
    JudgedRuns judged{{checkpoint}, Joining(std::max(0, m_joining->currentIndex()))};
    judged.runs.insert(judged.runs.end(), m_others.begin(), m_others.end());
    const auto work = [judged, options, trains, data = run().dataset(), progress = m_progress] {
        const ThreadBudget budget(trains ? 1 : 0); // while it trains, only the trainer has a team
        std::vector<TrainedEncoder> encoders;
        Ensemble ensemble{.joining = judged.joining};
        for (const std::filesystem::path &run : judged.runs) {
            encoders.push_back(loadEncoder(run));
            ensemble.names.push_back(encoders.size() == 1 ? QObject::tr("this run").toStdString() : run.string());
        }
        for (TrainedEncoder &encoder : encoders)
            ensemble.members.push_back(&encoder);
        const QString title = titleOf(judged, encoders.front().state.step, *data);
        const Evaluation evaluation = evaluate(
            ensemble, *data, options, [&](const std::string &what, double share) { return progress->report(what, share); },
            [&](const Evaluation &known) { progress->know(judgedOf(known, title)); });
        Judged result = judgedOf(evaluation, title);
        if (evaluation.complete && encoders.size() == 1)
            keepIn(result, evaluation, encoders.front(), data->info().name);
        return result;
    };
    inBackground(
        this, work,
        [this, progress = m_progress](const Judged &judged) {
            if (progress != m_progress)
                return;
            m_judged = judged;
            finish({});
        },
        [this, progress = m_progress](const QString &line) {
            if (progress == m_progress)
                finish(tr("Not evaluated: %1").arg(line));
        });
}

/// Keeps the choice where it is still there.
void EvaluationPanel::offerConfusions()
{
    const QString chosen = m_confused->currentText();
    m_confused->clear();
    for (const EvaluationRow &row : m_judged.confused) {
        const QString features = QString::fromStdString(row.features), column = QString::fromStdString(row.column);
        m_confused->addItem(tr("%1, %2, probe").arg(features, column));
        m_confused->addItem(tr("%1, %2, kNN").arg(features, column));
    }
    m_confused->setCurrentIndex(std::max(0, m_confused->findText(chosen)));
    showConfusion();
}

void EvaluationPanel::showConfusion()
{
    const int chosen = m_confused->currentIndex();
    m_confused->setVisible(m_what->currentIndex() == 1 && chosen >= 0);
    m_confusion.clear();
    if (chosen >= 0 && size_t(chosen / 2) < m_judged.confused.size())
        m_confusion.show(m_judged.confused[size_t(chosen / 2)], chosen % 2 == 0 ? GuessedBy::probe : GuessedBy::knn, run().dataset());
    canvas().setAccessibleDescription(description());
    repaint();
}

void EvaluationPanel::click(QPointF position)
{
    if (!showsConfusion())
        return;
    if (const int64_t sample = m_confusion.click(position); sample >= 0)
        selection().select({{Split::test, sample}, -1});
    canvas().setAccessibleDescription(description());
    repaint();
}

/// Rows are shown as they are known.
void EvaluationPanel::look()
{
    if (std::optional<Judged> known = m_progress ? m_progress->take() : std::nullopt) {
        m_judged = std::move(*known);
        offerConfusions();
        canvas().setAccessibleDescription(description());
    }
    repaint();
}

/// Ready for the next one.
void EvaluationPanel::finish(const QString &problem)
{
    m_progress.reset();
    m_problem = problem;
    m_poll.stop();
    m_offset = 0;
    offerConfusions();
    m_button->setText(tr("Evaluate now"));
    m_button->setToolTip(tr("Saves a checkpoint and judges its encoder: the better its features are, the better their nearest neighbours and a "
                            "linear layer on them know the labels that training never saw. Training goes on meanwhile."));
    m_button->setEnabled(run().hasJob());
    canvas().setAccessibleDescription(description());
    repaint();
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
    const QRectF area = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    if (showsConfusion())
        m_confusion.draw(canvas, area, selection().sample().split == Split::test ? selection().sample().index : -1);
    else if (m_what->currentIndex() == 1)
        drawMessage(canvas, confusionMessage(m_progress != nullptr));
    else
        drawTables(canvas, area);
}

void EvaluationPanel::drawTables(Canvas &canvas, const QRectF &area)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing;
    canvas.clip(area);
    QRectF rest = area.translated(0, -m_offset);
    rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 1e4)), m_judged.title, theme.text) + gap);
    if (m_progress)
        rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 1e4)), m_progress->what(), theme.mutedText, kSmall) + gap);
    rest.setTop(rest.top() + drawScoreTables(canvas, rest));
    for (const QString &note : m_judged.notes)
        rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 1e4)), note, theme.mutedText, kSmall));
    canvas.unclip();
    m_height = rest.top() + m_offset - area.top();
    m_shown = area.height();
    if (m_height > m_shown) // there is more to scroll to
        canvas.fill(QRectF(canvas.size().width() - kScrollBar, area.top() + m_offset / m_height * m_shown, kScrollBar, m_shown * m_shown / m_height),
                    theme.mutedText);
}

/// Two beside each other where there is room; returns the height.
qreal EvaluationPanel::drawScoreTables(Canvas &canvas, const QRectF &area) const
{
    qreal widest = 0, height = 0, tallest = 0;
    for (const ScoreTable &table : m_judged.tables)
        widest = std::max(widest, scoresWidth(canvas, table));
    const qreal gap = 3 * canvas.theme().spacing;
    const size_t columns = m_judged.tables.size() > 1 && 2 * widest + gap <= area.width() ? 2 : 1;
    const QSizeF cell((area.width() - qreal(columns - 1) * gap) / qreal(columns), area.height());
    for (size_t i = 0; i < m_judged.tables.size(); ++i) {
        const QPointF at(area.left() + qreal(i % columns) * (cell.width() + gap), area.top() + height);
        tallest = std::max(tallest, drawScores(canvas, QRectF(at, cell), m_judged.tables[i]));
        if (i % columns + 1 < columns && i + 1 < m_judged.tables.size())
            continue;
        height += std::exchange(tallest, 0);
    }
    return height;
}

void EvaluationPanel::scroll(qreal pixels)
{
    m_offset = std::clamp(m_offset + pixels, 0., std::max(0., m_height - m_shown));
    repaint();
}

void EvaluationPanel::scrollAt(QPointF position, qreal pixels)
{
    if (!showsConfusion())
        return scroll(pixels);
    m_confusion.scroll(position, pixels);
    repaint();
}

bool EvaluationPanel::key(int key, Qt::KeyboardModifiers)
{
    if (showsConfusion()) {
        const bool used = m_confusion.key(key);
        canvas().setAccessibleDescription(description());
        repaint();
        return used;
    }
    switch (key) {
    case Qt::Key_Up: scroll(-40); return true;
    case Qt::Key_Down: scroll(40); return true;
    case Qt::Key_PageUp: scroll(-m_shown); return true;
    case Qt::Key_PageDown: scroll(m_shown); return true;
    case Qt::Key_Home: scroll(-m_height); return true;
    case Qt::Key_End: scroll(m_height); return true;
    default: return false;
    }
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
    for (const ScoreTable &table : m_judged.tables)
        sentences << scoresInWords(table);
    return (sentences + m_judged.notes).join(u' ');
}

Panel *makeEvaluationPanel(const PanelContext &context)
{
    return new EvaluationPanel(context);
}

} // namespace pretext
