// The attention panel where patches of an image attend to each other: the weights of one of them, chosen by a click, lie in colour over the
// picture. Until one is chosen they are the class token's, or those of the patch in the middle.
#include "widgets/panels/attentionpanel.h"

#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>

namespace pretext {

namespace {

constexpr int kOverlay = 150; // of 255, how much the weight's colour hides of the picture

} // namespace

int AttentionPanel::query() const
{
    return queryOf(*m_view, m_query);
}

QString AttentionPanel::tokenName(int token) const
{
    const int patch = token - m_view->beforePatches();
    if (patch < 0)
        return tr("the class token");
    return tr("the patch in row %1, column %2").arg(patch / m_view->gridColumns + 1).arg(patch % m_view->gridColumns + 1);
}

/// What the query attends to under the pointer; without a pointer, what is shown.
QString AttentionPanel::patchWords() const
{
    const QString where = tr("layer %1 of %2, head %3 of %4").arg(m_layer + 1).arg(m_view->layers).arg(m_head + 1).arg(m_view->heads);
    if (!m_cell)
        return tr("Step %1, %2: %3, what %4 attends to. Click another patch for its own.").arg(m_step).arg(m_name, where, tokenName(query()));
    const int token = m_view->beforePatches() + m_cell->row * m_view->gridColumns + m_cell->column;
    return tr("In %1, %2 attends to %3 with weight %4.").arg(where, tokenName(query()), tokenName(token), decimalText(m_large.value(*m_cell), 4));
}

void AttentionPanel::chooseQuery(int token)
{
    m_query = token;
    if (!m_view)
        return;
    if (m_view->ofPatches())
        for (size_t head = 0; head < m_heads.size(); ++head) {
            HeatMap map = attentionMap(*m_view, head, m_query);
            m_heads[head].takeContent(map);
        }
    showHead();
    repaint();
}

void AttentionPanel::moveQuery(int rows, int columns)
{
    if (query() < m_view->beforePatches()) { // from the class token to the first patch
        chooseQuery(m_view->beforePatches());
        return;
    }
    const int patch = query() - m_view->beforePatches();
    const int row = std::clamp(patch / m_view->gridColumns + rows, 0, m_view->gridRows - 1);
    const int column = std::clamp(patch % m_view->gridColumns + columns, 0, m_view->gridColumns - 1);
    chooseQuery(m_view->beforePatches() + row * m_view->gridColumns + column);
}

void AttentionPanel::drawPicture(Canvas &canvas, const QRectF &area)
{
    const Theme &theme = canvas.theme();
    const qreal bar = scaleBarWidth(canvas, m_large.scale()), line = lineHeight(canvas, kSmall);
    m_large.place(area.adjusted(0, 0, -bar - theme.spacing, -line), canvas.devicePixelRatio());
    const QRectF map = m_large.rect();
    if (map.isEmpty())
        return;
    canvas.clip(map);
    const QRectF first = m_large.cellRect({0, 0}), last = m_large.cellRect({m_view->gridRows - 1, m_view->gridColumns - 1});
    if (!m_picture.image.isNull())
        canvas.image(first.united(last), m_picture);
    for (int row = 0; row < m_view->gridRows; ++row)
        for (int column = 0; column < m_view->gridColumns; ++column) {
            QColor colour(m_large.scale().colour(m_large.value({row, column})));
            colour.setAlpha(m_picture.image.isNull() ? 255 : kOverlay);
            canvas.fill(m_large.cellRect({row, column}), colour);
        }
    if (const int patch = query() - m_view->beforePatches(); patch >= 0)
        canvas.rectangle(m_large.cellRect({patch / m_view->gridColumns, patch % m_view->gridColumns}), theme.selection, 3);
    if (m_cell)
        canvas.rectangle(m_large.cellRect(*m_cell), theme.text, 1);
    canvas.unclip();
    drawScaleBar(canvas, QRectF(map.right() + theme.spacing, map.top(), bar, map.height()), m_large.scale());
    QString below = query() < m_view->beforePatches() ? tr("of the class token; a patch's own: click it") : tr("of the framed patch");
    if (m_view->beforePatches() > 0) {
        const size_t side = size_t(rows());
        const float toClass = m_view->weights[(size_t(headIndex()) * side + size_t(query())) * side];
        below = tr("%1; to the class token: %2").arg(below, decimalText(toClass, 4));
    }
    canvas.text({map.left(), map.bottom() + 0.6 * line}, elided(canvas, below, area.width(), kSmall), theme.mutedText, Align::left, kSmall);
}

} // namespace pretext
