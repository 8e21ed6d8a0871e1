// How the similarity panel is drawn: the heat map with its axes, frames and scale, and beside it the two views behind a cell.
#include "widgets/panels/similaritypanel.h"

#include "widgets/panels/sentencepairs.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <map>

namespace pretext {

namespace {

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
    if (mode().ofViews)
        drawSelected(canvas);
    if (const auto hovered = valid(mode().ofViews ? selection().hovered() : m_dimensions))
        drawCell(canvas, *hovered, canvas.theme().text);
    canvas.unclip();
    drawTitle(canvas, layout.title);
    drawAxes(canvas, layout.title.bottom() + lineHeight(canvas, kSmall) / 2 - 1);
    layout.bar.moveLeft(map.right() + canvas.theme().spacing);
    layout.bar.setTop(map.top());
    layout.bar.setHeight(map.height());
    drawScaleBar(canvas, layout.bar, m_map.scale());
    if (!layout.infoBeside)
        layout.info.moveTop(map.bottom() + canvas.theme().spacing);
    drawInfo(canvas, layout.info, layout.infoBeside);
}

void SimilarityPanel::drawSelected(Canvas &canvas) const
{
    drawPositives(canvas);
    if (const auto pair = valid({selectedPair(), -1})) {
        drawStrips(canvas, pair->row, canvas.theme().selection);
        drawStrips(canvas, pair->column, canvas.theme().selection);
    }
    if (const auto selected = valid(selectedCell()))
        drawCell(canvas, *selected, canvas.theme().selection);
}

void SimilarityPanel::drawTitle(Canvas &canvas, const QRectF &area) const
{
    const auto step = batch().snapshot()->step;
    QString text = (mode().ofViews ? tr("Step %1: %2, %3 × %3 views") : tr("Step %1: %2, %3 × %3 dimensions")).arg(step).arg(mode().name).arg(m_map.rows());
    if (isDifference())
        text = tr("Step %1: %2, the right run's less the left one's; one cell in a hundred is beyond the scale").arg(step).arg(mode().name);
    else if (const auto temperature = batch().snapshot()->real("temperature"); temperature && mode().tempered)
        text = tr("%1 at τ = %2").arg(text, numberText(*temperature));
    if (const int cells = m_map.cellsPerPixel(); cells > 1)
        text = tr("%1; a pixel shows the extreme of %2 × %2").arg(text).arg(cells);
    canvas.text(QPointF(area.left(), area.center().y()), elided(canvas, text, area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
}

/// Names the halves of the rows and columns in batch order, in a line of its own whether or not the map has bands of labels.
void SimilarityPanel::drawAxes(Canvas &canvas, qreal y) const
{
    const QRectF map = m_map.rect();
    if (!mode().ofViews)
        return;
    if (m_order == Order::label) {
        canvas.text(QPointF(map.left(), y), elided(canvas, tr("by label, the views of a sample together"), map.width(), kSmall), canvas.theme().mutedText,
                    Align::left, kSmall);
        return;
    }
    for (int view = 0; view < batch().views(); ++view) {
        const int pairs = batch().pairs();
        const qreal from = std::max(map.left(), m_map.cellRect({0, view * pairs}).left());
        const qreal to = std::min(map.right(), m_map.cellRect({0, (view + 1) * pairs}).left());
        const QString name = elided(canvas, tr("view %1").arg(view + 1), to - from, kSmall);
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
        for (int row = 0; row < int(m_rows.size()); ++row)
            for (int column = batch().pairOf(row); column < batch().rows(); column += batch().pairs()) {
                const QRectF rect = m_map.cellRect(placeOf({row, column}));
                if (column != row && rect.intersects(map))
                    canvas.rectangle(rect, colour);
            }
        return;
    }
    if (m_order == Order::label)
        return;
    constexpr qreal kLength = 12, kAside = 4;
    const int pairs = batch().pairs(), last = pairs - 1;
    const QPointF along(kLength, kLength);
    const auto bracket = [&](const HeatCell &end, const QPointF &inward) {
        const QPointF at = m_map.cellRect(end).center();
        for (const QPointF aside : {QPointF(kAside, -kAside), QPointF(-kAside, kAside)})
            canvas.line(at + aside, at + aside + inward, colour, 1.5);
    };
    for (int a = 0; a < batch().views(); ++a)
        for (int b = 0; b < batch().views(); ++b)
            if (a != b) {
                bracket({a * pairs, b * pairs}, along);
                bracket({a * pairs + last, b * pairs + last}, -along);
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
    canvas.text(at - QPointF(0, line), elided(canvas, tr("Labels, at the map's edges"), area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
    int shown = 0;
    for (const auto &[label, name] : names) {
        const QPointF place = at + QPointF(shown / rows * area.width() / columns, shown % rows * line);
        canvas.fill(QRectF(place.x(), place.y() - 4, 8, 8), labelColour(label));
        canvas.text(place + QPointF(13, 0), elided(canvas, name, area.width() / columns - 16, kSmall), canvas.theme().text, Align::left, kSmall);
        ++shown;
    }
}

/// The two sentences, and what was done to each.
void SimilarityPanel::drawSentences(Canvas &canvas, QRectF &rest, Cell cell) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    const int lines = std::max(1, int(rest.height() / line / 3));
    const auto write = [&](const QString &text, const QColor &colour, int most) {
        const QRectF room(rest.topLeft(), QSizeF(rest.width(), std::min(rest.height(), most * line)));
        rest.setTop(rest.top() + drawWrapped(canvas, room, text, colour, kSmall));
    };
    for (const int row : {cell.row, cell.column}) {
        write((row == cell.row ? tr("Row: %1") : tr("Column: %1")).arg(batch().rowName(row)), theme.mutedText, 1);
        write(batch().sentence(row), theme.text, lines);
        write(sentenceDeed(batch(), row), theme.mutedText, 2);
        rest.setTop(rest.top() + theme.spacing);
        if (cell.row == cell.column)
            break;
    }
}

void SimilarityPanel::drawInfo(Canvas &canvas, QRectF rest, bool beside) const
{
    const Theme &theme = canvas.theme();
    if (rest.width() < 5 * theme.fontSize || rest.height() < 3 * theme.fontSize)
        return;
    const auto cell = currentCell();
    if (!cell) {
        const QString text = mode().about.isEmpty() ? tr("Row i, column j: how alike views i and j are to the encoder. Point at a cell to see its two views; "
                                                         "click to select it everywhere. Brackets mark the diagonals of the positive pairs.")
                                                    : mode().about;
        const qreal used = drawWrapped(canvas, rest, text, theme.mutedText, kSmall);
        if (beside && mode().ofViews)
            drawLabels(canvas, rest.adjusted(0, used, 0, 0));
        return;
    }
    const auto write = [&](const QString &text, const QColor &colour, qreal scale) {
        rest.setTop(rest.top() + drawWrapped(canvas, rest, text, colour, scale));
    };
    if (!mode().ofViews) {
        write(valueText(*cell), theme.text, 1.15);
        write(tr("Row: %1").arg(placeName(cell->row)), theme.text, kSmall);
        write(tr("Column: %1").arg(placeName(cell->column)), theme.text, kSmall);
        write(relation(*cell), theme.mutedText, kSmall);
        return;
    }
    if (batch().bySentences()) {
        write(valueText(*cell), theme.text, 1.15);
        drawSentences(canvas, rest, *cell);
        write(relation(*cell), theme.mutedText, kSmall);
        write(batch().whyAlike(), theme.accent, kSmall);
        if (beside)
            drawLabels(canvas, rest);
        return;
    }
    const qreal side = beside ? std::min((rest.width() - theme.spacing) / 2, rest.height() / 3) : std::min(rest.height(), rest.width() / 5);
    const QRectF first(rest.topLeft(), QSizeF(side, side)), second = first.translated(side + theme.spacing, 0);
    drawView(canvas, first, batch(), cell->row);
    drawView(canvas, second, batch(), cell->column);
    if (beside)
        rest.setTop(first.bottom() + theme.spacing);
    else
        rest.setLeft(second.right() + 2 * theme.spacing);
    write(valueText(*cell), theme.text, 1.15);
    write(tr("Row: %1").arg(batch().rowName(cell->row)), theme.text, kSmall);
    write(tr("Column: %1").arg(batch().rowName(cell->column)), theme.text, kSmall);
    write(relation(*cell), theme.mutedText, kSmall);
    if (beside)
        drawLabels(canvas, rest);
}

} // namespace pretext
