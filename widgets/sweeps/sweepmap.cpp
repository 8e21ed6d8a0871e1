#include "widgets/sweeps/sweepmap.h"

#include "core/knobs/number.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"

#include <QObject>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pretext {

namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// Black or white, whichever is read on the colour.
QColor inkOn(const QColor &colour)
{
    return 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue() > 140 ? Qt::black : Qt::white;
}

/// Numbers by size, names as they were given.
QStringList inOrder(const std::vector<std::string> &values)
{
    QStringList names;
    for (const std::string &value : values)
        names << QString::fromStdString(value);
    if (std::ranges::all_of(values, [](const std::string &value) { return realNumber(value).has_value(); }))
        std::ranges::sort(names, {}, [](const QString &name) { return name.toDouble(); });
    return names;
}

/// Of an axis; trials that leave its setting out have a place of their own.
QString labelOf(const QString &value, const QString &axis)
{
    return value.isEmpty() && !axis.isEmpty() ? QObject::tr("without") : value;
}

} // namespace

bool isMappable(const SweptSetting &setting)
{
    return setting.values.size() > 1;
}

double SweepMap::valueOf(size_t trial) const
{
    const TrialResult &result = m_state.trials[trial].result;
    if (!result.over || result.failed)
        return kUnknown;
    return (m_result == "loss" ? result.loss : result.named(m_result)).value_or(kUnknown);
}

/// The mean of those that have it; where none has, the state of the one that is farthest.
SweepMap::Cell SweepMap::cellOf(const std::vector<size_t> &trials) const
{
    Cell cell{trials, 0, {}};
    int known = 0, failed = 0;
    int64_t step = 0;
    for (const size_t trial : trials) {
        const double value = valueOf(trial);
        known += !std::isnan(value);
        cell.value += std::isnan(value) ? 0 : value;
        failed += m_state.trials[trial].result.failed;
        step = std::max(step, m_state.runs[trial].step);
    }
    cell.value = known > 0 ? cell.value / known : kUnknown;
    if (known > 0)
        cell.text = m_percent ? decimalText(100 * cell.value, 1) : numberText(cell.value, 4);
    else if (failed > 0)
        cell.text = QObject::tr("failed");
    else if (step > 0)
        cell.text = QObject::tr("step %1").arg(step);
    return cell;
}

void SweepMap::show(const SweepState &state, int across, int up, const std::string &result)
{
    m_state = state;
    m_result = result;
    m_percent = result != "loss";
    m_cells.clear();
    m_columns.clear();
    m_rows.clear();
    if (across < 0 || size_t(across) >= state.sweep.swept.size() || !state.problem.empty())
        return;
    const auto valueIn = [&](size_t trial, int setting) {
        return setting < 0 ? QString() : QString::fromStdString(settingIn(state.sweep.trials[trial].settings, state.sweep.swept[size_t(setting)].name));
    };
    const auto namesOf = [&](int setting) { // with a place of its own for trials that leave it out
        QStringList names = setting < 0 ? QStringList() : inOrder(state.sweep.swept[size_t(setting)].values);
        for (size_t trial = 0; trial < state.trials.size(); ++trial)
            if (valueIn(trial, setting).isEmpty())
                return names << QString();
        return names;
    };
    const auto titleOf = [&](int setting) { return setting < 0 ? QString() : QString::fromStdString(state.sweep.swept[size_t(setting)].name); };
    m_columns = namesOf(across);
    m_rows = namesOf(up);
    m_across = titleOf(across);
    m_up = titleOf(up);
    std::vector<std::vector<size_t>> trials(size_t(m_columns.size() * m_rows.size()));
    for (size_t trial = 0; trial < state.trials.size(); ++trial) {
        const auto column = m_columns.indexOf(valueIn(trial, across)), row = m_rows.indexOf(valueIn(trial, up));
        if (column >= 0 && row >= 0)
            trials[size_t(row * m_columns.size() + column)].push_back(trial);
    }
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const std::vector<size_t> &together : trials) {
        m_cells.push_back(cellOf(together));
        if (!std::isnan(m_cells.back().value)) {
            low = std::min(low, m_cells.back().value);
            high = std::max(high, m_cells.back().value);
        }
    }
    m_scale = {ColourMap::sequential, low, high, m_percent};
}

QRectF SweepMap::rectOf(int cell) const
{
    const int column = cell % int(m_columns.size()), row = cell / int(m_columns.size());
    const qreal width = m_area.width() / qreal(m_columns.size()), height = m_area.height() / qreal(m_rows.size());
    return {m_area.left() + column * width, m_area.bottom() - (row + 1) * height, width, height};
}

int SweepMap::cellAt(QPointF position) const
{
    if (m_cells.empty() || !m_area.contains(position))
        return -1;
    const int column = std::min(int(m_columns.size()) - 1, int((position.x() - m_area.left()) * double(m_columns.size()) / m_area.width()));
    const int row = std::min(int(m_rows.size()) - 1, int((m_area.bottom() - position.y()) * double(m_rows.size()) / m_area.height()));
    return row * int(m_columns.size()) + column;
}

QString SweepMap::cellInWords(const Cell &cell) const
{
    if (cell.trials.empty())
        return QObject::tr("No trial has these values.");
    QString text;
    for (const size_t trial : cell.trials) {
        const TrialResult &result = m_state.trials[trial].result;
        QString one = QString::fromStdString(trialFolder({}, trial).string());
        one += result.early                   ? QObject::tr(", stopped early at step %1").arg(result.step)
               : result.failed                ? QObject::tr(", failed at step %1").arg(result.step)
               : result.over                  ? QObject::tr(", step %1").arg(result.step)
               : m_state.runs[trial].step > 0 ? QObject::tr(", at step %1").arg(m_state.runs[trial].step)
                                              : QObject::tr(", to come");
        if (const double value = valueOf(trial); !std::isnan(value))
            one += QStringLiteral(": ") + (m_percent ? percentText(value) : numberText(value, 4));
        text += (text.isEmpty() ? "" : "; ") + one;
        if (text.size() > 300)
            return text + QStringLiteral("; …");
    }
    return text;
}

void SweepMap::draw(Canvas &canvas)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), margin = theme.spacing;
    if (m_cells.empty())
        return drawMessage(canvas, m_state.folder.empty() ? QObject::tr("No sweep is chosen.")
                                                          : QObject::tr("No setting of this sweep has a list of values; Coordinates show its trials."));
    QRectF area(QPointF(margin, margin / 2), canvas.size() - QSizeF(2 * margin, margin));
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, description(), area.width(), kSmall), theme.mutedText, Align::left, kSmall);
    area.setTop(area.top() + 1.3 * line);
    qreal left = m_up.isEmpty() ? 0 : 1.3 * line;
    for (const QString &row : m_rows)
        left = std::max(left, (m_up.isEmpty() ? 0 : 1.3 * line) + canvas.textWidth(labelOf(row, m_up), kSmall) + 6);
    const bool any = std::ranges::any_of(m_cells, [](const Cell &cell) { return !std::isnan(cell.value); });
    const qreal bar = any ? scaleBarWidth(canvas, m_scale) + 2 * margin : 0;
    m_area = area.adjusted(left, 0, -bar, -2.4 * line);
    if (m_area.width() < 4 * line || m_area.height() < line)
        return;
    for (int cell = 0; cell < int(m_cells.size()); ++cell) {
        const QRectF rect = rectOf(cell).adjusted(1, 1, -1, -1);
        const Cell &one = m_cells[size_t(cell)];
        const QColor colour = std::isnan(one.value) ? theme.background : QColor::fromRgba(m_scale.colour(one.value));
        canvas.fill(rect, colour);
        canvas.rectangle(rect, cell == m_hovered || cell == m_current ? theme.text : theme.grid, cell == m_hovered || cell == m_current ? 2 : 1);
        canvas.text(rect.center(), elided(canvas, one.text, rect.width() - 4, kSmall), std::isnan(one.value) ? theme.mutedText : inkOn(colour), Align::centre,
                    kSmall);
    }
    for (int column = 0; column < int(m_columns.size()); ++column)
        canvas.text({rectOf(column).center().x(), m_area.bottom() + 0.7 * line},
                    elided(canvas, labelOf(m_columns[column], m_across), rectOf(column).width() - 2, kSmall), theme.text, Align::centre, kSmall);
    for (int row = 0; row < int(m_rows.size()); ++row)
        canvas.text({m_area.left() - 4, rectOf(row * int(m_columns.size())).center().y()}, labelOf(m_rows[row], m_up), theme.text, Align::right, kSmall);
    canvas.text({m_area.center().x(), m_area.bottom() + 1.8 * line}, m_across, theme.mutedText, Align::centre, kSmall);
    if (!m_up.isEmpty())
        canvas.textUp({area.left() + line / 2, std::min(m_area.bottom(), m_area.center().y() + canvas.textWidth(m_up, kSmall) / 2)}, m_up, theme.mutedText,
                      kSmall);
    if (any)
        drawScaleBar(canvas, {m_area.right() + 2 * margin, m_area.top(), bar, m_area.height()}, m_scale);
}

void SweepMap::hover(QPointF position)
{
    m_hovered = cellAt(position);
}

/// The best of a cell: by kNN, or the one that is farthest.
void SweepMap::click(QPointF position)
{
    const int cell = cellAt(position);
    if (cell < 0)
        return;
    m_current = cell;
    std::vector<size_t> there;
    std::ranges::copy_if(m_cells[size_t(cell)].trials, std::back_inserter(there), [this](size_t trial) { return !m_state.runs[trial].path.empty(); });
    if (there.empty() || !m_open)
        return;
    m_open(*std::ranges::min_element(there, [this](size_t a, size_t b) { return standsBefore(m_state.trials[a], m_state.trials[b]); }));
}

bool SweepMap::key(int key, Qt::KeyboardModifiers)
{
    const int columns = int(m_columns.size()), cells = int(m_cells.size());
    const int step = key == Qt::Key_Left ? -1 : key == Qt::Key_Right ? 1 : key == Qt::Key_Up ? columns : key == Qt::Key_Down ? -columns : 0;
    if (cells > 0 && step != 0)
        m_current = m_current < 0 ? 0 : m_current + step >= 0 && m_current + step < cells ? m_current + step : m_current;
    else if (m_current >= 0 && m_current < cells && (key == Qt::Key_Return || key == Qt::Key_Enter))
        click(rectOf(m_current).center());
    else
        return false;
    return true;
}

QString SweepMap::description() const
{
    const int cell = m_hovered >= 0 ? m_hovered : m_current;
    if (cell >= 0 && cell < int(m_cells.size()))
        return cellInWords(m_cells[size_t(cell)]);
    return QObject::tr("Each cell has what its trial reached, or how far it is; a click opens it as a run.");
}

} // namespace pretext
