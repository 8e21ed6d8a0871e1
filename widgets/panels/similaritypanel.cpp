// Similarity: every view of the batch against every other as a heat map: the cosine, the softmax at the current temperature, or the share of
// the gradient that each negative gets. Rows stand in batch order (all first views, then all second ones) or by label.
#include "core/analysis/share.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/plots/heatmap.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

namespace pretext {

namespace {

enum class Shown { cosine, softmax, gradientShare };
enum class Order { batch, label };


QString nameOf(Shown shown)
{
    switch (shown) {
    case Shown::softmax: return QStringLiteral("softmax");
    case Shown::gradientShare: return QStringLiteral("gradient share");
    default: return QStringLiteral("cosine");
    }
}

std::optional<float> temperatureOf(const Snapshot &snapshot)
{
    const auto it = snapshot.knobs.find("temperature");
    const double *value = it == snapshot.knobs.end() ? nullptr : std::get_if<double>(&it->second);
    return value && *value > 0 ? std::optional<float>(float(*value)) : std::nullopt;
}

/// Where the parts of the panel lie.
struct Layout
{
    QRectF title, map, bar, info;
    bool infoBeside = true;
};

Layout layoutOf(const Canvas &canvas, const ColourScale &scale)
{
    const qreal gap = canvas.theme().spacing, line = lineHeight(canvas, kSmall);
    QRectF rest = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    Layout layout;
    layout.title = QRectF(rest.topLeft(), QSizeF(rest.width(), line));
    rest.setTop(layout.title.bottom());
    const qreal barWidth = scaleBarWidth(canvas, scale);
    layout.infoBeside = rest.width() - barWidth > 1.1 * rest.height();
    if (layout.infoBeside) {
        const qreal side = std::min(rest.height(), rest.width() * 0.62 - barWidth);
        layout.info = QRectF(QPointF(rest.left() + side + barWidth + 3 * gap, rest.top() + line), rest.bottomRight() - QPointF(gap, 0));
    } else if (rest.height() > 9 * line) {
        const qreal height = std::max(4.5 * line, std::min(0.3 * rest.height(), rest.height() - rest.width() + barWidth));
        layout.info = QRectF(QPointF(rest.left(), rest.bottom() - height), rest.bottomRight());
        rest.setBottom(layout.info.top() - gap);
    }
    layout.map = QRectF(rest.topLeft() + QPointF(0, line), rest.bottomRight());
    layout.map.setRight((layout.infoBeside ? layout.info.left() - 2 * gap : rest.right()) - barWidth - gap);
    layout.bar = QRectF(layout.map.right() + gap, layout.map.top(), barWidth, layout.map.height());
    return layout;
}

} // namespace

class SimilarityPanel : public CanvasPanel
{
public:
    explicit SimilarityPanel(const PanelContext &context) : CanvasPanel(context, QStringLiteral("Similarity heat map"))
    {
        m_shown = addChoice(QStringLiteral("Sho&ws"), {QStringLiteral("Cosine"), QStringLiteral("Softmax at τ"), QStringLiteral("Gradient share")},
            QStringLiteral("Cosine: how alike two views are to the encoder. Softmax: the same as probabilities at the current temperature τ. "
                           "Gradient share: how much of a view's repulsion each negative causes."));
        m_order = addChoice(QStringLiteral("Orde&r"), {QStringLiteral("Batch"), QStringLiteral("By label")},
            QStringLiteral("Batch: all first views, then all second views. By label: views of one class side by side. "
                           "Labels only order the rows; the encoder never sees them."));
        toolbar().addStretch(1);
    }

    std::set<std::string> wantedChannels() const override { return {"similarity", "views/pixels"}; }
    QString csv() const override;

protected:
    void batchChanged() override;
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override { selection().hover(toCell(m_map.cellAt(position))); }
    void leave() override { selection().hover({}); }
    void click(QPointF position) override;
    void doubleClick(QPointF) override { m_map.resetView(); }
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override { m_map.zoom(at, std::pow(1.25, steps)); }
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

private:
    QComboBox *addChoice(const QString &label, const QStringList &choices, const QString &help);
    Shown shown() const { return Shown(m_shown->currentIndex()); }
    Order order() const { return Order(m_order->currentIndex()); }
    void orderRows();
    Matrix shownMatrix(const Matrix &cosine) const;
    QString missing() const;

    Cell toCell(std::optional<HeatCell> at) const { return at ? Cell{m_rows[at->row], m_rows[at->column]} : Cell{}; }
    HeatCell placeOf(Cell cell) const { return {m_places[cell.row], m_places[cell.column]}; }
    std::optional<Cell> valid(Cell cell) const;
    std::optional<Cell> currentCell() const; // hovered, else selected
    void moveBy(int rows, int columns);

    void drawTitle(Canvas &canvas, const QRectF &area) const;
    void drawAxes(Canvas &canvas) const;
    void drawPositives(Canvas &canvas) const;
    void drawStrips(Canvas &canvas, int row, const QColor &colour) const;
    void drawCell(Canvas &canvas, Cell cell, const QColor &colour) const;
    void drawInfo(Canvas &canvas, QRectF rest, bool beside) const;
    void drawLabels(Canvas &canvas, const QRectF &area) const;
    QString relation(Cell cell) const;
    QString valueText(Cell cell) const;

    QComboBox *m_shown, *m_order;
    HeatMap m_map;
    std::vector<int> m_rows, m_places; // batch row shown at a place, and back
    std::optional<float> m_temperature;
    bool m_ready = false;
};

QComboBox *SimilarityPanel::addChoice(const QString &label, const QStringList &choices, const QString &help)
{
    auto *box = new QComboBox;
    box->addItems(choices);
    box->setToolTip(help);
    auto *name = new QLabel(label);
    name->setBuddy(box);
    toolbar().addWidget(name);
    toolbar().addWidget(box);
    connect(box, &QComboBox::currentIndexChanged, this, [this] {
        batchChanged();
        repaint();
    });
    return box;
}

void SimilarityPanel::orderRows()
{
    const int pairs = batch().pairs();
    m_rows.resize(2 * size_t(pairs));
    std::iota(m_rows.begin(), m_rows.end(), 0);
    if (order() == Order::label) // both views of a sample stand together
        std::stable_sort(m_rows.begin(), m_rows.end(), [this](int a, int b) {
            const int pairA = batch().pairOf(a), pairB = batch().pairOf(b);
            return std::pair(batch().label(pairA), pairA) < std::pair(batch().label(pairB), pairB);
        });
    m_places.resize(m_rows.size());
    for (size_t place = 0; place < m_rows.size(); ++place)
        m_places[m_rows[place]] = int(place);
}

Matrix SimilarityPanel::shownMatrix(const Matrix &cosine) const
{
    switch (shown()) {
    case Shown::softmax: return softmaxRows(cosine, *m_temperature);
    case Shown::gradientShare: return gradientShare(cosine, *m_temperature);
    default: return cosine;
    }
}

void SimilarityPanel::batchChanged()
{
    const Matrix *cosine = batch().similarity();
    m_temperature = batch().snapshot() ? temperatureOf(*batch().snapshot()) : std::nullopt;
    m_ready = cosine && (shown() == Shown::cosine || m_temperature);
    if (!m_ready)
        return;
    orderRows();
    const Matrix matrix = shownMatrix(*cosine);
    const size_t side = m_rows.size();
    std::vector<float> values(side * side);
    std::vector<QRgb> bands;
    float largest = 0;
    for (size_t row = 0; row < side; ++row) {
        if (batch().label(batch().pairOf(m_rows[row])) >= 0)
            bands.push_back(labelColour(batch().label(batch().pairOf(m_rows[row]))).rgba());
        for (size_t column = 0; column < side; ++column) {
            const float value = matrix.at(m_rows[row], m_rows[column]);
            values[row * side + column] = value;
            largest = std::max(largest, std::isnan(value) ? 0.f : value);
        }
    }
    m_map.setScale(shown() == Shown::cosine ? ColourScale{ColourMap::diverging, -1, 1}
                                            : ColourScale{ColourMap::sequential, 0, roundedUp(largest), true});
    m_map.setValues(int(side), int(side), std::move(values));
    m_map.setBands(bands);
}

QString SimilarityPanel::missing() const
{
    if (batch().similarity())
        return QStringLiteral("This method has no temperature, so there is no %1 to show. Choose Cosine above.").arg(nameOf(shown()));
    return waitingText(controller(), QStringLiteral("the similarity"));
}

std::optional<Cell> SimilarityPanel::valid(Cell cell) const
{
    const int rows = int(m_rows.size());
    if (!m_ready || cell.row < 0 || cell.row >= rows || cell.column >= rows)
        return {};
    return cell.column < 0 ? Cell{cell.row, batch().partnerOf(cell.row)} : cell;
}

std::optional<Cell> SimilarityPanel::currentCell() const
{
    if (const auto hovered = valid(selection().hovered()))
        return hovered;
    if (const auto selected = valid(selection().cell()))
        return selected;
    return valid({selection().pair(), -1});
}

void SimilarityPanel::draw(Canvas &canvas)
{
    if (!m_ready) {
        drawMessage(canvas, missing());
        return;
    }
    Layout layout = layoutOf(canvas, m_map.scale());
    m_map.place(layout.map, canvas.devicePixelRatio());
    m_map.draw(canvas);
    const QRectF map = m_map.rect();
    canvas.clip(map);
    drawPositives(canvas);
    if (const auto pair = valid({selection().pair(), -1})) {
        drawStrips(canvas, pair->row, canvas.theme().selection);
        drawStrips(canvas, pair->column, canvas.theme().selection);
    }
    if (const auto selected = valid(selection().cell()))
        drawCell(canvas, *selected, canvas.theme().selection);
    if (const auto hovered = valid(selection().hovered()))
        drawCell(canvas, *hovered, canvas.theme().text);
    canvas.unclip();
    drawTitle(canvas, layout.title);
    drawAxes(canvas);
    layout.bar.moveLeft(map.right() + canvas.theme().spacing);
    layout.bar.setTop(map.top());
    layout.bar.setHeight(map.height());
    drawScaleBar(canvas, layout.bar, m_map.scale());
    if (!layout.infoBeside)
        layout.info.moveTop(map.bottom() + canvas.theme().spacing);
    drawInfo(canvas, layout.info, layout.infoBeside);
}

void SimilarityPanel::drawTitle(Canvas &canvas, const QRectF &area) const
{
    QString text = QStringLiteral("Step %1: %2, %3 × %3 views").arg(batch().snapshot()->step).arg(nameOf(shown())).arg(m_map.rows());
    if (shown() != Shown::cosine)
        text += QStringLiteral(" at τ = %1").arg(numberText(*m_temperature));
    if (const int cells = m_map.cellsPerPixel(); cells > 1)
        text += QStringLiteral("; a pixel shows the extreme of %1 × %1").arg(cells);
    canvas.text(QPointF(area.left(), area.center().y()), elided(canvas, text, area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
}

/// Names the halves of the rows and columns in batch order.
void SimilarityPanel::drawAxes(Canvas &canvas) const
{
    const QRectF map = m_map.rect();
    const qreal y = map.top() - (map.top() > 0 ? 8 : 0) - lineHeight(canvas, kSmall) / 2;
    if (order() == Order::label) {
        canvas.text(QPointF(map.left(), y), elided(canvas, QStringLiteral("by label, both views of a sample together"), map.width(), kSmall),
                    canvas.theme().mutedText, Align::left, kSmall);
        return;
    }
    for (int half = 0; half < 2; ++half) {
        const int pairs = batch().pairs();
        const qreal from = std::max(map.left(), m_map.cellRect({0, half * pairs}).left());
        const qreal to = std::min(map.right(), m_map.cellRect({0, (half + 1) * pairs}).left());
        const QString name = elided(canvas, QStringLiteral("view %1").arg(half + 1), to - from, kSmall);
        if (to > from)
            canvas.text(QPointF((from + to) / 2, y), name, canvas.theme().mutedText, Align::centre, kSmall);
    }
}

/// Positive pairs: framed where cells are large enough, else the ends of their diagonals are bracketed.
void SimilarityPanel::drawPositives(Canvas &canvas) const
{
    const QRectF map = m_map.rect();
    const QSizeF cell = m_map.cellRect({0, 0}).size();
    const QColor colour = m_map.scale().map == ColourMap::diverging ? Qt::black : Qt::white; // against most of the map's colours
    if (cell.width() >= 7) {
        for (int row = 0; row < int(m_rows.size()); ++row) {
            const QRectF rect = m_map.cellRect(placeOf({row, batch().partnerOf(row)}));
            if (rect.intersects(map))
                canvas.rectangle(rect, colour);
        }
        return;
    }
    if (order() == Order::label)
        return;
    constexpr qreal kLength = 12, kAside = 4;
    const int pairs = batch().pairs(), last = pairs - 1;
    const QPointF along(kLength, kLength);
    for (const HeatCell end : {HeatCell{0, pairs}, HeatCell{pairs, 0}, HeatCell{last, pairs + last}, HeatCell{pairs + last, last}}) {
        const QPointF at = m_map.cellRect(end).center();
        const QPointF inward = end.row == 0 || end.column == 0 ? along : -along;
        for (const QPointF aside : {QPointF(kAside, -kAside), QPointF(-kAside, kAside)})
            canvas.line(at + aside, at + aside + inward, colour, 1.5);
    }
}

/// A row and its column, bordered so that their cells stay visible.
void SimilarityPanel::drawStrips(Canvas &canvas, int row, const QColor &colour) const
{
    const QRectF map = m_map.rect();
    const HeatCell place = placeOf({row, row});
    const QRectF cell = m_map.cellRect(place);
    for (const qreal y : {cell.top() - 0.5, cell.bottom() + 0.5})
        canvas.line(QPointF(map.left(), y), QPointF(map.right(), y), colour);
    for (const qreal x : {cell.left() - 0.5, cell.right() + 0.5})
        canvas.line(QPointF(x, map.top()), QPointF(x, map.bottom()), colour);
}

void SimilarityPanel::drawCell(Canvas &canvas, Cell cell, const QColor &colour) const
{
    QRectF rect = m_map.cellRect(placeOf(cell));
    const qreal grow = std::max(2., (7 - rect.width()) / 2);
    rect.adjust(-grow, -grow, grow, grow);
    canvas.rectangle(rect.adjusted(-1, -1, 1, 1), canvas.theme().background, 1);
    canvas.rectangle(rect, colour, 2);
}

QString SimilarityPanel::relation(Cell cell) const
{
    if (cell.row == cell.column)
        return QStringLiteral("The same view: left out of the loss.");
    if (batch().partnerOf(cell.row) == cell.column)
        return QStringLiteral("A positive pair: two views of one sample, pulled together.");
    const int a = batch().label(batch().pairOf(cell.row)), b = batch().label(batch().pairOf(cell.column));
    if (a >= 0 && a == b)
        return QStringLiteral("A negative pair of the same class: pushed apart although alike.");
    return QStringLiteral("A negative pair: views of two samples, pushed apart.");
}

QString SimilarityPanel::valueText(Cell cell) const
{
    const float value = m_map.value(placeOf(cell));
    if (std::isnan(value))
        return nameOf(shown()) + QStringLiteral(": none");
    return nameOf(shown()) + u' ' + (m_map.scale().percent ? percentText(value) : decimalText(value));
}

/// The classes of the batch with the colours of their rows at the map's edges, at the bottom of the area.
void SimilarityPanel::drawLabels(Canvas &canvas, const QRectF &area) const
{
    std::map<int, QString> names;
    for (int pair = 0; pair < batch().pairs(); ++pair)
        if (batch().label(pair) >= 0)
            names.emplace(batch().label(pair), batch().labelName(pair));
    const qreal line = lineHeight(canvas, kSmall);
    const int columns = area.width() > 16 * canvas.theme().fontSize ? 2 : 1, rows = (int(names.size()) + columns - 1) / columns;
    if (names.empty() || names.size() > kLabelColours || area.height() < (rows + 1) * line)
        return;
    QPointF at(area.left(), area.bottom() - (rows - 0.5) * line);
    canvas.text(at - QPointF(0, line), elided(canvas, QStringLiteral("Labels, at the map's edges"), area.width(), kSmall), canvas.theme().mutedText,
                Align::left, kSmall);
    int shown = 0;
    for (const auto &[label, name] : names) {
        const QPointF place = at + QPointF(shown / rows * area.width() / columns, shown % rows * line);
        canvas.fill(QRectF(place.x(), place.y() - 4, 8, 8), labelColour(label));
        canvas.text(place + QPointF(13, 0), elided(canvas, name, area.width() / columns - 16, kSmall), canvas.theme().text, Align::left, kSmall);
        ++shown;
    }
}

void SimilarityPanel::drawInfo(Canvas &canvas, QRectF rest, bool beside) const
{
    const Theme &theme = canvas.theme();
    if (rest.width() < 5 * theme.fontSize || rest.height() < 3 * theme.fontSize)
        return;
    const auto cell = currentCell();
    if (!cell) {
        const qreal used = drawWrapped(canvas, rest, QStringLiteral("Row i, column j: how alike views i and j are to the encoder. Point at a cell to see its two views; "
                                                 "click to select it everywhere. Brackets mark the diagonals of the positive pairs."),
                    theme.mutedText, kSmall);
        if (beside)
            drawLabels(canvas, rest.adjusted(0, used, 0, 0));
        return;
    }
    const qreal side = beside ? std::min((rest.width() - theme.spacing) / 2, rest.height() / 3) : std::min(rest.height(), rest.width() / 5);
    const QRectF first(rest.topLeft(), QSizeF(side, side)), second = first.translated(side + theme.spacing, 0);
    drawSharp(canvas, first, batch().view(cell->row));
    drawSharp(canvas, second, batch().view(cell->column));
    if (beside)
        rest.setTop(first.bottom() + theme.spacing);
    else
        rest.setLeft(second.right() + 2 * theme.spacing);
    const auto write = [&](const QString &text, const QColor &colour, qreal scale) {
        rest.setTop(rest.top() + drawWrapped(canvas, rest, text, colour, scale));
    };
    write(valueText(*cell), theme.text, 1.15);
    write(QStringLiteral("Row: ") + batch().rowName(cell->row), theme.text, kSmall);
    write(QStringLiteral("Column: ") + batch().rowName(cell->column), theme.text, kSmall);
    write(relation(*cell), theme.mutedText, kSmall);
    if (beside)
        drawLabels(canvas, rest);
}

void SimilarityPanel::click(QPointF position)
{
    if (!m_ready)
        return;
    if (const auto at = m_map.cellAt(position))
        selection().selectCell(toCell(at), batch().pairs());
}

void SimilarityPanel::drag(QPointF from, QPointF change)
{
    if (m_map.rect().contains(from))
        m_map.pan(change);
}

void SimilarityPanel::moveBy(int rows, int columns)
{
    const int last = int(m_rows.size()) - 1;
    HeatCell place = placeOf(currentCell().value_or(toCell(HeatCell{})));
    place.row = std::clamp(place.row + rows, 0, last);
    place.column = std::clamp(place.column + columns, 0, last);
    m_map.reveal(place);
    selection().hover(toCell(place));
}

bool SimilarityPanel::key(int key, Qt::KeyboardModifiers modifiers)
{
    if (!m_ready)
        return false;
    const int step = modifiers & Qt::ShiftModifier ? 10 : 1;
    const QPointF middle = m_map.rect().center();
    switch (key) {
    case Qt::Key_Left: moveBy(0, -step); return true;
    case Qt::Key_Right: moveBy(0, step); return true;
    case Qt::Key_Up: moveBy(-step, 0); return true;
    case Qt::Key_Down: moveBy(step, 0); return true;
    case Qt::Key_Plus: m_map.zoom(middle, 1.25); return true;
    case Qt::Key_Minus: m_map.zoom(middle, 0.8); return true;
    case Qt::Key_Home: m_map.resetView(); return true;
    case Qt::Key_Escape: selection().clear(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const auto cell = currentCell())
            selection().selectCell(*cell, batch().pairs());
        return true;
    default: return false;
    }
}

QString SimilarityPanel::description() const
{
    if (!m_ready)
        return missing();
    const auto cell = currentCell();
    if (!cell)
        return QStringLiteral("Heat map of %1 rows and columns. Arrow keys move over its cells.").arg(m_map.rows());
    return QStringLiteral("%1. Row: %2. Column: %3. %4")
        .arg(valueText(*cell), batch().rowName(cell->row), batch().rowName(cell->column), relation(*cell));
}

QString SimilarityPanel::csv() const
{
    if (!m_ready)
        return {};
    const auto name = [this](int row) {
        return QStringLiteral("%1/%2").arg(batch().snapshot()->indices[batch().pairOf(row)]).arg(batch().viewOf(row));
    };
    QString text = QStringLiteral("sample/view");
    for (int row : m_rows)
        text += u',' + name(row);
    text += u'\n';
    for (int row = 0; row < m_map.rows(); ++row) {
        text += name(m_rows[row]);
        for (int column = 0; column < m_map.columns(); ++column) {
            const float value = m_map.value({row, column});
            text += u',' + (std::isnan(value) ? QString() : QString::number(value, 'g', 7));
        }
        text += u'\n';
    }
    return text;
}

Panel *makeSimilarityPanel(const PanelContext &context)
{
    return new SimilarityPanel(context);
}

} // namespace pretext
