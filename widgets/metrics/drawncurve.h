// One curve in a plot: its points, the running average over them, and the best of them marked.
#pragma once

#include <qcustomplot.h>

#include <vector>

namespace pretext {

struct Curve
{
    QString label, group;
    QColor colour;
    Qt::PenStyle style = Qt::SolidLine;
    const std::vector<double> *steps = nullptr, *values = nullptr; // may grow; must outlive the plot or the next setCurves
    bool sparse = false;                                           // most steps have no value: those that have are marked, and joined over the others
    const std::vector<double> *low = nullptr, *high = nullptr;     // a band around it; as long as the values
};

/// The group's channels are shares of something, and read in percent.
bool isPercent(const QString &group);

/// The plot owns what is drawn; this fills it.
class DrawnCurve
{
public:
    /// smoothing: weight of the past in [0, 1); 0 draws the points alone.
    DrawnCurve(QCustomPlot &plot, QCPAxisRect &rect, const Curve &curve, double smoothing, bool logarithmic);

    /// Takes what the curve's vectors have gained.
    void take();
    const QCPAxisRect *rect() const { return m_rect; }
    void addToLegend(QCPLegend &legend);
    const Curve &curve() const { return m_curve; }
    /// "best 2.3 at step 21"; empty where nobody can say what is best.
    QString bestText() const;
    /// Whether there is room for the text of the best beside the curve; its point is marked anyway.
    void setRoomForText(bool room);
    size_t taken() const { return m_taken; }
    size_t omitted() const { return m_omitted; } // at or below zero, on a logarithmic axis

private:
    void add(double step, double value);
    void makeBand();
    void addToBand(size_t place);
    void choosePens();
    void markBest();
    void makeBestMark();
    void placeBestText();

    QCustomPlot &m_plot;
    QCPAxisRect *m_rect;
    Curve m_curve;
    double m_smoothing;
    bool m_logarithmic, m_room = true;
    QCPGraph *m_raw = nullptr, *m_smooth = nullptr, *m_low = nullptr, *m_high = nullptr;
    QCPItemTracer *m_best = nullptr;
    QCPItemText *m_bestText = nullptr;
    size_t m_taken = 0, m_omitted = 0;
    double m_average = 0, m_weight = 0; // exponential average, and the weight it has gathered, which unbiases its start
    double m_bestValue, m_bestStep = 0;
};

} // namespace pretext
