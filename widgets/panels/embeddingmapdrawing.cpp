// What the embedding map draws: title, legend and points; rings around the sample under the pointer and its neighbours; and, at the side or at the
// foot, what those samples are.
#include "widgets/panels/embeddingmappanel.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>

namespace pretext {

namespace {

struct MapLayout
{
    QRectF map, sample, neighbours;
}; // empty where there is no room

/// Samples stand beside a wide map, side by side where it is low, and below a tall one; and only where the map keeps most of the room.
MapLayout layoutOf(const QRectF &area, const Theme &theme)
{
    const qreal font = theme.fontSize, gap = 2 * theme.spacing;
    if (area.height() < 20 * font && area.width() > 48 * font) {
        const qreal width = std::clamp(0.42 * area.width(), 20 * font, 34 * font), sample = 0.4 * width;
        const QRectF side(area.right() - width, area.top(), width, area.height());
        return {area.adjusted(0, 0, -width - gap, 0), QRectF(side.topLeft(), QSizeF(sample, side.height())), side.adjusted(sample + gap, 0, 0, 0)};
    }
    if (area.width() > 1.15 * area.height() && area.width() > 34 * font) {
        const qreal width = std::clamp(0.27 * area.width(), 11 * font, 17 * font), sample = std::min(0.45 * area.height(), 16 * font);
        const QRectF side(area.right() - width, area.top(), width, area.height());
        return {area.adjusted(0, 0, -width - gap, 0), QRectF(side.topLeft(), QSizeF(width, sample)), side.adjusted(0, sample + gap, 0, 0)};
    }
    if (area.height() > 24 * font && area.width() > 16 * font) {
        const qreal height = std::clamp(0.25 * area.height(), 7 * font, 11 * font), sample = std::min(0.42 * area.width(), 16 * font);
        const QRectF foot(area.left(), area.bottom() - height, area.width(), height);
        return {area.adjusted(0, 0, 0, -height - gap), QRectF(foot.topLeft(), QSizeF(sample, height)), foot.adjusted(sample + gap, 0, 0, 0)};
    }
    return {area, {}, {}};
}

} // namespace

void EmbeddingMapPanel::draw(Canvas &canvas)
{
    if (!m_shown.map) {
        drawMessage(canvas, message());
        return;
    }
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing;
    m_reach = 1.2 * theme.fontSize;
    QRectF rest = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    canvas.clip(rest);
    rest.setTop(rest.top() + drawWrapped(canvas, rest, title(), theme.text) + gap);
    rest.setTop(rest.top() + drawLegend(canvas, rest, m_labels->legend) + gap);
    canvas.unclip();
    rest.setTop(belowHeads(rest.top()));
    const MapLayout layout = layoutOf(rest, theme);
    if (layout.map.height() < 4 * lineHeight(canvas)) {
        drawWrapped(canvas, rest, tr("There is no room here for the map: make the panel taller, or drag its tab out."), theme.mutedText);
        return;
    }
    m_scatter.place(layout.map, canvas);
    m_scatter.draw(canvas);
    drawMoves(canvas);
    drawThumbnails(canvas);
    drawMarks(canvas);
    drawTripod(canvas);
    drawLasso(canvas);
    if (layout.sample.isEmpty())
        return;
    const bool alone = !m_chosen.empty() && current() < 0; // then the list has all the room
    if (!alone)
        drawSample(canvas, layout.sample);
    if (alone || (!m_chosen.empty() && m_pointed < 0) || m_chosen.contains(m_pointed))
        m_chosen.draw(canvas, alone ? layout.sample.united(layout.neighbours) : layout.neighbours, m_samples, [this](int64_t sample) {
            const int64_t row = m_shown.map->rowOf(sample);
            return row < 0 ? labelColour(-1) : m_labels->colour(int(row));
        });
    else if (current() >= 0)
        drawNeighbours(canvas, layout.neighbours);
}

/// Where few points are in sight, each is its picture; those that would cover another stay dots.
void EmbeddingMapPanel::drawThumbnails(Canvas &canvas) const
{
    constexpr size_t kMostThumbnails = 120;
    if (!m_samples.inPictures() || m_scatter.rect().isEmpty())
        return;
    const std::vector<int> seen = m_scatter.seen();
    if (seen.size() > kMostThumbnails)
        return;
    const Theme &theme = canvas.theme();
    const qreal side = sharpSide(3 * theme.fontSize, m_samples.imageSize(), canvas.devicePixelRatio()), frame = 2;
    std::vector<QRectF> taken;
    canvas.clip(m_scatter.rect());
    for (const int row : seen) {
        const QPointF at = *m_scatter.position(row);
        const QRectF place(at.x() - side / 2, at.y() - side / 2, side, side), outer = place.adjusted(-frame, -frame, frame, frame);
        if (std::any_of(taken.begin(), taken.end(), [&](const QRectF &other) { return other.intersects(outer); }))
            continue;
        const HeldOutSample &sample = m_samples.at(m_shown.map->sample(row));
        if (sample.image.image.isNull())
            continue; // on its way
        taken.push_back(outer);
        drawSharp(canvas, place, sample.image);
        canvas.rectangle(outer, m_labels->colour(row), frame);
    }
    canvas.unclip();
}

/// In space: where the axes point.
void EmbeddingMapPanel::drawTripod(Canvas &canvas) const
{
    if (!isSpace() || m_scatter.rect().isEmpty())
        return;
    const Theme &theme = canvas.theme();
    const qreal length = 2.6 * theme.fontSize;
    const QPointF foot = m_scatter.rect().bottomLeft() + QPointF(1.6 * length, -1.6 * length);
    for (int axis = 0; axis < 3; ++axis) {
        const QPointF way = m_orbit.axes()[size_t(axis)], tip = foot + length * QPointF(way.x(), -way.y());
        canvas.line(foot, tip, theme.mutedText, 1.5);
        canvas.text(tip + QPointF(0.5 * length * way.x(), -0.5 * length * way.y()), axisName(axis).brief, theme.mutedText, Align::centre, kSmall);
    }
}

void EmbeddingMapPanel::drawLasso(Canvas &canvas) const
{
    canvas.clip(m_scatter.rect());
    for (int i = 1; i < int(m_lasso.size()); ++i)
        canvas.line(m_lasso[i - 1], m_lasso[i], canvas.theme().selection, 2);
    if (m_lasso.size() > 2)
        canvas.line(m_lasso.back(), m_lasso.front(), canvas.theme().mutedText);
    canvas.unclip();
}

void EmbeddingMapPanel::drawMarks(Canvas &canvas) const
{
    if (m_scatter.rect().isEmpty())
        return;
    const Theme &theme = canvas.theme();
    const qreal ring = m_scatter.radius() + 3;
    const auto placeOf = [&](int64_t sample) { return m_scatter.position(int(m_shown.map->rowOf(sample))); };
    canvas.clip(m_scatter.rect());
    const auto at = current() >= 0 ? placeOf(current()) : std::nullopt;
    for (const Neighbour &neighbour : at ? neighbours() : std::vector<Neighbour>())
        if (const auto there = placeOf(neighbour.sample)) {
            canvas.line(*at, *there, theme.mutedText);
            drawRing(canvas, *there, ring, theme.text, 1.5);
        }
    if (const auto ringed = fixed() >= 0 ? placeOf(fixed()) : std::nullopt)
        drawRing(canvas, *ringed, ring + 4, theme.selection, 3);
    if (at)
        drawRing(canvas, *at, ring + 1, theme.text, 2.5);
    canvas.unclip();
}

void EmbeddingMapPanel::drawSample(Canvas &canvas, QRectF area) const
{
    const Theme &theme = canvas.theme();
    canvas.clip(area);
    if (current() < 0) {
        drawWrapped(
            canvas, area,
            isSpace()
                ? tr("Point at a sample to see what it is and its nearest neighbours; a click keeps it. The wheel zooms, dragging turns, Shift and dragging "
                     "draws around samples.")
                : tr("Point at a sample to see what it is and its nearest neighbours; a click keeps it. The wheel zooms, dragging pans, Shift and dragging "
                     "draws around samples."),
            theme.mutedText, kSmall);
        canvas.unclip();
        return;
    }
    const HeldOutSample &sample = m_samples.at(current());
    const qreal words = 2 * lineHeight(canvas);
    if (m_samples.inPictures() && area.height() > 1.5 * words) {
        const qreal side = std::min(area.width(), area.height() - words);
        const QRectF place = sharpPlace(QRectF(area.topLeft(), QSizeF(side, side)), m_samples.imageSize(), canvas.devicePixelRatio());
        if (!sample.image.image.isNull())
            canvas.image(place, sample.image);
        canvas.rectangle(place.adjusted(-1, -1, 1, 1), theme.grid);
        area.setTop(place.bottom() + theme.spacing / 2);
    }
    area.setTop(area.top() + drawWrapped(canvas, area, m_samples.name(current()), theme.text));
    drawWrapped(canvas, area, m_samples.at(current()).text, theme.mutedText, kSmall);
    canvas.unclip();
}

void EmbeddingMapPanel::drawNeighbours(Canvas &canvas, QRectF area) const
{
    canvas.clip(area);
    area.setTop(area.top() + drawWrapped(canvas, area, neighboursTitle(), canvas.theme().mutedText, kSmall) + canvas.theme().spacing / 2);
    m_samples.inPictures() ? drawNeighbourImages(canvas, area) : drawNeighbourTexts(canvas, area);
    canvas.unclip();
}

void EmbeddingMapPanel::drawNeighbourImages(Canvas &canvas, const QRectF &area) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), gap = theme.spacing;
    const qreal wish = std::min(area.width() / 4 - gap, area.height() / 2 - line - gap); // for two rows of four
    const qreal side = sharpSide(std::clamp(wish, 2.4 * theme.fontSize, 6 * theme.fontSize), m_samples.imageSize(), canvas.devicePixelRatio());
    const qreal width = std::max(side, canvas.textWidth(QStringLiteral("−0.000"), kSmall)) + gap, height = side + line + gap;
    const int columns = std::max(1, int((area.width() + gap) / width));
    int i = 0;
    for (const Neighbour &neighbour : neighbours()) {
        const QRectF place(area.left() + i % columns * width, area.top() + i / columns * height, side, side);
        if (place.bottom() + line > area.bottom())
            break;
        const HeldOutSample &sample = m_samples.at(neighbour.sample);
        if (!sample.image.image.isNull())
            drawSharp(canvas, place, sample.image);
        const int row = int(m_shown.map->rowOf(neighbour.sample));
        canvas.rectangle(place.adjusted(-2, -2, 2, 2), row < 0 ? theme.grid : m_labels->colour(row), 2);
        canvas.text({place.center().x(), place.bottom() + 2 + line / 2}, decimalText(neighbour.cosine), theme.text, Align::centre, kSmall);
        ++i;
    }
}

void EmbeddingMapPanel::drawNeighbourTexts(Canvas &canvas, QRectF area) const
{
    const Theme &theme = canvas.theme();
    const qreal number = canvas.textWidth(QStringLiteral("−0.000 "), kSmall), line = lineHeight(canvas, kSmall);
    for (const Neighbour &neighbour : neighbours()) {
        if (area.height() < line)
            return;
        const HeldOutSample &sample = m_samples.at(neighbour.sample);
        const QString words = sample.label.isEmpty() ? sample.text : sample.label + QStringLiteral(": ") + sample.text;
        canvas.text({area.left(), area.top() + line / 2}, decimalText(neighbour.cosine), theme.text, Align::left, kSmall);
        const QRectF room(area.left() + number, area.top(), area.width() - number, std::min(area.height(), 2 * line));
        area.setTop(area.top() + std::max(line, drawWrapped(canvas, room, words, theme.mutedText, kSmall)));
    }
}

} // namespace pretext
