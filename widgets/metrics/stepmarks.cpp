#include "widgets/metrics/stepmarks.h"

#include "widgets/plots/theme.h"

#include <limits>

namespace pretext {

namespace {

/// At a step, and at a share of the row's height.
void putAt(QCPItemPosition &position, QCPAxisRect *row, double step, double share)
{
    position.setAxisRect(row);
    position.setAxes(row->axis(QCPAxis::atBottom), row->axis(QCPAxis::atLeft));
    position.setTypeX(QCPItemPosition::ptPlotCoords);
    position.setTypeY(QCPItemPosition::ptAxisRectRatio);
    position.setCoords(step, share);
}

} // namespace

void StepMarks::place(QCustomPlot &plot, const std::vector<Mark> &marks, const std::vector<QCPAxisRect *> &rows)
{
    m_labels.clear();
    m_first = rows.empty() ? nullptr : rows.front();
    for (const Mark &mark : marks) {
        for (QCPAxisRect *row : rows)
            addLine(plot, row, mark);
        if (m_first)
            addLabel(plot, m_first, mark);
    }
}

void StepMarks::addLine(QCustomPlot &plot, QCPAxisRect *row, const Mark &mark)
{
    auto *line = new QCPItemStraightLine(&plot);
    line->setClipAxisRect(row);
    line->setPen(mark.shown ? QPen(lookBackColour(), 2) : QPen(plot.palette().color(QPalette::PlaceholderText), 1, Qt::DashLine));
    putAt(*line->point1, row, mark.step, 0);
    putAt(*line->point2, row, mark.step, 1);
}

void StepMarks::addLabel(QCustomPlot &plot, QCPAxisRect *row, const Mark &mark)
{
    auto *text = new QCPItemText(&plot);
    text->setClipAxisRect(row);
    text->setText(mark.label);
    text->setColor(plot.palette().color(QPalette::Text));
    text->setFont(plot.font());
    text->setPadding(QMargins(4, 0, 4, 0));
    QColor ground = plot.palette().color(QPalette::Base);
    ground.setAlphaF(0.8);
    text->setBrush(ground);
    putAt(*text->position, row, mark.step, 0.02);
    m_labels.push_back({text, mark.step, plot.fontMetrics().horizontalAdvance(mark.label) + 8});
}

/// Left of its line where there is room; the newest label wins where two would lie on each other.
void StepMarks::declutter()
{
    double free = std::numeric_limits<double>::infinity();
    for (size_t i = m_labels.size(); i-- > 0;) {
        const auto &[text, step, width] = m_labels[i];
        const double at = m_first->axis(QCPAxis::atBottom)->coordToPixel(step);
        const bool left = at - width >= m_first->left();
        const bool fits = (left ? at : at + width) <= free;
        text->setPositionAlignment((left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
        text->setVisible(fits);
        if (fits)
            free = left ? at - width : at;
    }
}

} // namespace pretext
