#include "widgets/plots/legend.h"

#include "widgets/plots/textlayout.h"

namespace pretext {

qreal drawLegend(Canvas &canvas, const QRectF &area, const std::vector<LegendEntry> &entries)
{
    const qreal line = lineHeight(canvas, kSmall);
    qreal x = area.left(), y = area.top() + line / 2;
    for (const LegendEntry &entry : entries) {
        const QString shown = elided(canvas, entry.name, area.width() - 16, kSmall);
        const qreal width = 16 + canvas.textWidth(shown, kSmall);
        if (x > area.left() && x + width > area.right()) {
            x = area.left();
            y += line;
        }
        canvas.fill(QRectF(x, y - (entry.outline ? 1 : 5), 11, entry.outline ? 2 : 10), entry.colour);
        canvas.text({x + 15, y}, shown, canvas.theme().text, Align::left, kSmall);
        x += width + 14;
    }
    return y + line / 2 - area.top();
}

} // namespace pretext
