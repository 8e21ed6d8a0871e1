#include "widgets/metrics/curveplot.h"

#include <QPainter>

#include <cmath>
#include <limits>
#include <optional>

namespace pretext {

namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
constexpr int kPointsDrawnSmooth = 20000; // antialiasing more costs time that nobody sees
constexpr int kDashesDrawnSmooth = 300;   // of a noisy curve: Qt's stroker takes time that grows with the crossings, 100 ms for 2000 points

constexpr double kHeadroom = 0.06, kLogHeadroom = 1.15; // beyond the data

// Losses are best at their lowest, scores at their highest; of other numbers nobody can say.
enum class Better { unknown, lower, higher };
Better betterOf(const QString &label, const QString &group)
{
    if (group == "loss")
        return Better::lower;
    return label.contains("accuracy") || label.contains("knn") || label.contains("probe") ? Better::higher : Better::unknown;
}

/// Steps are whole: two ticks must not both say 2.
class StepTicker : public QCPAxisTicker
{
protected:
    double getTickStep(const QCPRange &range) override { return std::max(1.0, std::round(QCPAxisTicker::getTickStep(range))); }
    int getSubTickCount(double) override { return 0; }
};

} // namespace

struct CurvePlot::Drawn
{
    Curve curve;
    QCPAxisRect *rect = nullptr;
    QCPGraph *raw = nullptr, *smooth = nullptr;
    QCPItemTracer *best = nullptr;
    QCPItemText *bestText = nullptr;
    size_t taken = 0, omitted = 0;
    double average = 0, weight = 0; // exponential average, and the weight it has gathered, which unbiases its start
    double bestValue = kNothing, bestStep = 0;
};

CurvePlot::CurvePlot(QWidget *parent)
    : QCustomPlot(parent)
{
    setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    setNoAntialiasingOnDrag(true);
    setPlottingHint(QCP::phFastPolylines); // segment by segment: one outline around a noisy curve takes Qt a hundred times as long
    plotLayout()->clear();
    plotLayout()->setRowSpacing(2);
    setMinimumSize(120, 80);
    setFocusPolicy(Qt::StrongFocus);
    setAutoAddPlottableToLegend(false);
    connect(this, &QCustomPlot::beforeReplot, this, &CurvePlot::declutterMarks);
    connect(this, &QCustomPlot::mouseWheel, this, [this] { m_follow = false; });
    connect(this, &QCustomPlot::mouseMove, this, [this](QMouseEvent *event) {
        if (event->buttons() & Qt::LeftButton)
            m_follow = false;
    });
}

CurvePlot::~CurvePlot() = default;

void CurvePlot::setCurves(const std::vector<Curve> &curves)
{
    m_curves = curves;
    rebuild();
}

void CurvePlot::setSmoothing(double weight)
{
    m_smoothing = weight;
    rebuild();
}

void CurvePlot::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    m_follow = true;
    rebuild();
}

CurvePlot::Row &CurvePlot::rowFor(const QString &group)
{
    for (Row &row : m_rows)
        if (row.group == group)
            return row;
    auto *rect = new QCPAxisRect(this);
    plotLayout()->addElement(static_cast<int>(m_rows.size()), 0, rect);
    configure(rect, group);
    m_rows.push_back({rect, group});
    return m_rows.back();
}

void CurvePlot::configure(QCPAxisRect *rect, const QString &group)
{
    rect->setupFullAxesBox(true);
    rect->setMinimumMargins(QMargins(4, 4, 8, 0));
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    y->setLabel(group);
    if (m_logarithmic) {
        y->setScaleType(QCPAxis::stLogarithmic);
        y->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
        y->setNumberFormat("gb");
        y->setNumberPrecision(3);
    }
    x->setTicker(QSharedPointer<StepTicker>::create());
    x->setNumberFormat("f");
    x->setNumberPrecision(0);
    if (!m_rows.empty()) {
        QCPAxisRect *first = m_rows.front().rect;
        connect(first->axis(QCPAxis::atBottom), qOverload<const QCPRange &>(&QCPAxis::rangeChanged), x,
                qOverload<const QCPRange &>(&QCPAxis::setRange));
        connect(x, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), first->axis(QCPAxis::atBottom),
                qOverload<const QCPRange &>(&QCPAxis::setRange));
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, first->marginGroup(QCP::msLeft));
    } else {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, new QCPMarginGroup(this));
    }
}

void CurvePlot::rebuild()
{
    m_drawn.clear();
    m_markTexts.clear();
    clearItems();
    clearGraphs();
    plotLayout()->clear();
    m_rows.clear();
    for (const Curve &curve : m_curves)
        rowFor(curve.group);
    for (const Curve &curve : m_curves) {
        auto drawn = std::make_unique<Drawn>();
        drawn->curve = curve;
        drawn->rect = rowFor(curve.group).rect;
        QCPAxis *x = drawn->rect->axis(QCPAxis::atBottom), *y = drawn->rect->axis(QCPAxis::atLeft);
        QColor faint = curve.colour;
        faint.setAlphaF(m_smoothing > 0 ? 0.3 : 1);
        drawn->raw = addGraph(x, y);
        drawn->raw->setPen(QPen(faint, m_smoothing > 0 ? 1 : 1.5, curve.style));
        if (m_smoothing > 0) {
            drawn->smooth = addGraph(x, y);
            drawn->smooth->setPen(QPen(curve.colour, 2, curve.style));
        }
        m_drawn.push_back(std::move(drawn));
    }
    for (size_t i = 0; i < m_rows.size(); ++i) {
        QCPAxis *x = m_rows[i].rect->axis(QCPAxis::atBottom);
        x->setLabel(i + 1 == m_rows.size() ? tr("step") : QString());
        x->setTickLabels(i + 1 == m_rows.size());
    }
    for (const Row &row : m_rows) {
        auto *legend = new QCPLegend;
        row.rect->insetLayout()->setMargins(QMargins(8, 4, 8, 8)); // clear of the axes
        row.rect->insetLayout()->addElement(legend, Qt::AlignBottom | Qt::AlignLeft); // curves fall from the left, and marks have the top
        legend->setLayer("legend");
        int entries = 0;
        for (const auto &drawn : m_drawn) {
            if (drawn->rect != row.rect)
                continue;
            QCPGraph *shown = drawn->smooth ? drawn->smooth : drawn->raw;
            shown->setName(drawn->curve.label);
            shown->addToLegend(legend);
            ++entries;
        }
        legend->setVisible(entries > 0);
    }
    placeMarks();
    applyTheme();
    extend();
}

void CurvePlot::take(Drawn &drawn)
{
    const auto &steps = *drawn.curve.steps, &values = *drawn.curve.values;
    const Better better = betterOf(drawn.curve.label, drawn.curve.group);
    for (; drawn.taken < std::min(steps.size(), values.size()); ++drawn.taken) {
        const double step = steps[drawn.taken];
        double value = values[drawn.taken];
        if (!std::isfinite(value)) {
            drawn.raw->addData(step, kNothing);
            continue;
        }
        double shown = value;
        if (drawn.smooth) {
            drawn.average = m_smoothing * drawn.average + (1 - m_smoothing) * value;
            drawn.weight = m_smoothing * drawn.weight + (1 - m_smoothing);
            shown = drawn.average / drawn.weight;
        }
        const bool best = std::isnan(drawn.bestValue) || (better == Better::lower ? shown < drawn.bestValue : shown > drawn.bestValue);
        if (better != Better::unknown && best) {
            drawn.bestValue = shown;
            drawn.bestStep = step;
        }
        if (m_logarithmic && value <= 0)
            ++drawn.omitted;
        drawn.raw->addData(step, m_logarithmic && value <= 0 ? kNothing : value);
        if (drawn.smooth)
            drawn.smooth->addData(step, m_logarithmic && shown <= 0 ? kNothing : shown);
    }
    const bool few = drawn.raw->dataCount() < (drawn.curve.style == Qt::SolidLine ? kPointsDrawnSmooth : kDashesDrawnSmooth);
    for (QCPGraph *graph : {drawn.raw, drawn.smooth}) {
        if (!graph)
            continue;
        graph->setAntialiased(few);
        QPen pen = graph->pen();
        if (!few)
            pen.setWidth(0); // a cosmetic pen has the quick stroker, for dashes too
        graph->setPen(pen);
    }
    drawn.raw->setScatterStyle(drawn.raw->dataCount() == 1 ? QCPScatterStyle(QCPScatterStyle::ssDisc, 5) : QCPScatterStyle()); // no line yet
    markBest(drawn);
}

void CurvePlot::markBest(Drawn &drawn)
{
    if (std::isnan(drawn.bestValue) || drawn.curve.style != Qt::SolidLine || (m_logarithmic && drawn.bestValue <= 0))
        return;
    if (!drawn.best) {
        drawn.best = new QCPItemTracer(this);
        drawn.best->setStyle(QCPItemTracer::tsCircle);
        drawn.best->setSize(7);
        drawn.best->setPen(QPen(drawn.curve.colour, 1.5));
        drawn.best->setBrush(palette().color(QPalette::Base));
        drawn.bestText = new QCPItemText(this);
        drawn.bestText->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
        drawn.bestText->setPadding(QMargins(0, 0, 4, 4));
        drawn.bestText->setColor(palette().color(QPalette::Text));
        drawn.bestText->setFont(font());
        QColor ground = palette().color(QPalette::Base);
        ground.setAlphaF(0.8);
        drawn.bestText->setBrush(ground);
        for (QCPAbstractItem *item : std::initializer_list<QCPAbstractItem *>{drawn.best, drawn.bestText})
            item->setClipAxisRect(drawn.rect);
        for (QCPItemPosition *position : {drawn.best->position, drawn.bestText->position}) {
            position->setAxisRect(drawn.rect);
            position->setAxes(drawn.rect->axis(QCPAxis::atBottom), drawn.rect->axis(QCPAxis::atLeft));
            position->setType(QCPItemPosition::ptPlotCoords);
        }
    }
    drawn.best->position->setCoords(drawn.bestStep, drawn.bestValue);
    drawn.bestText->position->setCoords(drawn.bestStep, drawn.bestValue);
    drawn.bestText->setText(tr("best %1 at step %2").arg(drawn.bestValue, 0, 'g', 4).arg(drawn.bestStep, 0, 'f', 0));
}

void CurvePlot::extend()
{
    for (const auto &drawn : m_drawn)
        take(*drawn);
    if (m_follow)
        fitView();
    emit omissionChanged();
    replot(rpQueuedReplot);
}

void CurvePlot::fitView()
{
    for (const Row &row : m_rows) {
        fit(*row.rect->axis(QCPAxis::atBottom), 0);
        fit(*row.rect->axis(QCPAxis::atLeft), kHeadroom);
    }
    if (m_rows.size() > 1) {
        QCPRange all = m_rows.front().rect->axis(QCPAxis::atBottom)->range();
        for (const Row &row : m_rows)
            all.expand(row.rect->axis(QCPAxis::atBottom)->range());
        m_rows.front().rect->axis(QCPAxis::atBottom)->setRange(all);
    }
}

/// To its data and some room around it; never below zero where the data is not, and around a single value as far as the value is large.
void CurvePlot::fit(QCPAxis &axis, double room)
{
    std::optional<QCPRange> data;
    for (QCPGraph *graph : axis.graphs()) {
        bool found = false;
        const QCPRange range = axis.orientation() == Qt::Horizontal ? graph->getKeyRange(found) : graph->getValueRange(found);
        if (found)
            data = data ? data->expanded(range) : range;
    }
    if (!data)
        return;
    if (axis.scaleType() == QCPAxis::stLogarithmic) {
        axis.setRange(data->lower / kLogHeadroom, data->upper * kLogHeadroom);
        return;
    }
    const double around = data->size() > 0 ? room * data->size() : axis.orientation() == Qt::Horizontal ? 1 : std::max(std::abs(data->lower), 1e-6) / 2;
    axis.setRange(data->lower >= 0 ? std::max(0.0, data->lower - around) : data->lower - around, data->upper + around);
}

void CurvePlot::setMarks(const std::vector<Mark> &marks)
{
    m_marks = marks;
    rebuild();
}

void CurvePlot::placeMarks()
{
    for (const Mark &mark : m_marks) {
        for (const Row &row : m_rows) {
            auto *line = new QCPItemStraightLine(this);
            line->setClipAxisRect(row.rect);
            line->setPen(QPen(palette().color(QPalette::PlaceholderText), 1, Qt::DashLine));
            for (QCPItemPosition *point : {line->point1, line->point2}) {
                point->setAxisRect(row.rect);
                point->setAxes(row.rect->axis(QCPAxis::atBottom), row.rect->axis(QCPAxis::atLeft));
                point->setTypeX(QCPItemPosition::ptPlotCoords);
                point->setTypeY(QCPItemPosition::ptAxisRectRatio);
            }
            line->point1->setCoords(mark.step, 0);
            line->point2->setCoords(mark.step, 1);
        }
        if (m_rows.empty())
            continue;
        auto *text = new QCPItemText(this);
        text->setClipAxisRect(m_rows.front().rect);
        text->setText(mark.label);
        text->setColor(palette().color(QPalette::Text));
        text->setFont(font());
        text->setPadding(QMargins(4, 0, 4, 0));
        QColor ground = palette().color(QPalette::Base);
        ground.setAlphaF(0.8);
        text->setBrush(ground);
        text->position->setAxisRect(m_rows.front().rect);
        text->position->setAxes(m_rows.front().rect->axis(QCPAxis::atBottom), m_rows.front().rect->axis(QCPAxis::atLeft));
        text->position->setTypeX(QCPItemPosition::ptPlotCoords);
        text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
        text->position->setCoords(mark.step, 0.02);
        m_markTexts.push_back(text);
    }
}

void CurvePlot::declutterMarks()
{
    // Left of its line where there is room; the newest label wins where two would lie on each other.
    double free = std::numeric_limits<double>::infinity();
    for (size_t i = m_markTexts.size(); i-- > 0;) {
        const QCPAxisRect *rect = m_rows.front().rect;
        const double at = rect->axis(QCPAxis::atBottom)->coordToPixel(m_marks[i].step);
        const double width = fontMetrics().horizontalAdvance(m_marks[i].label) + 8;
        const bool left = at - width >= rect->left();
        const bool fits = (left ? at : at + width) <= free;
        m_markTexts[i]->setPositionAlignment((left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
        m_markTexts[i]->setVisible(fits);
        if (fits)
            free = left ? at - width : at;
    }
}

QString CurvePlot::omission() const
{
    size_t omitted = 0;
    for (const auto &drawn : m_drawn)
        omitted += drawn->omitted;
    if (omitted == 0)
        return {};
    return omitted == 1 ? tr("1 value at or below zero has no place on a logarithmic axis.")
                        : tr("%1 values at or below zero have no place on a logarithmic axis.").arg(omitted);
}

void CurvePlot::resetView()
{
    m_follow = true;
    fitView();
    replot(rpQueuedReplot);
}

void CurvePlot::applyTheme()
{
    const QColor text = palette().color(QPalette::Text);
    QColor muted = text;
    muted.setAlphaF(0.16);
    setBackground(palette().brush(QPalette::Base));
    for (const Row &row : m_rows) {
        for (QCPAxis *axis : row.rect->axes()) {
            axis->setBasePen(QPen(text, 1));
            axis->setTickPen(QPen(text, 1));
            axis->setSubTickPen(QPen(muted, 1));
            axis->setTickLabelColor(text);
            axis->setLabelColor(text);
            axis->setTickLabelFont(font());
            axis->setLabelFont(font());
            axis->grid()->setPen(QPen(muted, 1));
            axis->grid()->setZeroLinePen(QPen(text, 1));
        }
        for (QCPAxis::AxisType type : {QCPAxis::atTop, QCPAxis::atRight})
            row.rect->axis(type)->setVisible(false);
        QCPLayoutInset *inset = row.rect->insetLayout();
        for (int i = 0; i < inset->elementCount(); ++i) {
            auto *legend = static_cast<QCPLegend *>(inset->elementAt(i));
            QColor base = palette().color(QPalette::Base);
            base.setAlphaF(0.8);
            legend->setBrush(base);
            legend->setBorderPen(Qt::NoPen);
            legend->setFont(font());
            legend->setTextColor(text);
            for (int item = 0; item < legend->itemCount(); ++item) {
                legend->item(item)->setFont(font());
                legend->item(item)->setTextColor(text);
            }
        }
    }
}

void CurvePlot::changeEvent(QEvent *event)
{
    QCustomPlot::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        rebuild();
}

void CurvePlot::mouseDoubleClickEvent(QMouseEvent *event)
{
    QCustomPlot::mouseDoubleClickEvent(event);
    resetView();
}

void CurvePlot::paintEvent(QPaintEvent *event)
{
    QCustomPlot::paintEvent(event);
    const bool points = std::any_of(m_drawn.begin(), m_drawn.end(), [](const auto &drawn) { return drawn->taken > 0; });
    if (points || emptyText.isEmpty())
        return;
    QPainter painter(this);
    painter.fillRect(rect(), palette().base());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect().adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, emptyText);
}

} // namespace pretext
