// Health: what the encoder's embeddings of held-out samples say while it learns, in a sentence and in plots: spectrum, deviations, the plane of alignment
// and uniformity with the way it went, ranks, gradients by layer, and the distance of a teacher. One of them at a time can be enlarged.
#include "core/analysis/diagnosis.h"
#include "widgets/metrics/eventmarks.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/healthmaker.h"
#include "widgets/panels/healthplots.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"

#include <QCoreApplication>
#include <QElapsedTimer>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <utility>

namespace pretext {

namespace {

constexpr int kMostPoints = 400;                   // of the course; of more every second is dropped
constexpr int kDiagnosisMs = 2000;                 // the course of the loss is read through each time
constexpr qreal kTileWidth = 21, kTileHeight = 12; // font sizes, at least

QColor findingColour(Finding finding, const Theme &theme)
{
    switch (finding) {
    case Finding::unknown: return theme.mutedText;
    case Finding::healthy: return theme.dark ? QColor("#2fc497") : QColor("#009e73");
    default: return theme.dark ? QColor("#ff8c42") : QColor("#d55e00");
    }
}

/// Of the steps up to one.
std::span<const double> columnOf(const ScalarHistory &history, const std::string &beginning, double until)
{
    const auto found = history.columns.lower_bound(beginning);
    if (found == history.columns.end() || !found->first.starts_with(beginning))
        return {};
    return std::span<const double>(found->second).first(size_t(std::ranges::upper_bound(history.steps, until) - history.steps.begin()));
}

} // namespace

class HealthPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::HealthPanel)
public:
    explicit HealthPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
    void refresh() override;
    QString csv() const override;

protected:
    void draw(Canvas &canvas) override;
    void click(QPointF position) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool waits() const override { return !m_maker->newest(); }

private:
    HealthShown shown() const;
    double until() const;
    void take();
    void clear();
    void diagnoseNow();
    QString message() const;
    QString below() const;
    void drawSentence(Canvas &canvas, QRectF &area) const;
    void drawTiles(Canvas &canvas, const QRectF &area);

    HealthMaker *m_maker;
    std::vector<HealthPoint> m_points;
    Diagnosis m_diagnosis;
    QElapsedTimer m_sinceDiagnosis;
    QString m_problem;
    std::optional<Event> m_changed;    // the last knob
    std::optional<HealthPlot> m_large; // the one that has all the room
    size_t m_current = 0;              // plot with the ring
    size_t m_first = 0, m_fitting = 1; // the plots in view
    std::vector<QRectF> m_tiles;       // where the plots were drawn, in their order
};

HealthPanel::HealthPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Health"))
    , m_maker(new HealthMaker(
          run(), [this] { return isShowing(); }, this))
{
    const EncoderFollower &follower = m_maker->follower();
    connect(&follower, &EncoderFollower::worked, this, &HealthPanel::take);
    connect(&follower, &EncoderFollower::cleared, this, &HealthPanel::clear);
    connect(&follower, &EncoderFollower::cameBack, this, &HealthPanel::diagnoseNow);
    connect(&follower, &EncoderFollower::wantsChanged, this, [this] { wantedChannelsChanged(); });
    connect(&follower, &EncoderFollower::failed, this, [this](const QString &problem) {
        m_problem = problem;
        repaint();
    });
    connect(&run(), &Run::eventHappened, this, [this](const Event &event) {
        if (event.kind != "knob")
            return;
        m_changed = event;
        m_maker->follower().hurry();
    });
    connect(&run(), &Run::statusChanged, this, [this] {
        if (isShowing() && run().status().state == TrainerState::failed)
            diagnoseNow();
    });
}

std::set<std::string> HealthPanel::wantedChannels() const
{
    std::set<std::string> channels{"gradient/layers"};
    if (m_maker->follower().wantsWeights())
        channels.insert("encoder/weights");
    return channels;
}

void HealthPanel::refresh()
{
    CanvasPanel::refresh();
    m_maker->follower().look();
    if (!m_sinceDiagnosis.isValid() || m_sinceDiagnosis.elapsed() > kDiagnosisMs)
        diagnoseNow();
}

void HealthPanel::take()
{
    m_problem.clear();
    if (run().looksBack())
        return diagnoseNow();
    const HealthPoint point = pointOf(*m_maker->newest());
    if (m_points.empty() && m_maker->untrained() && point.step > 0)
        m_points.push_back(pointOf(*m_maker->untrained()));
    std::erase_if(m_points, [&](const HealthPoint &other) { return other.step >= point.step; });
    m_points.push_back(point);
    if (m_points.size() > kMostPoints) {
        size_t kept = 0;
        for (size_t i = 0; i < m_points.size(); i += 2)
            m_points[kept++] = m_points[i];
        m_points.resize(kept);
    }
    diagnoseNow();
}

void HealthPanel::clear()
{
    m_points.clear();
    m_problem.clear();
    m_changed.reset();
    diagnoseNow();
}

void HealthPanel::diagnoseNow()
{
    m_sinceDiagnosis.start();
    const ScalarHistory &history = run().history();
    Evidence evidence = evidenceOf(run().config());
    evidence.health = m_maker->newest();
    evidence.untrained = m_maker->untrained();
    const double end = until();
    evidence.course = courseOf(columnOf(history, "loss/total", end), columnOf(history, "gradient/norm", end), columnOf(history, kTaskAccuracy, end),
                               columnOf(history, "loss/variance", end));
    if (!run().looksBack() && run().status().state == TrainerState::failed && run().status().failedInStep)
        evidence.failure = run().status().failure;
    m_diagnosis = diagnose(evidence);
    repaint();
}

/// Its own looks, and before them those that the run has written.
HealthShown HealthPanel::shown() const
{
    HealthShown shown{m_maker->newest(), m_maker->untrained(), {}, nullptr, &run().history(), until()};
    if (const Snapshot *snapshot = batch().snapshot())
        shown.gradients = snapshot->channel<LayerNorms>("gradient/layers");
    const double own = m_points.size() > 1 && m_points.front().step == 0 ? m_points[1].step : m_points.empty() ? INFINITY : m_points.front().step;
    const std::vector<HealthPoint> written = pointsIn(run().history(), own);
    for (const HealthPoint &point : m_points)
        if (point.step < own)
            shown.course.push_back(point); // the untrained one
    shown.course.insert(shown.course.end(), written.begin(), written.end());
    for (const HealthPoint &point : m_points)
        if (point.step >= own)
            shown.course.push_back(point);
    std::erase_if(shown.course, [&](const HealthPoint &point) { return point.step > shown.until; });
    for (const Mark &mark : marksOf(run().events()))
        if (mark.step <= shown.until)
            shown.changes.push_back({mark.step, mark.label, true});
    if (run().looksBack() && shown.now && double(shown.now->step) <= shown.until
        && (shown.course.empty() || shown.course.back().step < double(shown.now->step)))
        shown.course.push_back(pointOf(*shown.now));
    return shown;
}

/// The step that is looked back at, where one is.
double HealthPanel::until() const
{
    return run().looksBack() ? double(run().shownStep()) : std::numeric_limits<double>::infinity();
}

QString HealthPanel::message() const
{
    if (!run().hasJob())
        return tr("Health is that of an encoder, and there is none before the first training step. Open data in the File menu, or start a lesson.");
    if (m_diagnosis.finding == Finding::divergence)
        return QString::fromStdString(m_diagnosis.sentence);
    if (!m_problem.isEmpty())
        return tr("There is nothing to show: %1.").arg(m_problem);
    if (const auto data = run().dataset(); data && data->size(Split::test) < 2)
        return tr("These data hold no two samples back from training, of which health could be told. Data with a test split have some.");
    if (const QString progress = m_maker->follower().progress(); !progress.isEmpty())
        return tr("The first look is on its way, %1.").arg(progress);
    return waitingText(run(), tr("the encoder's weights, whose health is shown"));
}

QString HealthPanel::below() const
{
    const EncoderHealth &now = *m_maker->newest();
    QString of = tr("Step %1, %2 held-out samples in evaluation mode, made of unit length.").arg(now.step).arg(now.embedding.samples);
    if (m_changed && !run().looksBack() && now.step < m_changed->step)
        of += ' ' + tr("%1 was changed at step %2, after this look.").arg(QString::fromStdString(m_changed->name)).arg(m_changed->step);
    return m_problem.isEmpty() ? of : tr("%1 No newer look: %2.").arg(of, m_problem);
}

void HealthPanel::drawSentence(Canvas &canvas, QRectF &area) const
{
    const Theme &theme = canvas.theme();
    const QColor colour = findingColour(m_diagnosis.finding, theme);
    const qreal line = lineHeight(canvas), side = 0.55 * line, left = line;
    QRectF words = area.adjusted(left, 0, 0, 0);
    words.setHeight(std::min(0.4 * area.height(), 5 * line));
    const qreal height = drawWrapped(canvas, words, QString::fromStdString(m_diagnosis.sentence), theme.text);
    canvas.fill(QRectF(area.left(), area.top() + (line - side) / 2, side, side), colour);
    area.setTop(area.top() + height);
    area.setTop(area.top() + drawWrapped(canvas, QRectF(area.left() + left, area.top(), area.width() - left, 2 * line), below(), theme.mutedText, kSmall)
                + theme.spacing);
}

/// As many as fit, at least one, each with a ring's room around.
void HealthPanel::drawTiles(Canvas &canvas, const QRectF &area)
{
    const Theme &theme = canvas.theme();
    const HealthShown all = shown();
    const std::vector<HealthPlot> plots = plotsOf(all);
    m_tiles.clear();
    if (plots.empty())
        return;
    m_current = std::min(m_current, plots.size() - 1);
    const qreal foot = 1.2 * lineHeight(canvas, kSmall);
    const int count = int(plots.size()), most = std::max(1, int(area.width() / (kTileWidth * theme.fontSize)));
    const int rowsThere = std::max(1, int(area.height() / (kTileHeight * theme.fontSize)));
    const int columns = std::min({most, count, std::max(1, (count + rowsThere - 1) / rowsThere)});
    const int rows = std::min(rowsThere, (count + columns - 1) / columns), fitting = std::min(count, rows * columns);
    const bool more = fitting < count;
    m_fitting = size_t(fitting);
    const size_t first = m_first = std::min(std::clamp(m_first, m_current - std::min(m_current, m_fitting - 1), m_current), plots.size() - m_fitting);
    const QSizeF tile(area.width() / columns, (area.height() - (more ? foot : 0)) / rows);
    if (more)
        canvas.text({area.center().x(), area.bottom() - foot / 2},
                    elided(canvas,
                           tr("Plots %1 to %2 of %3: the wheel or an arrow key shows the others, a click enlarges one.")
                               .arg(first + 1)
                               .arg(first + size_t(fitting))
                               .arg(count),
                           area.width(), kSmall),
                    theme.mutedText, Align::centre, kSmall);
    m_tiles.assign(plots.size(), QRectF());
    for (int i = 0; i < fitting; ++i) {
        const size_t plot = first + size_t(i);
        const QRectF place(QPointF(area.left() + i % columns * tile.width(), area.top() + i / columns * tile.height()), tile);
        m_tiles[plot] = place;
        drawHealthPlot(canvas, place.adjusted(theme.spacing, theme.spacing, -theme.spacing, -theme.spacing), plots[plot], all);
        if (plot == m_current && this->canvas().hasFocus())
            canvas.rectangle(place.adjusted(1, 1, -1, -1), theme.selection, 2);
    }
}

void HealthPanel::draw(Canvas &canvas)
{
    if (!m_maker->newest()) {
        drawMessage(canvas, message());
        return;
    }
    const qreal gap = canvas.theme().spacing;
    QRectF rest = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawSentence(canvas, rest);
    const HealthShown all = shown();
    const std::vector<HealthPlot> plots = plotsOf(all);
    if (!m_large || std::ranges::find(plots, *m_large) == plots.end())
        return drawTiles(canvas, rest);
    m_tiles.clear();
    rest.setTop(rest.top() + drawWrapped(canvas, rest, helpOf(*m_large), canvas.theme().mutedText, kSmall) + gap);
    drawHealthPlot(canvas, rest, *m_large, all);
}

/// A plot gets all the room, and gives it back.
void HealthPanel::click(QPointF position)
{
    if (m_large) {
        m_large.reset();
    } else {
        const auto tile = std::ranges::find_if(m_tiles, [&](const QRectF &place) { return place.contains(position); });
        if (tile == m_tiles.end())
            return;
        m_current = size_t(tile - m_tiles.begin());
        m_large = plotsOf(shown())[m_current];
    }
    repaint();
}

void HealthPanel::wheel(QPointF, qreal steps)
{
    if (m_large) {
        key(steps > 0 ? Qt::Key_Up : Qt::Key_Down, {});
        return;
    }
    const size_t count = plotsOf(shown()).size(), last = count - std::min(count, m_fitting);
    m_first = steps > 0 ? m_first - std::min<size_t>(m_first, 1) : std::min(m_first + 1, last);
    m_current = std::clamp(m_current, m_first, m_first + m_fitting - 1);
    repaint();
}

bool HealthPanel::key(int key, Qt::KeyboardModifiers)
{
    const std::vector<HealthPlot> plots = plotsOf(shown());
    if (plots.empty())
        return false;
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Up: m_current = (m_current + plots.size() - 1) % plots.size(); break;
    case Qt::Key_Right:
    case Qt::Key_Down: m_current = (m_current + 1) % plots.size(); break;
    case Qt::Key_Return:
    case Qt::Key_Enter: m_large = m_large ? std::nullopt : std::optional(plots[std::min(m_current, plots.size() - 1)]); break;
    case Qt::Key_Escape: m_large.reset(); break;
    default: return false;
    }
    if (m_large)
        m_large = plots[std::min(m_current, plots.size() - 1)];
    repaint();
    return true;
}

QString HealthPanel::description() const
{
    if (!m_maker->newest())
        return message();
    const std::vector<HealthPlot> plots = plotsOf(shown());
    const HealthPlot plot = m_large.value_or(plots[std::min(m_current, plots.size() - 1)]);
    return tr("%1 %2 Plot %3 of %4: %5. %6 Arrow keys go from plot to plot, Enter enlarges one.")
        .arg(QString::fromStdString(m_diagnosis.sentence), below())
        .arg(std::ranges::find(plots, plot) - plots.begin() + 1)
        .arg(plots.size())
        .arg(titleOf(plot), helpOf(plot));
}

QString HealthPanel::csv() const
{
    if (!m_maker->newest())
        return {};
    return m_large ? csvOf(*m_large, shown()) : csvOf(shown());
}

Panel *makeHealthPanel(const PanelContext &context)
{
    return new HealthPanel(context);
}

} // namespace pretext
