#include "widgets/runs/runcoordinates.h"

#include "widgets/plots/textlayout.h"
#include "widgets/runs/runaxes.h"

#include <QLocale>
#include <QMenu>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace pretext {

namespace {

constexpr size_t kAxesAtFirst = 12; // more are there to be asked for
constexpr double kLeastLines = 5;   // of text, that axes with their names take

/// Its numbers, as a colour each; NaN where it has none.
std::vector<double> knnOf(const std::vector<RunSummary> &runs)
{
    std::vector<double> values;
    for (const RunSummary &run : runs) {
        const RunValue value = valueOf(run, "knn");
        const double *number = std::get_if<double>(&value);
        values.push_back(number ? *number : std::numeric_limits<double>::quiet_NaN());
    }
    return values;
}

ColourScale scaleOver(const std::vector<double> &values)
{
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const double value : values)
        if (!std::isnan(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    return low > high ? ColourScale{ColourMap::sequential, 0, 1, true} : ColourScale{ColourMap::sequential, low, high, true};
}

} // namespace

RunCoordinates::RunCoordinates(QWidget *parent, bool opens) : QWidget(parent), m_opens(opens), m_canvas(new CanvasWidget(*this, this))
{
    m_canvas->setAccessibleName(tr("Parallel coordinates"));
    setFocusProxy(m_canvas);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_canvas);
}

RunCoordinates::~RunCoordinates()
{
    delete m_canvas; // before this, which it draws
}

void RunCoordinates::setRuns(std::vector<RunSummary> runs)
{
    if (runs == m_runs)
        return;
    m_runs = std::move(runs);
    m_all = axesOf(m_runs);
    m_hovered = -1;
    showAxes();
}

/// At first those that most runs have a value on, and of them those with the most values, which were varied on purpose; what they reached always.
void RunCoordinates::showAxes()
{
    std::vector<size_t> order(m_all.size());
    std::iota(order.begin(), order.end(), size_t(0));
    std::vector<std::pair<bool, qsizetype>> rank;
    for (const ParallelAxis &axis : m_all) {
        const auto lacking = std::ranges::count_if(axis.values, [](double value) { return std::isnan(value); });
        std::set<double> values;
        for (const double value : axis.values)
            if (!std::isnan(value))
                values.insert(value);
        rank.emplace_back(2 * lacking > qsizetype(axis.values.size()), -qsizetype(values.size()));
    }
    for (size_t i = m_all.size() - std::min<size_t>(m_all.size(), 4); i < m_all.size(); ++i)
        rank[i] = {false, std::numeric_limits<qsizetype>::min()};
    std::ranges::stable_sort(order, {}, [&](size_t axis) { return rank[axis]; });
    std::set<size_t> shown(order.begin(), order.begin() + qsizetype(std::min(kAxesAtFirst, order.size())));
    std::vector<ParallelAxis> axes;
    for (size_t i = 0; i < m_all.size(); ++i)
        if (m_on.contains(m_all[i].name) || (shown.contains(i) && !m_off.contains(m_all[i].name)))
            axes.push_back(m_all[i]);
    const std::vector<double> colours = knnOf(m_runs);
    m_plot.setLines(std::move(axes), colours, scaleOver(colours), tr("kNN"));
    m_canvas->repaintSoon();
}

void RunCoordinates::offerAxes(QMenu *menu)
{
    menu->clear();
    std::set<QString> shown;
    for (int axis = 0; axis < m_plot.axes(); ++axis)
        shown.insert(m_plot.axis(axis).name);
    for (const ParallelAxis &axis : m_all) {
        QAction *action = menu->addAction(axis.name);
        action->setCheckable(true);
        action->setChecked(shown.contains(axis.name));
        connect(action, &QAction::toggled, this, [this, name = axis.name](bool on) {
            (on ? m_on : m_off).insert(name);
            (on ? m_off : m_on).erase(name);
            showAxes();
            emit brushChanged();
        });
    }
    if (menu->isEmpty())
        menu->addAction(tr("There are no axes"))->setEnabled(false);
}

void RunCoordinates::mark(const std::set<std::filesystem::path> &runs)
{
    std::vector<bool> lines;
    if (!runs.empty())
        for (const RunSummary &run : m_runs)
            lines.push_back(runs.contains(run.path));
    m_plot.mark(std::ranges::find(lines, true) == lines.end() ? std::vector<bool>() : std::move(lines));
    m_canvas->repaintSoon();
}

std::set<std::filesystem::path> RunCoordinates::brushed() const
{
    std::set<std::filesystem::path> runs;
    for (int line = 0; m_plot.isBrushed() && line < m_plot.lines(); ++line)
        if (m_plot.passes(line))
            runs.insert(m_runs[size_t(line)].path);
    return runs;
}

QString RunCoordinates::headline() const
{
    const QLocale locale;
    if (m_hovered >= 0 && m_hovered < m_plot.lines()) {
        QString text = QString::fromStdString(m_runs[size_t(m_hovered)].name()) + u':';
        for (int axis = 0; axis < m_plot.axes(); ++axis)
            text += (axis ? u", "_qs : u" "_qs) + m_plot.axis(axis).name + u' ' + m_plot.valueText(axis, m_hovered);
        return text;
    }
    if (m_plot.isBrushed())
        return (m_opens ? tr("%1 of %2 runs pass; a double click takes an axis' ranges away.")
                        : tr("%1 of %2 runs pass and are selected; a double click takes an axis' ranges away."))
            .arg(locale.toString(qulonglong(brushed().size())), locale.toString(m_plot.lines()));
    return (m_opens ? tr("%1 runs. Drag along an axis to choose a range of it, drag its name to move it; point at a line to see its run, click to open it.")
                    : tr("%1 runs. Drag along an axis to choose a range of it, drag its name to move it; point at a line to see its run, click to select it."))
        .arg(locale.toString(m_plot.lines()));
}

void RunCoordinates::draw(Canvas &canvas)
{
    if (m_runs.empty())
        return drawMessage(canvas, m_empty);
    if (m_plot.axes() < 2 || m_runs.size() < 2)
        return drawMessage(canvas, tr("There is nothing to compare: the runs shown are fewer than two, or differ in nothing. Train some with other settings, "
                                      "or let the list show more."));
    const qreal margin = canvas.theme().spacing, line = lineHeight(canvas, kSmall);
    QRectF area(QPointF(margin, margin / 2), canvas.size() - QSizeF(2 * margin, margin));
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, headline(), area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
    area.setTop(area.top() + 1.3 * line);
    if (area.height() < kLeastLines * line)
        return drawMessage(canvas, tr("There is no room for coordinates here: make the panel larger, or hide them."));
    m_plot.place(area, canvas);
    m_plot.draw(canvas, m_hovered);
}

void RunCoordinates::hover(QPointF position)
{
    m_hovered = m_plot.lineAt(position);
    m_canvas->setCursor(m_plot.isOnAxis(position) ? Qt::SizeVerCursor : m_hovered >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

void RunCoordinates::leave()
{
    m_hovered = -1;
}

void RunCoordinates::click(QPointF position)
{
    if (const int line = m_plot.isOnAxis(position) ? -1 : m_plot.lineAt(position); line >= 0)
        emit runClicked(QString::fromStdString(m_runs[size_t(line)].path.string()));
}

void RunCoordinates::doubleClick(QPointF position)
{
    m_plot.clearAt(position);
    emit brushChanged();
}

void RunCoordinates::drag(QPointF from, QPointF change)
{
    if (!m_dragging)
        m_at = m_from = from;
    m_dragging = true;
    m_hovered = -1;
    m_at += change;
    m_plot.drag(m_from, m_at);
}

void RunCoordinates::release()
{
    if (!std::exchange(m_dragging, false))
        return;
    m_plot.release();
    emit brushChanged();
}

bool RunCoordinates::key(int key, Qt::KeyboardModifiers)
{
    if (key != Qt::Key_Escape || !m_plot.isBrushed())
        return false;
    m_plot.clearBrushes();
    emit brushChanged();
    return true;
}

QString RunCoordinates::description() const
{
    return m_runs.empty() ? m_empty : headline();
}

QString RunCoordinates::csv() const
{
    const auto cell = [](QString text) { return text.contains(u',') || text.contains(u'"') ? '"' + text.replace('"', "\"\"") + '"' : text; };
    QString text = QStringLiteral("run");
    for (int axis = 0; axis < m_plot.axes(); ++axis)
        text += ',' + cell(m_plot.axis(axis).name);
    text += QStringLiteral(",brushed\n");
    for (int line = 0; line < m_plot.lines(); ++line) {
        text += cell(QString::fromStdString(m_runs[size_t(line)].path.string()));
        for (int axis = 0; axis < m_plot.axes(); ++axis) {
            const ParallelAxis &one = m_plot.axis(axis);
            const double value = one.values[size_t(line)];
            text += ',' + (std::isnan(value) ? QString() : one.names.isEmpty() ? QString::number(value, 'g', 12) : cell(one.names.value(int(value))));
        }
        text += m_plot.isBrushed() && m_plot.passes(line) ? QStringLiteral(",1\n") : QStringLiteral(",0\n");
    }
    return text;
}

} // namespace pretext
