#include "widgets/wraplayout.h"

#include <algorithm>

namespace pretext {

WrapLayout::WrapLayout(QWidget *parent) : QLayout(parent)
{
    setContentsMargins(0, 0, 0, 0);
}

WrapLayout::~WrapLayout() = default;

QLayoutItem *WrapLayout::itemAt(int index) const
{
    return index >= 0 && index < count() ? m_items[size_t(index)].get() : nullptr;
}

QLayoutItem *WrapLayout::takeAt(int index)
{
    if (index < 0 || index >= count())
        return nullptr;
    QLayoutItem *item = m_items[size_t(index)].release();
    m_items.erase(m_items.begin() + index);
    return item;
}

void WrapLayout::setGeometry(const QRect &area)
{
    QLayout::setGeometry(area);
    placeRows(area, true);
}

QSize WrapLayout::sizeHint() const
{
    QSize size;
    for (const auto &item : m_items)
        if (!item->isEmpty())
            size = QSize(size.width() + (size.isEmpty() ? 0 : gap()) + item->sizeHint().width(), std::max(size.height(), item->sizeHint().height()));
    const QMargins margins = contentsMargins();
    return size.grownBy(margins);
}

QSize WrapLayout::minimumSize() const
{
    QSize size;
    for (const auto &item : m_items)
        if (!item->isEmpty())
            size = size.expandedTo(item->minimumSize());
    return size.grownBy(contentsMargins());
}

/// The height that all rows take.
int WrapLayout::placeRows(const QRect &area, bool moves) const
{
    const QMargins margins = contentsMargins();
    const QRect inner = area.marginsRemoved(margins);
    int top = inner.top(), width = 0;
    std::vector<QLayoutItem *> row;
    for (const auto &item : m_items) {
        if (item->isEmpty())
            continue;
        const int wish = item->sizeHint().width();
        if (!row.empty() && width + gap() + wish > inner.width()) {
            top += placeRow(row, inner, top, moves) + gap();
            row.clear();
        }
        width = row.empty() ? wish : width + gap() + wish;
        row.push_back(item.get());
    }
    if (!row.empty())
        top += placeRow(row, inner, top, moves);
    return top - inner.top() + margins.top() + margins.bottom();
}

int WrapLayout::placeRow(const std::vector<QLayoutItem *> &row, const QRect &inner, int top, bool moves) const
{
    int height = 0, left = inner.left(), rest = inner.width() - int(row.size() - 1) * gap(), growing = 0;
    for (const QLayoutItem *item : row) {
        height = std::max(height, item->sizeHint().height());
        rest -= item->sizeHint().width();
        growing += item->expandingDirections().testFlag(Qt::Horizontal);
    }
    for (QLayoutItem *item : row) {
        int width = item->sizeHint().width();
        if (item->expandingDirections().testFlag(Qt::Horizontal) && rest > 0)
            width += rest / growing;
        width = std::min(width, inner.width()); // one that is alone and too wide becomes narrower, as far as it can
        const int its = std::min(height, item->sizeHint().height());
        if (moves)
            item->setGeometry(QRect(left, top + (height - its) / 2, width, its));
        left += width + gap();
    }
    return height;
}

} // namespace pretext
