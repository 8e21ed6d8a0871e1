#include "widgets/plots/tokenstrip.h"

#include "widgets/plots/textlayout.h"
#include "widgets/plots/tokenmark.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr QChar kWordStart(0x2581);                              // ▁
constexpr qreal kScrollWidth = 6, kWordSign = 0.4, kWidest = 14; // ems
constexpr qreal kInset = 4, kBetween = 3, kBeforeWord = 5;       // pixels

/// The signs of word starts in front of a piece, and the piece without them.
std::pair<int, QString> cutSigns(const QString &piece)
{
    int signs = 0;
    while (signs < piece.size() && piece[signs] == kWordStart)
        ++signs;
    return {signs, piece.mid(signs)};
}

bool beginsWord(const std::vector<StripCell> &column)
{
    return std::any_of(column.begin(), column.end(), [](const StripCell &cell) { return cell.text.startsWith(kWordStart); });
}

} // namespace

qreal pieceWidth(const Canvas &canvas, const QString &piece, qreal scale)
{
    const auto [signs, text] = cutSigns(piece);
    return signs * kWordSign * canvas.theme().fontSize * scale + canvas.textWidth(text, scale);
}

qreal drawPiece(Canvas &canvas, QPointF middleLeft, const QString &piece, const QColor &colour, qreal scale, qreal widest)
{
    const auto [signs, text] = cutSigns(piece);
    const qreal em = canvas.theme().fontSize * scale, sign = kWordSign * em;
    QColor calm = colour;
    calm.setAlphaF(0.45f);
    for (int i = 0; i < signs; ++i)
        canvas.fill(QRectF(middleLeft.x() + i * sign, middleLeft.y() + 0.36 * em, sign - 0.1 * em, 1), calm);
    const QString shown = widest > 0 ? elided(canvas, text, widest - signs * sign, scale) : text;
    canvas.text(middleLeft + QPointF(signs * sign, 0), shown, colour, Align::left, scale);
    return signs * sign + canvas.textWidth(shown, scale);
}

void TokenStrip::setContent(const QStringList &lanes, std::vector<std::vector<StripCell>> columns)
{
    m_lanes = lanes.isEmpty() ? QStringList{QString()} : lanes;
    m_columns = std::move(columns);
    m_places.clear();
    m_lines = 0;
}

qreal TokenStrip::cellWidth(const Canvas &canvas, const StripCell &cell) const
{
    if (cell.absent)
        return 0;
    const qreal em = canvas.theme().fontSize * m_scale;
    return std::clamp(pieceWidth(canvas, cell.text, m_scale), 0.6 * em, kWidest * em) + 2 * kInset;
}

void TokenStrip::place(const Canvas &canvas, const QRectF &area)
{
    m_area = area;
    m_cellHeight = std::ceil(1.25 * lineHeight(canvas, m_scale));
    m_lineHeight = m_lanes.size() * (m_cellHeight + 1) + 1.5 * canvas.theme().spacing;
    m_gutter = 0;
    for (const QString &lane : m_lanes)
        m_gutter = std::max(m_gutter, lane.isEmpty() ? 0 : canvas.textWidth(lane, kSmall) + 2 * canvas.theme().spacing);
    const qreal right = area.width() - kScrollWidth;
    m_places.clear();
    qreal x = m_gutter;
    int line = 0;
    for (const std::vector<StripCell> &column : m_columns) {
        qreal width = 0.6 * canvas.theme().fontSize;
        for (size_t lane = 0; lane < std::min<size_t>(column.size(), m_lanes.size()); ++lane)
            width = std::max(width, cellWidth(canvas, column[lane]));
        if (x > m_gutter)
            x += beginsWord(column) ? kBeforeWord : kBetween;
        if (x > m_gutter && x + width > right) {
            x = m_gutter;
            ++line;
        }
        m_places.push_back({std::round(x), std::round(width), line});
        x += width;
    }
    m_lines = m_columns.empty() ? 0 : line + 1;
    scroll(0);
}

qreal TokenStrip::contentHeight() const
{
    return m_lines * m_lineHeight;
}

QRectF TokenStrip::box(int column, int lane) const
{
    const Place &place = m_places[column];
    return QRectF(m_area.left() + place.x, std::round(m_area.top() + place.line * m_lineHeight + lane * (m_cellHeight + 1) - m_offset), place.width,
                  m_cellHeight);
}

QRectF TokenStrip::columnRect(int column) const
{
    return box(column).united(box(column, int(m_lanes.size()) - 1));
}

int TokenStrip::columnAt(QPointF position) const
{
    if (!m_area.contains(position))
        return -1;
    for (int i = 0; i < int(m_places.size()); ++i)
        if (columnRect(i).adjusted(-kBetween / 2, 0, kBetween / 2, 0).contains(position))
            return i;
    return -1;
}

int TokenStrip::columnInLine(int column, int lines) const
{
    if (column < 0 || column >= int(m_places.size()))
        return column;
    const int line = m_places[column].line + lines;
    const qreal x = m_places[column].x + m_places[column].width / 2;
    int nearest = column;
    qreal distance = HUGE_VAL;
    for (int i = 0; i < int(m_places.size()); ++i)
        if (const qreal away = std::abs(m_places[i].x + m_places[i].width / 2 - x); m_places[i].line == line && away < distance) {
            nearest = i;
            distance = away;
        }
    return nearest;
}

void TokenStrip::scroll(qreal pixels)
{
    m_offset = std::clamp(m_offset + pixels, 0., std::max(0., contentHeight() - m_area.height()));
}

void TokenStrip::reveal(int column)
{
    if (column < 0 || column >= int(m_places.size()))
        return;
    const qreal top = m_places[column].line * m_lineHeight;
    if (top < m_offset || m_area.height() < m_lineHeight)
        scroll(top - m_offset);
    else if (top + m_lineHeight > m_offset + m_area.height())
        scroll(top + m_lineHeight - m_offset - m_area.height());
}

void TokenStrip::drawCell(Canvas &canvas, const QRectF &box, const StripCell &cell) const
{
    if (cell.absent)
        return;
    const Theme &theme = canvas.theme();
    QColor ink = cell.mark == TokenMark::special || cell.mark == TokenMark::deleted ? theme.mutedText : theme.text;
    if (cell.tint.isValid()) {
        canvas.fill(box, cell.tint);
        ink = inkOn(cell.tint);
    } else {
        drawMarkShade(canvas, box, cell.mark);
        if (cell.mark != TokenMark::special)
            canvas.rectangle(box, theme.grid);
    }
    const qreal widest = box.width() - 2 * kInset + 1, width = std::min(pieceWidth(canvas, cell.text, m_scale), widest);
    drawPiece(canvas, {box.center().x() - width / 2, box.center().y()}, cell.text, ink, m_scale, widest);
    drawMark(canvas, box, cell.mark);
}

void TokenStrip::draw(Canvas &canvas, int hovered, int selected) const
{
    canvas.clip(m_area.adjusted(-2, -2, 2, 2)); // with the selection's frame
    const int lanes = int(m_lanes.size());
    int named = -1; // the last line whose lanes have their names
    for (int i = 0; i < int(m_places.size()); ++i) {
        const QRectF whole = columnRect(i);
        if (whole.bottom() < m_area.top() || whole.top() > m_area.bottom())
            continue;
        for (int lane = 0; lane < lanes; ++lane) {
            const QRectF place = box(i, lane);
            if (named != m_places[i].line && !m_lanes[lane].isEmpty())
                canvas.text({m_area.left(), place.center().y()}, m_lanes[lane], canvas.theme().mutedText, Align::left, kSmall);
            if (lane < int(m_columns[i].size()))
                drawCell(canvas, place, m_columns[i][lane]);
        }
        named = m_places[i].line;
        if (i == selected)
            canvas.rectangle(whole.adjusted(-2, -2, 2, 2), canvas.theme().selection, 2);
        else if (i == hovered)
            canvas.rectangle(whole.adjusted(-1, -1, 1, 1), canvas.theme().text, 1);
    }
    drawScrollBar(canvas);
    canvas.unclip();
}

void TokenStrip::drawScrollBar(Canvas &canvas) const
{
    const qreal content = contentHeight();
    if (content <= m_area.height() || m_area.height() <= 0)
        return;
    const qreal length = std::max(12., m_area.height() * m_area.height() / content);
    const qreal top = m_area.top() + (m_area.height() - length) * m_offset / (content - m_area.height());
    canvas.fill(QRectF(m_area.right() - kScrollWidth + 2, top, kScrollWidth - 2, length), canvas.theme().mutedText);
}

} // namespace pretext
