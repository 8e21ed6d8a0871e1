// Curves over steps: one axis rectangle a group of channels, since different units must not share an axis. Smoothing, a log axis that says
// what it leaves out, the best step, marks where a knob changed, zoom and pan. It knows numbers and names, nothing of training.
// Drawing many points is left to QCustomPlot's adaptive sampling, which keeps the smallest and largest value of each pixel.
#pragma once

#include "widgets/metrics/drawncurve.h"
#include "widgets/metrics/stepmarks.h"

#include <memory>
#include <vector>

namespace pretext {

class CurvePlot : public QCustomPlot
{
    Q_OBJECT
public:
    explicit CurvePlot(QWidget *parent = nullptr);
    ~CurvePlot() override;

    void setCurves(const std::vector<Curve> &curves);
    /// Takes what the curves' vectors have gained.
    void extend();
    void setMarks(const std::vector<Mark> &marks);
    void setSmoothing(double weight); // of the past, in [0, 1)
    void setLogarithmic(bool logarithmic);
    void resetView();
    /// What a log axis cannot show, as a sentence; empty where all is shown.
    QString omission() const;
    /// The plot as it stands, in a size of its own; where there is no room for legends in it, with one below. Pictures that are saved have no button for it.
    void paintTo(QPainter &painter, const QSize &size);
    /// A line for each curve, with its colour and its best: what the plot draws on itself where there is room.
    QString legendHtml() const;
    bool hasRoomForLegend() const { return m_room; }
    void setEmptyText(const QString &text); // shown while there is no point

signals:
    void omissionChanged();
    void roomChanged(bool room); // for the legend
    void menuRequested(double step, QPoint global);

protected:
    void changeEvent(QEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    struct Row
    {
        QCPAxisRect *rect = nullptr;
        QString group;
    };
    Row &rowFor(const QString &group);
    void rebuild();
    void configure(QCPAxisRect *rect, const QString &group);
    void addLegend(const Row &row);
    void placeLegends();
    int curveBehind(const Row &row, const QRectF &place) const;
    void fitView();
    void spaceTicks();
    void applyTheme();
    void makeRoom();

    QString m_emptyText;
    std::vector<Curve> m_curves;
    std::vector<std::unique_ptr<DrawnCurve>> m_drawn;
    std::vector<Row> m_rows;
    std::vector<Mark> m_marks;
    StepMarks m_stepMarks;
    double m_smoothing = 0;
    bool m_logarithmic = false, m_follow = true, m_room = true;
};

} // namespace pretext
