#include "widgets/metrics/drawncurve.h"

#include <QObject>

#include <cmath>
#include <limits>

namespace pretext {

namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr int kPointsDrawnSmooth = 20000; // antialiasing more costs time that nobody sees
constexpr int kDashesDrawnSmooth = 300;   // of a noisy curve: Qt's stroker takes time that grows with the crossings, 100 ms for 2000 points

// Losses are best at their lowest, scores at their highest; of other numbers nobody can say.
enum class Better { unknown, lower, higher };
Better betterOf(const QString &label, const QString &group)
{
    if (group == "loss")
        return Better::lower;
    return label.contains("accuracy") || label.contains("knn") || label.contains("probe") ? Better::higher : Better::unknown;
}

} // namespace

DrawnCurve::DrawnCurve(QCustomPlot &plot, QCPAxisRect &rect, const Curve &curve, double smoothing, bool logarithmic)
    : m_plot(plot)
    , m_rect(&rect)
    , m_curve(curve)
    , m_smoothing(smoothing)
    , m_logarithmic(logarithmic)
    , m_bestValue(kNothing)
{
    QCPAxis *x = rect.axis(QCPAxis::atBottom), *y = rect.axis(QCPAxis::atLeft);
    const bool smooth = smoothing > 0;
    QColor faint = curve.colour;
    faint.setAlphaF(smooth ? 0.3 : 1);
    if (curve.low)
        makeBand(); // below the curve
    m_raw = plot.addGraph(x, y);
    m_raw->setPen(QPen(faint, smooth ? 1 : 1.5, curve.style));
    if (!smooth)
        return;
    m_smooth = plot.addGraph(x, y);
    m_smooth->setPen(QPen(curve.colour, 2, curve.style));
}

void DrawnCurve::addToLegend(QCPLegend &legend)
{
    QCPGraph *shown = m_smooth ? m_smooth : m_raw;
    shown->setName(m_curve.label);
    shown->addToLegend(&legend);
}

void DrawnCurve::take()
{
    const auto &steps = *m_curve.steps, &values = *m_curve.values;
    for (; m_taken < std::min(steps.size(), values.size()); ++m_taken) {
        add(steps[m_taken], values[m_taken]);
        if (m_low)
            addToBand(m_taken);
    }
    choosePens();
    markBest();
}

void DrawnCurve::add(double step, double value)
{
    if (!std::isfinite(value)) {
        if (!m_curve.sparse)
            m_raw->addData(step, kNothing);
        return;
    }
    double shown = value;
    if (m_smooth) {
        m_average = m_smoothing * m_average + (1 - m_smoothing) * value;
        m_weight = m_smoothing * m_weight + (1 - m_smoothing);
        shown = m_average / m_weight;
    }
    const Better better = betterOf(m_curve.label, m_curve.group);
    const bool best = std::isnan(m_bestValue) || (better == Better::lower ? shown < m_bestValue : shown > m_bestValue);
    if (better != Better::unknown && best) {
        m_bestValue = shown;
        m_bestStep = step;
    }
    const auto onAxis = [this](double y) { return m_logarithmic && y <= 0 ? kNothing : y; };
    if (m_logarithmic && value <= 0)
        ++m_omitted;
    m_raw->addData(step, onAxis(value));
    if (m_smooth)
        m_smooth->addData(step, onAxis(shown));
}

void DrawnCurve::makeBand()
{
    QCPAxis *x = m_rect->axis(QCPAxis::atBottom), *y = m_rect->axis(QCPAxis::atLeft);
    QColor shade = m_curve.colour;
    shade.setAlphaF(0.2);
    for (QCPGraph **edge : {&m_low, &m_high}) {
        *edge = m_plot.addGraph(x, y);
        (*edge)->setPen(Qt::NoPen);
    }
    m_high->setBrush(shade);
    m_high->setChannelFillGraph(m_low);
}

void DrawnCurve::addToBand(size_t place)
{
    const double low = (*m_curve.low)[place], high = (*m_curve.high)[place], step = (*m_curve.steps)[place];
    const bool shown = std::isfinite(low) && std::isfinite(high) && (!m_logarithmic || low > 0);
    if (!shown && m_curve.sparse)
        return;
    m_low->addData(step, shown ? low : kNothing);
    m_high->addData(step, shown ? high : kNothing);
}

void DrawnCurve::choosePens()
{
    const bool few = m_raw->dataCount() < (m_curve.style == Qt::SolidLine ? kPointsDrawnSmooth : kDashesDrawnSmooth);
    for (QCPGraph *graph : {m_raw, m_smooth}) {
        if (!graph)
            continue;
        graph->setAntialiased(few);
        QPen pen = graph->pen();
        if (!few)
            pen.setWidth(0); // a cosmetic pen has the quick stroker, for dashes too
        graph->setPen(pen);
    }
    m_raw->setScatterStyle(m_raw->dataCount() == 1 || (m_curve.sparse && few && !m_smooth) ? QCPScatterStyle(QCPScatterStyle::ssDisc, 5)
                                                                                           : QCPScatterStyle()); // no line yet
}

void DrawnCurve::markBest()
{
    if (std::isnan(m_bestValue) || m_curve.style != Qt::SolidLine || (m_logarithmic && m_bestValue <= 0))
        return;
    if (!m_best)
        makeBestMark();
    m_best->position->setCoords(m_bestStep, m_bestValue);
    m_bestText->setText(bestText());
    m_bestText->setVisible(m_room);
}

QString DrawnCurve::bestText() const
{
    if (std::isnan(m_bestValue))
        return {};
    return (isPercent(m_curve.group) ? QObject::tr("best %1 % at step %2").arg(100 * m_bestValue, 0, 'f', 1)
                                     : QObject::tr("best %1 at step %2").arg(m_bestValue, 0, 'g', 4))
        .arg(m_bestStep, 0, 'f', 0);
}

bool isPercent(const QString &group)
{
    return group == QLatin1String("evaluation") || group == QLatin1String("accuracy");
}

void DrawnCurve::setRoomForText(bool room)
{
    m_room = room;
    if (m_bestText)
        m_bestText->setVisible(room);
}

void DrawnCurve::makeBestMark()
{
    const QPalette &palette = m_plot.palette();
    m_best = new QCPItemTracer(&m_plot);
    m_best->setStyle(QCPItemTracer::tsCircle);
    m_best->setSize(7);
    m_best->setPen(QPen(m_curve.colour, 1.5));
    m_best->setBrush(palette.color(QPalette::Base));
    m_bestText = new QCPItemText(&m_plot);
    m_bestText->setPadding(QMargins(4, 1, 4, 1));
    m_bestText->setPen(QPen(m_curve.colour, 1));
    m_bestText->setColor(palette.color(QPalette::Text));
    m_bestText->setFont(m_plot.font());
    QColor ground = palette.color(QPalette::Base);
    ground.setAlphaF(0.8);
    m_bestText->setBrush(ground);
    for (QCPAbstractItem *item : std::initializer_list<QCPAbstractItem *>{m_best, m_bestText})
        item->setClipAxisRect(m_rect);
    m_best->position->setAxisRect(m_rect);
    m_best->position->setAxes(m_rect->axis(QCPAxis::atBottom), m_rect->axis(QCPAxis::atLeft));
    m_best->position->setType(QCPItemPosition::ptPlotCoords);
    placeBestText();
}

/// At the right edge, in the corner that the curve leaves: a loss falls away from the upper one, below the labels of marks, a score rises from the
/// lower one. Several curves' stand in a column.
void DrawnCurve::placeBestText()
{
    const bool falls = betterOf(m_curve.label, m_curve.group) == Better::lower;
    const QString name = falls ? QObject::tr("best below") : QObject::tr("best above");
    int others = 0;
    for (int i = 0; i < m_plot.itemCount(); ++i)
        others += m_plot.item(i)->clipAxisRect() == m_rect && m_plot.item(i)->objectName() == name;
    m_bestText->setObjectName(name);
    const int line = QFontMetrics(m_plot.font()).height() + 6, down = (falls ? 1 : -1) * (others * line + (falls ? line : 4));
    auto *corner = new QCPItemTracer(&m_plot); // pixels are counted from it
    corner->setStyle(QCPItemTracer::tsNone);
    corner->position->setAxisRect(m_rect);
    corner->position->setType(QCPItemPosition::ptAxisRectRatio);
    corner->position->setCoords(1, falls ? 0 : 1);
    m_bestText->setPositionAlignment(Qt::AlignRight | (falls ? Qt::AlignTop : Qt::AlignBottom));
    m_bestText->position->setType(QCPItemPosition::ptAbsolute);
    m_bestText->position->setParentAnchor(corner->position);
    m_bestText->position->setCoords(-4, down);
}

} // namespace pretext
