#include "widgets/panels/scoreview.h"

#include "widgets/panels/scoredrawing.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <utility>

namespace pretext {

namespace {

constexpr qreal kScoresScrollBar = 4;

/// Two beside each other where there is room; returns the height.
qreal drawScoreTables(Canvas &canvas, const QRectF &area, const std::vector<ScoreTable> &tables)
{
    qreal widest = 0, height = 0, tallest = 0;
    for (const ScoreTable &table : tables)
        widest = std::max(widest, scoresWidth(canvas, table));
    const qreal gap = 3 * canvas.theme().spacing;
    const size_t columns = tables.size() > 1 && 2 * widest + gap <= area.width() ? 2 : 1;
    const QSizeF cell((area.width() - qreal(columns - 1) * gap) / qreal(columns), area.height());
    for (size_t i = 0; i < tables.size(); ++i) {
        const QPointF at(area.left() + qreal(i % columns) * (cell.width() + gap), area.top() + height);
        tallest = std::max(tallest, drawScores(canvas, QRectF(at, cell), tables[i]));
        if (i % columns + 1 < columns && i + 1 < tables.size())
            continue;
        height += std::exchange(tallest, 0);
    }
    return height;
}

} // namespace

void ScoreView::draw(Canvas &canvas, const QRectF &area, const Judged &judged, const QString &progress)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing;
    canvas.clip(area);
    QRectF rest = area.translated(0, -m_offset);
    rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 1e4)), judged.title, theme.text) + gap);
    if (!progress.isEmpty())
        rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 1e4)), progress, theme.mutedText, kSmall) + gap);
    rest.setTop(rest.top() + drawScoreTables(canvas, rest, judged.tables));
    for (const QString &note : judged.notes)
        rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 1e4)), note, theme.mutedText, kSmall));
    canvas.unclip();
    m_height = rest.top() + m_offset - area.top();
    m_shown = area.height();
    if (m_height > m_shown) // there is more to scroll to
        canvas.fill(
            QRectF(canvas.size().width() - kScoresScrollBar, area.top() + m_offset / m_height * m_shown, kScoresScrollBar, m_shown * m_shown / m_height),
            theme.mutedText);
}

void ScoreView::scroll(qreal pixels)
{
    m_offset = std::clamp(m_offset + pixels, 0., std::max(0., m_height - m_shown));
}

bool ScoreView::key(int key)
{
    switch (key) {
    case Qt::Key_Up: scroll(-40); return true;
    case Qt::Key_Down: scroll(40); return true;
    case Qt::Key_PageUp: scroll(-m_shown); return true;
    case Qt::Key_PageDown: scroll(m_shown); return true;
    case Qt::Key_Home: scroll(-m_height); return true;
    case Qt::Key_End: scroll(m_height); return true;
    default: return false;
    }
}

} // namespace pretext
