// How the attention panel is drawn: the heads' small maps and the objective's mask at the left, the chosen head's map with its tokens at the
// right, and a line that says what is under the pointer.
#include "widgets/panels/attentionpanel.h"

#include "widgets/panels/tokencells.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"
#include "widgets/plots/tokenstrip.h"
#include "widgets/selection.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr qreal kLongestName = 6.5; // of a token at an axis, in font sizes

} // namespace

void AttentionPanel::draw(Canvas &canvas)
{
    m_places.clear();
    if (!m_view) {
        drawMessage(canvas, waiting());
        return;
    }
    const qreal gap = canvas.theme().spacing, line = lineHeight(canvas, kSmall);
    QRectF rest = QRectF(QPointF(), canvas.size()).adjusted(gap, gap / 2, -gap, -gap);
    drawTitle(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), line)));
    rest.setTop(rest.top() + line + gap / 2);
    if (selection().sentence().isEmpty() || m_view->ofPatches())
        drawAbsence(canvas, rest);
    if (m_view->ofPatches()) {
        const qreal wide = canvas.textWidth(QStringLiteral("layer 88 "), kSmall) + (rest.height() - line) * m_view->heads / m_view->layers;
        const QRectF left(rest.topLeft(), QSizeF(std::round(std::min(wide, 0.5 * rest.width())), rest.height()));
        drawHeads(canvas, left);
        drawPicture(canvas, rest.adjusted(left.width() + 2 * gap, 0, 0, 0));
        return;
    }
    const bool both = rest.width() > 26 * canvas.theme().fontSize && rest.height() > 8 * line;
    const qreal beside = rest.width() - 1.15 * rest.height(); // what a large map of full height leaves
    const bool masked = m_mask.side() > 0;                    // where all see all there is nothing to see
    if (both && beside > 1.2 * rest.height()) {
        const qreal mask = masked ? std::min(rest.height() - line, 0.36 * beside) : 0;
        drawHeads(canvas, QRectF(rest.topLeft(), QSizeF(beside - mask - (masked ? 3 : 2) * gap, rest.height())));
        drawMask(canvas, QRectF(rest.left() + beside - mask - 2 * gap, rest.top(), mask, mask + line));
        rest.setLeft(rest.left() + beside);
    } else if (both) {
        QRectF left(rest.topLeft(), QSizeF(std::round(0.3 * rest.width()), rest.height()));
        const qreal mask = masked ? std::min(left.width(), 0.42 * left.height()) : 0;
        drawHeads(canvas, left.adjusted(0, 0, 0, masked ? -mask - gap : 0));
        drawMask(canvas, QRectF(left.left(), left.bottom() - mask, left.width(), mask));
        rest.setLeft(left.right() + 2 * gap);
    } else {
        m_mask.draw(canvas, {});
    }
    drawLarge(canvas, rest);
}

void AttentionPanel::drawTitle(Canvas &canvas, const QRectF &area) const
{
    const QString said = m_cell || m_view->ofPatches() ? words(m_cell.value_or(HeatCell{}))
                                                       : tr("Step %1, %2: layer %3 of %4, head %5 of %6. %7")
                                                             .arg(m_step)
                                                             .arg(m_name)
                                                             .arg(m_layer + 1)
                                                             .arg(m_view->layers)
                                                             .arg(m_head + 1)
                                                             .arg(m_view->heads)
                                                             .arg(attends());
    canvas.text({area.left(), area.center().y()}, elided(canvas, said, area.width(), kSmall), m_cell ? canvas.theme().text : canvas.theme().mutedText,
                Align::left, kSmall);
}

/// A row a layer, a column a head; each map from 0 to its own largest weight.
void AttentionPanel::drawHeads(Canvas &canvas, const QRectF &area)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), gap = 3;
    const qreal names = canvas.textWidth(tr("layer 88 "), kSmall);
    const QRectF maps = area.adjusted(names, line, 0, 0);
    const qreal edge = std::floor(std::min(maps.width() / m_view->heads, maps.height() / m_view->layers)) - gap;
    if (edge < 4)
        return;
    const bool wide = edge > canvas.textWidth(QStringLiteral("88"), kSmall), tall = edge + gap > 0.8 * line;
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, wide ? tr("head") : tr("heads"), names, kSmall), theme.mutedText, Align::left, kSmall);
    m_places.resize(m_heads.size());
    for (int layer = 0; layer < m_view->layers; ++layer) {
        const qreal y = maps.top() + layer * (edge + gap);
        if (tall)
            canvas.text({area.left(), y + edge / 2}, tr("layer %1").arg(layer + 1), theme.mutedText, Align::left, kSmall);
        for (int head = 0; head < m_view->heads; ++head) {
            const int index = layer * m_view->heads + head;
            const QRectF place(maps.left() + head * (edge + gap), y, edge, edge);
            if (layer == 0 && wide)
                canvas.text({place.center().x(), area.top() + line / 2}, QString::number(head + 1), theme.mutedText, Align::centre, kSmall);
            m_heads[index].place(place, canvas.devicePixelRatio());
            m_heads[index].draw(canvas);
            m_places[index] = place;
        }
    }
    canvas.rectangle(m_places[headIndex()].adjusted(-2, -2, 2, 2), theme.selection, 2);
}

void AttentionPanel::drawMask(Canvas &canvas, const QRectF &area)
{
    const qreal line = lineHeight(canvas, kSmall);
    if (m_mask.side() > 0)
        canvas.text({area.left(), area.top() + line / 2}, elided(canvas, tr("mask: filled, may see"), area.width(), kSmall), canvas.theme().mutedText,
                    Align::left, kSmall);
    m_mask.draw(canvas, area.adjusted(0, line, 0, 0), m_cell ? m_cell->row : -1);
}

void AttentionPanel::drawLarge(Canvas &canvas, const QRectF &area)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), bar = scaleBarWidth(canvas, m_large.scale());
    qreal names = 0;
    for (const std::vector<std::string> *axis : {&m_view->pieces, &m_view->keys()})
        for (const std::string &piece : *axis)
            names = std::max(names, pieceWidth(canvas, QString::fromStdString(piece), kSmall));
    names = std::min({names, kLongestName * theme.fontSize, 0.3 * area.height(), 0.3 * area.width()}) + 4;
    m_large.place(area.adjusted(names, names, -bar - theme.spacing, 0), canvas.devicePixelRatio());
    const QRectF map = m_large.rect();
    if (map.isEmpty())
        return;
    m_large.draw(canvas);
    canvas.rectangle(map.adjusted(-1, -1, 1, 1), theme.grid);
    drawTokens(canvas, names);
    if (m_cell) {
        canvas.clip(map);
        const QRectF cell = m_large.cellRect(*m_cell);
        canvas.rectangle(QRectF(map.left(), cell.top(), map.width(), cell.height()), theme.mutedText, 1);
        canvas.rectangle(QRectF(cell.left(), map.top(), cell.width(), map.height()), theme.mutedText, 1);
        canvas.rectangle(cell.adjusted(-1, -1, 1, 1), theme.selection, 2);
        canvas.unclip();
    }
    drawScaleBar(canvas, QRectF(map.right() + theme.spacing, map.top(), bar, map.height()), m_large.scale());
    if (area.bottom() - map.bottom() > line)
        canvas.text({map.left(), map.bottom() + line / 2},
                    elided(canvas,
                           (m_mask.side() > 0 ? tr("brightest: %1 and more; hatched: hidden by the objective") : tr("brightest: %1 and more"))
                               .arg(numberText(m_large.scale().high)),
                           map.width(), kSmall),
                    theme.mutedText, Align::left, kSmall);
}

/// As many as there is room for, and always the pointer's.
void AttentionPanel::drawTokens(Canvas &canvas, qreal names) const
{
    const Theme &theme = canvas.theme();
    const QRectF map = m_large.rect();
    const qreal cell = m_large.cellRect({0, 0}).height(), line = 0.9 * lineHeight(canvas, kSmall);
    const int every = std::max(1, int(std::ceil(line / cell)));
    const auto shows = [&](int position, int current, qreal middle, qreal from, qreal to) {
        const bool near = current >= 0 && position != current && std::abs(position - current) * cell < line; // would lie over the pointer's
        return middle >= from && middle <= to && !near && (position % every == 0 || position == current);
    };
    for (int row = 0; row < rows(); ++row) {
        const qreal y = m_large.cellRect({row, 0}).center().y();
        const QString piece = QString::fromStdString(m_view->pieces[row]);
        const qreal width = std::min(pieceWidth(canvas, piece, kSmall), names - 4);
        if (shows(row, m_cell ? m_cell->row : -1, y, map.top(), map.bottom()))
            drawPiece(canvas, {map.left() - 4 - width, y}, piece, m_cell && m_cell->row == row ? theme.text : theme.mutedText, kSmall, width + 1);
    }
    for (int column = 0; column < columns(); ++column) {
        const qreal x = m_large.cellRect({0, column}).center().x();
        if (shows(column, m_cell ? m_cell->column : -1, x, map.left(), map.right()))
            canvas.textUp({x, map.top() - 3}, elided(canvas, bareWord(m_view->keys()[column]), names - 4, kSmall),
                          m_cell && m_cell->column == column ? theme.text : theme.mutedText, kSmall);
    }
}

} // namespace pretext
