#include "widgets/panels/imagepairs.h"

#include "widgets/panels/sentencepairs.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"

#include <QObject>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pretext {

namespace {

/// The colour of a view: of its frame and of its crop box on the original.
QColor viewColour(int view)
{
    return labelColour(view); // orange, sky blue
}

const ViewRecord *recordOf(const BatchView &batch, int row)
{
    const auto *records = batch.snapshot()->channel<std::vector<ViewRecord>>("views/records");
    return records && row < int(records->size()) ? &(*records)[row] : nullptr;
}

/// What the view shows, on the original at `place`. Rotation turns the view after its crop was stretched to the view's shape, so the outline
/// of a rotated view is a rotated box where the crop has that shape, and else a slanted one. `aspect`: width over height of the view.
void drawCrop(Canvas &canvas, const QRectF &place, const Placement &view, qreal aspect, const QColor &colour)
{
    const QPointF centre(place.left() + place.width() * (view.crop.x + view.crop.width / 2),
                         place.top() + place.height() * (view.crop.y + view.crop.height / 2));
    const qreal halfWidth = place.width() * view.crop.width / 2 * (view.flipped ? -1 : 1), halfHeight = place.height() * view.crop.height / 2;
    const qreal angle = view.rotation * std::numbers::pi / 180, cosine = std::cos(angle), sine = std::sin(angle);
    QPointF corners[4];
    for (int i = 0; i < 4; ++i) {
        const qreal x = i == 0 || i == 3 ? -1 : 1, y = i < 2 ? -1 : 1;
        corners[i] = centre + QPointF(halfWidth * (x * cosine - y * sine / aspect), halfHeight * (x * sine * aspect + y * cosine));
    }
    for (const auto &[line, width] : {std::pair(QColor(0, 0, 0, 150), 4.), std::pair(colour, 2.)})
        for (int i = 0; i < 4; ++i)
            canvas.line(corners[i], corners[(i + 1) % 4], line, width);
}

constexpr int kWrappedDeeds = 2; // of more views than these each has a line of a tile, so that all are there; the large pair has all words
constexpr int kInOneRow = 3;     // an original and its two views stand side by side, to be compared

int picturesOf(const BatchView &batch)
{
    return batch.views() + (batch.original(0).image.isNull() ? 0 : 1);
}

/// The frames of a clip, one close to the other; returns where each is.
std::vector<QRectF> drawFrames(Canvas &canvas, const QRectF &area, const BatchView &batch, const CanvasImage &clip)
{
    constexpr qreal kBetween = 2;
    std::vector<QRectF> places;
    QRectF room(area.topLeft(), QSizeF(area.width() / batch.frames() - kBetween, area.height()));
    for (int frame = 0; frame < batch.frames(); ++frame) {
        places.push_back(drawSharp(canvas, room, batch.frame(clip, frame)));
        room.setSize(places.front().size()); // as large as the pixels make it
        room.moveTo(places.back().right() + kBetween, places.front().top());
    }
    return places;
}

/// The original, where there is one, with all crop boxes, then the views, as squares from the top left. Returns the width used.
qreal drawPairImages(Canvas &canvas, const QRectF &area, const PictureGrid &grid, const BatchView &batch, int pair)
{
    const qreal gap = canvas.theme().spacing, step = grid.width() + gap;
    const auto square = [&](int place) {
        return QRectF(area.left() + place % grid.columns * step, area.top() + place / grid.columns * (grid.side + gap), grid.width(), grid.side);
    };
    const CanvasImage whole = batch.original(pair);
    std::vector<QRectF> originals;
    if (!whole.image.isNull() && grid.frames > 1)
        originals = drawFrames(canvas, square(0), batch, whole);
    else if (!whole.image.isNull())
        originals = {drawSharp(canvas, square(0), whole)};
    for (int view = 0; view < batch.views(); ++view) {
        const int row = batch.rowOf(pair, view);
        const QSize size = batch.view(row).image.size();
        const qreal aspect = size.isEmpty() ? 1 : qreal(size.width()) / size.height();
        for (const QRectF &original : originals)
            if (const ViewRecord *done = recordOf(batch, row))
                drawCrop(canvas, original, done->placement(), aspect, viewColour(view));
        const QRectF room = square(view + (whole.image.isNull() ? 0 : 1)).adjusted(2, 2, -2, -2);
        QRectF place;
        if (grid.frames > 1)
            for (const QRectF &frame : drawFrames(canvas, room, batch, batch.view(row)))
                place |= frame;
        else
            place = drawView(canvas, room, batch, row);
        canvas.rectangle(place.adjusted(-2, -2, 2, 2), viewColour(view), 2);
    }
    return std::min(grid.columns, picturesOf(batch)) * step - canvas.theme().spacing;
}

} // namespace

QString deedOf(const BatchView &batch, int row)
{
    const ViewRecord *done = recordOf(batch, row);
    const QString words = done ? QString::fromStdString(done->describe()) : sentenceDeed(batch, row);
    const QString view = QObject::tr("View %1").arg(batch.viewOf(row));
    return words.isEmpty() ? view : QObject::tr("%1: %2").arg(view, words);
}

PictureGrid largestGrid(const BatchView &batch, const QSizeF &room, qreal gap)
{
    const int pictures = picturesOf(batch), frames = batch.frames();
    PictureGrid best;
    for (int columns = pictures * frames <= kInOneRow ? pictures : 1; columns <= pictures; ++columns) {
        const int rows = (pictures + columns - 1) / columns;
        const qreal side = std::min((room.width() / columns - gap) / frames, (room.height() + gap) / rows - gap);
        if (side > best.side)
            best = {columns, side, frames};
    }
    return best;
}

void drawLargePair(Canvas &canvas, const QRectF &area, const PictureGrid &grid, const BatchView &batch, int pair, const QString &cosine)
{
    const Theme &theme = canvas.theme();
    QRectF rest = area.adjusted(drawPairImages(canvas, area, grid, batch, pair) + 2 * theme.spacing, 0, 0, 0);
    const auto write = [&](const QString &text, const QColor &colour, qreal scale) {
        rest.setTop(rest.top() + drawWrapped(canvas, rest, text, colour, scale));
    };
    write(batch.sampleName(pair), theme.text, 1.1);
    if (!cosine.isEmpty())
        write(QObject::tr("The views' %1").arg(cosine), theme.text, 1);
    for (int view = 0; view < batch.views(); ++view)
        write(deedOf(batch, batch.rowOf(pair, view)), theme.text, kSmall);
    write(batch.caption(pair), theme.mutedText, kSmall);
    bool altered = false; // else a box would say nothing
    for (int view = 0; view < batch.views(); ++view)
        if (const ViewRecord *done = recordOf(batch, batch.rowOf(pair, view)))
            altered |= !done->deeds.empty();
    write(batch.original(pair).image.isNull() || !altered ? QObject::tr("Step %1.").arg(batch.snapshot()->step)
                                                          : QObject::tr("Step %1. %2")
                                                                .arg(batch.snapshot()->step)
                                                                .arg(batch.views() > 1 ? QObject::tr("The boxes on the original are the views' crops.")
                                                                                       : QObject::tr("The box on the original is the view's crop.")),
          theme.mutedText, kSmall);
}

int pairTileLines(const BatchView &batch, int ofView)
{
    return 1 + batch.views() * (batch.views() > kWrappedDeeds ? 1 : ofView);
}

void drawPairTile(Canvas &canvas, const QRectF &area, const BatchView &batch, int pair, const QString &cosine, qreal image, bool below)
{
    const Theme &theme = canvas.theme();
    QRectF rest = area;
    const qreal width = drawPairImages(canvas, rest, {picturesOf(batch), image, batch.frames()}, batch, pair);
    if (below)
        rest.setTop(rest.top() + image);
    else
        rest.setLeft(rest.left() + width + 1.5 * theme.spacing);
    QStringList texts{cosine.isEmpty() ? batch.sampleName(pair) : cosine + QStringLiteral(" · ") + batch.sampleName(pair)};
    for (int view = 0; view < batch.views(); ++view)
        texts << deedOf(batch, batch.rowOf(pair, view));
    const qreal line = lineHeight(canvas, kSmall);
    const bool oneLine = below || batch.views() > kWrappedDeeds;
    for (qsizetype i = 0; i < texts.size(); ++i) {
        const QRectF room(rest.left(), rest.top(), rest.width(), (oneLine || i == 0 ? 1 : 2) * line);
        rest.setTop(rest.top() + drawWrapped(canvas, room, texts[i], i == 0 ? theme.text : theme.mutedText, kSmall));
    }
}

} // namespace pretext
