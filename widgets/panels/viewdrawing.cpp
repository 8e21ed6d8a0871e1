#include "widgets/panels/viewdrawing.h"

#include "widgets/plots/imagegrid.h"

namespace pretext {

QRectF drawView(Canvas &canvas, const QRectF &area, const BatchView &batch, int row)
{
    const Drawing *drawing = batch.drawing(row);
    if (!drawing)
        return drawSharp(canvas, area, batch.view(row));
    drawLines(canvas, area, *drawing);
    return area;
}

void drawLines(Canvas &canvas, const QRectF &area, const Drawing &drawing)
{
    canvas.rectangle(area, canvas.theme().grid);
    canvas.clip(area);
    const auto at = [&area](const Drawing::Point &point) {
        return QPointF(area.left() + qreal(point.x) * area.width(), area.bottom() - qreal(point.y) * area.height());
    };
    const qreal width = area.height() > 12 * canvas.theme().fontSize ? 2 : 1;
    for (const std::vector<Drawing::Point> &line : drawing.lines)
        for (size_t i = 1; i < line.size(); ++i)
            canvas.line(at(line[i - 1]), at(line[i]), canvas.theme().text, width);
    canvas.unclip();
}

qreal viewSide(qreal wish, const BatchView &batch, int row, qreal devicePixelRatio)
{
    return batch.drawing(row) ? wish : sharpSide(wish, batch.view(row).image.size(), devicePixelRatio);
}

} // namespace pretext
