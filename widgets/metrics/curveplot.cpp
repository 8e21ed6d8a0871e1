#include "widgets/metrics/curveplot.h"

#include "widgets/metrics/curvetickers.h"

#include <QPainter>
#include <QPicture>

#include <cmath>
#include <optional>

namespace pretext {

namespace {

constexpr double kHeadroom = 0.06, kLogHeadroom = 1.15; // beyond the data
constexpr double kStepRoom = 0.015;                     // the last point is not cut by the frame

/// What is drawn along an axis; nothing: no value is.
std::optional<QCPRange> dataOf(const QCPAxis &axis)
{
    std::optional<QCPRange> data;
    for (QCPGraph *graph : axis.graphs()) {
        bool found = false;
        const QCPRange range = axis.orientation() == Qt::Horizontal ? graph->getKeyRange(found) : graph->getValueRange(found);
        if (found)
            data = data ? data->expanded(range) : range;
    }
    return data;
}

/// A share of it on both sides, but never below zero where the data is not; around a single value as far as is given.
QCPRange withRoom(const QCPRange &data, double share, double aroundOne)
{
    const double around = data.size() > 0 ? share * data.size() : aroundOne;
    return {data.lower >= 0 ? std::max(0.0, data.lower - around) : data.lower - around, data.upper + around};
}

} // namespace

CurvePlot::CurvePlot(QWidget *parent) : QCustomPlot(parent)
{
    setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    setNoAntialiasingOnDrag(true);
    setPlottingHint(QCP::phFastPolylines); // segment by segment: one outline around a noisy curve takes Qt a hundred times as long
    plotLayout()->clear();
    plotLayout()->setRowSpacing(2);
    setMinimumSize(120, 80);
    setFocusPolicy(Qt::StrongFocus);
    setAutoAddPlottableToLegend(false);
    connect(this, &QCustomPlot::beforeReplot, this, [this] {
        makeRoom();
        m_stepMarks.declutter();
        spaceTicks();
    });
    connect(this, &QCustomPlot::afterLayout, this, &CurvePlot::placeLegends);
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
    y->setTicker(QSharedPointer<ValueTicker>::create(isPercent(group)));
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
        connect(first->axis(QCPAxis::atBottom), qOverload<const QCPRange &>(&QCPAxis::rangeChanged), x, qOverload<const QCPRange &>(&QCPAxis::setRange));
        connect(x, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), first->axis(QCPAxis::atBottom), qOverload<const QCPRange &>(&QCPAxis::setRange));
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, first->marginGroup(QCP::msLeft));
    } else {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, new QCPMarginGroup(this));
    }
}

void CurvePlot::rebuild()
{
    m_drawn.clear();
    clearItems();
    clearGraphs();
    plotLayout()->clear();
    m_rows.clear();
    for (const Curve &curve : m_curves)
        rowFor(curve.group);
    for (const Curve &curve : m_curves)
        m_drawn.push_back(std::make_unique<DrawnCurve>(*this, *rowFor(curve.group).rect, curve, m_smoothing, m_logarithmic));
    for (const Row &row : m_rows) {
        const bool last = &row == &m_rows.back();
        QCPAxis *x = row.rect->axis(QCPAxis::atBottom);
        x->setLabel(last ? tr("step") : QString());
        x->setTickLabels(last);
        addLegend(row);
    }
    std::vector<QCPAxisRect *> rects;
    for (const Row &row : m_rows)
        rects.push_back(row.rect);
    m_stepMarks.place(*this, m_marks, rects);
    applyTheme();
    extend();
}

void CurvePlot::addLegend(const Row &row)
{
    auto *legend = new QCPLegend;
    row.rect->insetLayout()->setMargins(QMargins(8, 4, 8, 8)); // clear of the axes
    row.rect->insetLayout()->addElement(legend, Qt::AlignBottom | Qt::AlignLeft);
    legend->setLayer("legend");
    for (const auto &drawn : m_drawn)
        if (drawn->rect() == row.rect)
            drawn->addToLegend(*legend);
}

/// How much of the curves runs through a place, in pieces from one drawn point to the next; what is written there counts as much as a whole curve.
int CurvePlot::curveBehind(const Row &row, const QRectF &place) const
{
    constexpr int kMostPieces = 2000, kOfText = kMostPieces;
    int behind = 0;
    for (QCPGraph *graph : row.rect->graphs()) {
        const QSharedPointer<QCPGraphDataContainer> data = graph->data();
        const int stride = std::max(1, data->size() / kMostPieces);
        std::optional<QPointF> before;
        for (int i = 0; i < data->size(); i += stride) {
            const QPointF at = graph->coordsToPixels((data->constBegin() + i)->key, (data->constBegin() + i)->value);
            const QRectF piece = before ? QRectF(*before, at).normalized() : QRectF(at, at);
            behind += std::isfinite(at.x()) && std::isfinite(at.y()) && piece.adjusted(-1, -1, 1, 1).intersects(place);
            before = at;
        }
    }
    for (int i = 0; i < itemCount(); ++i)
        if (auto *text = qobject_cast<QCPItemText *>(item(i)); text && text->visible() && text->clipAxisRect() == row.rect)
            behind += QRectF(text->topLeft->pixelPosition(), text->bottomRight->pixelPosition()).normalized().intersects(place) ? kOfText : 0;
    return behind;
}

/// Where no curve is, and nothing is written; where there is no such place, where the least is. A legend stays where it is as long as that is free.
void CurvePlot::placeLegends()
{
    const Qt::Alignment places[] = {Qt::AlignBottom | Qt::AlignLeft,    Qt::AlignTop | Qt::AlignRight,     Qt::AlignBottom | Qt::AlignRight,
                                    Qt::AlignTop | Qt::AlignLeft,       Qt::AlignVCenter | Qt::AlignRight, Qt::AlignTop | Qt::AlignHCenter,
                                    Qt::AlignBottom | Qt::AlignHCenter, Qt::AlignVCenter | Qt::AlignLeft,  Qt::AlignCenter};
    for (const Row &row : m_rows) {
        QCPLayoutInset *inset = row.rect->insetLayout();
        if (inset->elementCount() == 0 || !inset->elementAt(0)->visible())
            continue;
        const auto behind = [&](Qt::Alignment alignment) {
            inset->setInsetAlignment(0, alignment);
            inset->update(QCPLayoutElement::upLayout);
            return curveBehind(row, inset->elementAt(0)->outerRect());
        };
        Qt::Alignment best = inset->insetAlignment(0);
        int least = behind(best);
        for (const Qt::Alignment alignment : places) {
            if (least == 0)
                break;
            if (const int there = behind(alignment); there < least) {
                least = there;
                best = alignment;
            }
        }
        behind(best);
    }
}

void CurvePlot::extend()
{
    for (const auto &drawn : m_drawn)
        drawn->take();
    if (m_follow)
        fitView();
    emit omissionChanged();
    replot(rpQueuedReplot);
}

void CurvePlot::fitView()
{
    std::optional<QCPRange> steps; // of all rows, which share them
    for (const Row &row : m_rows) {
        if (const std::optional<QCPRange> own = dataOf(*row.rect->axis(QCPAxis::atBottom)))
            steps = steps ? steps->expanded(*own) : own;
        QCPAxis &values = *row.rect->axis(QCPAxis::atLeft);
        if (const std::optional<QCPRange> own = dataOf(values))
            values.setRange(m_logarithmic ? QCPRange(own->lower / kLogHeadroom, own->upper * kLogHeadroom)
                                          : withRoom(*own, kHeadroom, std::max(std::abs(own->lower), 1e-6) / 2));
    }
    if (steps)
        m_rows.front().rect->axis(QCPAxis::atBottom)->setRange(withRoom(*steps, kStepRoom, 1));
}

void CurvePlot::setMarks(const std::vector<Mark> &marks)
{
    m_marks = marks;
    rebuild();
}

/// As many ticks as have room for their labels.
void CurvePlot::spaceTicks()
{
    constexpr int kMostTicks = 5, kFewestTicks = 2, kLinesOfFoot = 3;
    const int line = fontMetrics().height(), rows = std::max(1, int(m_rows.size()));
    for (const Row &row : m_rows)
        row.rect->axis(QCPAxis::atLeft)->ticker()->setTickCount(std::clamp((height() - kLinesOfFoot * line) / rows / (2 * line), kFewestTicks, kMostTicks));
}

/// Legend and best lie over the curves; in a plot too small for them they would hide what they speak of.
void CurvePlot::makeRoom()
{
    constexpr int kLinesOfFoot = 3, kLinesOfCurve = 6, kLegendLine = 40, kLeast = 120; // pixels: a legend's line and margins; what must stay free
    int widest = 0, most = 0;
    for (const Row &row : m_rows) {
        int entries = 0;
        for (const auto &drawn : m_drawn) {
            if (drawn->rect() != row.rect)
                continue;
            ++entries;
            widest =
                std::max({widest, fontMetrics().horizontalAdvance(drawn->curve().label) + kLegendLine, fontMetrics().horizontalAdvance(drawn->bestText())});
        }
        most = std::max(most, entries);
    }
    const int line = fontMetrics().height(), each = (height() - kLinesOfFoot * line) / std::max(1, int(m_rows.size()));
    const bool room = each >= (2 * most + kLinesOfCurve) * line && width() >= widest + kLeast;
    for (const Row &row : m_rows)
        for (int i = 0; i < row.rect->insetLayout()->elementCount(); ++i)
            row.rect->insetLayout()->elementAt(i)->setVisible(room);
    for (const auto &drawn : m_drawn)
        drawn->setRoomForText(room);
    if (m_room != room) {
        m_room = room;
        emit roomChanged(room);
    }
}

QString CurvePlot::legendHtml() const
{
    QString html;
    for (const auto &drawn : m_drawn) {
        const Curve &curve = drawn->curve();
        const QString mark = curve.style == Qt::SolidLine ? QStringLiteral("━━") : QStringLiteral("╍╍"), best = drawn->bestText();
        html += QStringLiteral("<tr><td style='color:%1'>%2&nbsp;</td><td>%3&nbsp;&nbsp;</td><td>%4</td></tr>")
                    .arg(curve.colour.name(), mark, curve.label.toHtmlEscaped(), best);
    }
    return "<table>" + html + "</table>";
}

void CurvePlot::paintTo(QPainter &painter, const QSize &size)
{
    const int line = fontMetrics().height(), sample = 2 * line;
    const int below = m_room || m_curves.size() < 2 ? 0 : std::min(int(m_curves.size()) * line + line / 2, size.height() / 2);
    QPicture picture; // QCustomPlot draws only through its own painter
    QCPPainter recorder;
    recorder.begin(&picture);
    recorder.setMode(QCPPainter::pmVectorized);
    toPainter(&recorder, size.width(), size.height() - below);
    recorder.end();
    painter.drawPicture(0, 0, picture);
    if (below == 0)
        return;
    painter.fillRect(0, size.height() - below, size.width(), below, palette().base());
    int middle = size.height() - below + line;
    for (const Curve &curve : m_curves) {
        painter.setPen(QPen(curve.colour, 2, curve.style));
        painter.drawLine(line / 2, middle, line / 2 + sample, middle);
        painter.setPen(palette().color(QPalette::Text));
        painter.drawText(line + sample, middle - line / 2, size.width() - line - sample, line, int(Qt::AlignVCenter) | Qt::TextSingleLine, curve.label);
        middle += line;
    }
}

QString CurvePlot::omission() const
{
    size_t omitted = 0;
    for (const auto &drawn : m_drawn)
        omitted += drawn->omitted();
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

void CurvePlot::setEmptyText(const QString &text)
{
    if (m_emptyText != text)
        update();
    m_emptyText = text;
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

/// From the keyboard there is no place that was meant: the plot's last step then.
void CurvePlot::contextMenuEvent(QContextMenuEvent *event)
{
    if (m_rows.empty())
        return;
    const QCPAxis *steps = m_rows.front().rect->axis(QCPAxis::atBottom);
    emit menuRequested(event->reason() == QContextMenuEvent::Mouse ? steps->pixelToCoord(event->pos().x()) : steps->range().upper, event->globalPos());
}

void CurvePlot::mouseDoubleClickEvent(QMouseEvent *event)
{
    QCustomPlot::mouseDoubleClickEvent(event);
    resetView();
}

void CurvePlot::paintEvent(QPaintEvent *event)
{
    QCustomPlot::paintEvent(event);
    const bool points = std::any_of(m_drawn.begin(), m_drawn.end(), [](const auto &drawn) { return drawn->taken() > 0; });
    if (points || m_emptyText.isEmpty())
        return;
    QPainter painter(this);
    painter.fillRect(rect(), palette().base());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(rect().adjusted(12, 12, -12, -12), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
}

} // namespace pretext
