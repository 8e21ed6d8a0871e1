// Marks along the step axis: a dashed line through every row of a plot, its label in the first, where labels do not lie on each other.
#pragma once

#include <qcustomplot.h>

#include <vector>

namespace pretext {

struct Mark
{
    double step;
    QString label;
    bool shown = false; // the step that is looked back at
};

class StepMarks
{
public:
    /// Draws the marks afresh; the plot's items of the last time are gone by then (QCustomPlot::clearItems).
    void place(QCustomPlot &plot, const std::vector<Mark> &marks, const std::vector<QCPAxisRect *> &rows);
    /// Before each replot, since the room between labels changes with the axis.
    void declutter();

private:
    struct Label
    {
        QCPItemText *text;
        double step;
        int width;
    };
    void addLine(QCustomPlot &plot, QCPAxisRect *row, const Mark &mark);
    void addLabel(QCustomPlot &plot, QCPAxisRect *row, const Mark &mark);

    std::vector<Label> m_labels;
    QCPAxisRect *m_first = nullptr;
};

} // namespace pretext
