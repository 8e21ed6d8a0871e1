// How the token predictions panel is drawn: the strip and its legend, the candidates of one token, and the accuracies in bins.
#include "widgets/panels/tokenpredictionspanel.h"

#include "widgets/panels/tokencells.h"
#include "widgets/plots/barplot.h"
#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr int kContinuationLines = 4;

std::vector<Bar> barsOf(const AccuracyBins &bins)
{
    std::vector<Bar> bars;
    for (size_t i = 0; i < std::min({bins.names.size(), bins.accuracy.size(), bins.count.size()}); ++i)
        bars.push_back({QString::fromStdString(bins.names[i]), bins.count[i] >= 0.5f ? bins.accuracy[i] : std::nan("")});
    return bars;
}

} // namespace

void TokenPredictionsPanel::draw(Canvas &canvas)
{
    if (!ready()) {
        drawMessage(canvas, missing());
        return;
    }
    Layout layout = layoutOf(canvas);
    placeStrip(canvas, layout);
    drawTitle(canvas, layout.title);
    m_strip.draw(canvas, m_hovered, m_column);
    drawLegend(canvas, layout.legend);
    drawCandidates(canvas, layout.candidates);
    drawPlots(canvas, layout);
}

/// Beside the strip where the panel is wide, else below it: the candidates, and the plots as far as there is room.
TokenPredictionsPanel::Layout TokenPredictionsPanel::layoutOf(const Canvas &canvas) const
{
    const qreal gap = canvas.theme().spacing, line = lineHeight(canvas, kSmall), em = canvas.theme().fontSize;
    QRectF rest = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    Layout layout;
    layout.title = QRectF(rest.topLeft(), QSizeF(rest.width(), line));
    rest.setTop(layout.title.bottom() + gap / 2);
    const qreal needed = 10 * line; // of the candidates
    QRectF plots;
    if (rest.width() > 1.6 * rest.height() && rest.width() > 40 * em) {
        const qreal width = std::min(0.45 * rest.width(), 40 * em);
        QRectF side(rest.right() - width, rest.top(), width, rest.height());
        rest.setRight(side.left() - 2 * gap);
        layout.candidates = QRectF(side.topLeft(), QSizeF(width, std::min(needed, side.height())));
        plots = side.adjusted(0, layout.candidates.height() + gap, 0, 0);
        plots.setHeight(std::min(plots.height(), 16 * line));
    } else if (rest.height() > 10 * line) {
        const qreal height = std::clamp(0.45 * rest.height(), std::min(needed, 0.5 * rest.height()), 16 * line);
        QRectF below(rest.left(), rest.bottom() - height, rest.width(), height);
        rest.setBottom(below.top() - gap);
        const bool room = below.width() > 44 * em;
        layout.candidates = room ? below.adjusted(0, 0, -0.55 * below.width(), 0) : below;
        if (room)
            plots = below.adjusted(layout.candidates.width() + 2 * gap, 0, 0, 0);
    }
    if (plots.height() > 6 * line) {
        layout.positions = layout.frequencies = plots;
        layout.positions.setRight(plots.center().x() - gap);
        layout.frequencies.setLeft(plots.center().x() + gap);
    }
    layout.strip = rest;
    return layout;
}

qreal TokenPredictionsPanel::legendHeight(Canvas &canvas, const QRectF &area, int lanes) const
{
    const qreal line = lineHeight(canvas, kSmall);
    qreal height = drawMarkLegend(canvas, area, marksIn(m_scene.columns, lanes), true) + (m_scene.known() > 0 ? line : 0) + (m_scene.unknown > 0 ? line : 0);
    if (!m_scene.continuation.isEmpty())
        height += line * wrapped(canvas, m_scene.continuation, area.width(), kContinuationLines, kSmall).size() + line;
    return std::min(height, 0.5 * area.height());
}

/// As large as all lanes fit without scrolling; else as many lanes as fit, the first at any rate, and all where they are to be compared. The
/// legend comes right below them.
void TokenPredictionsPanel::placeStrip(Canvas &canvas, Layout &layout)
{
    const QRectF area = layout.strip;
    const qreal gap = canvas.theme().spacing;
    const bool nothingBelow = m_scene.kind == TokenScene::Kind::inPlace && m_scene.predictions.empty();
    const int lanes = nothingBelow ? 1 : int(m_scene.lanes.size());
    const bool compares = m_scene.kind == TokenScene::Kind::rebuilt || m_scene.kind == TokenScene::Kind::none;
    const auto fits = [&](int shown, qreal scale) {
        m_strip.setContent(shown == 1 ? QStringList() : m_scene.lanes.mid(0, shown), m_scene.columns);
        m_strip.setScale(scale);
        m_strip.place(canvas, area.adjusted(0, 0, 0, -legendHeight(canvas, area, shown) - gap));
        return m_strip.contentHeight() <= m_strip.area().height();
    };
    bool placed = fits(lanes, 1.5) || fits(lanes, 1.25) || fits(lanes, 1);
    for (int shown = lanes - 1; shown >= 1 && !placed && !compares; --shown)
        placed = fits(shown, 1);
    const qreal bottom = std::min(m_strip.area().bottom(), m_strip.area().top() + m_strip.contentHeight());
    layout.legend = QRectF(area.left(), bottom + gap, area.width(), legendHeight(canvas, area, m_strip.lanes()));
}

void TokenPredictionsPanel::drawTitle(Canvas &canvas, const QRectF &area) const
{
    canvas.text({area.left(), area.center().y()}, elided(canvas, title(), area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
}

void TokenPredictionsPanel::drawLegend(Canvas &canvas, const QRectF &area) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    if (area.height() < line)
        return;
    canvas.clip(area);
    QRectF rest = area;
    const auto below = [&](qreal height) { rest.setTop(rest.top() + height); };
    if (!m_scene.continuation.isEmpty()) {
        const QString name = m_scene.kind == TokenScene::Kind::rebuilt ? tr("Rebuilt, as text") : tr("Continuation, as text");
        canvas.text({rest.left(), rest.top() + line / 2}, name, theme.mutedText, Align::left, kSmall);
        below(line);
        below(drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), std::min(rest.height(), kContinuationLines * line))), m_scene.continuation,
                          theme.text, kSmall));
    }
    below(drawMarkLegend(canvas, rest, marksIn(m_scene.columns, m_strip.lanes())));
    if (m_scene.known() > 0) {
        drawTintLegend(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), line)), lossScale(), tr("loss of a token, nats"));
        below(line);
    }
    if (m_scene.unknown > 0)
        canvas.text({rest.left(), rest.top() + line / 2},
                    elided(canvas, tr("Not in the vocabulary, so read as [UNK]: %1").arg(m_scene.unknown), rest.width(), kSmall), theme.mutedText, Align::left,
                    kSmall);
    canvas.unclip();
}

/// The best candidates with their probabilities, and the truth, marked among them or below.
void TokenPredictionsPanel::drawCandidates(Canvas &canvas, QRectF area) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall), row = 1.2 * line, em = theme.fontSize;
    if (area.height() < 2 * line || area.width() < 8 * em)
        return;
    const int column = current();
    canvas.clip(area);
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, placeText(column), area.width(), kSmall), theme.text, Align::left, kSmall);
    area.setTop(area.top() + 1.2 * line);
    const TokenPrediction *prediction = m_scene.predictionAt(column);
    if (!prediction) {
        drawWrapped(canvas, area, hint(column), theme.mutedText, kSmall);
        canvas.unclip();
        return;
    }
    qreal number = canvas.textWidth(percentText(prediction->probability), kSmall);
    for (const Candidate &candidate : prediction->candidates)
        number = std::max(number, canvas.textWidth(percentText(candidate.probability), kSmall));
    number += theme.spacing;
    const qreal name = std::min(9 * em, 0.35 * area.width());
    const auto drawRow = [&](const std::string &piece, double probability, bool truth) {
        const qreal y = area.top() + row / 2;
        drawPiece(canvas, {area.left(), y}, QString::fromStdString(piece), theme.text, 1, name - theme.spacing);
        const QRectF track(area.left() + name, y - 0.3 * line, area.width() - name - number, 0.6 * line);
        drawShare(canvas, track, probability, truth ? theme.accent : theme.mutedText);
        canvas.text({area.right(), y}, percentText(probability), truth ? theme.text : theme.mutedText, Align::right, kSmall);
        area.setTop(area.top() + row);
    };
    bool listed = prediction->truth.empty();
    for (const Candidate &candidate : prediction->candidates) {
        if (area.height() < row)
            break;
        const bool truth = !prediction->truth.empty() && candidate.piece == prediction->truth;
        drawRow(candidate.piece, candidate.probability, truth);
        listed |= truth;
    }
    if (!listed && area.height() >= row)
        drawRow(prediction->truth, prediction->probability, true);
    if (area.height() >= line)
        canvas.text({area.left(), area.top() + line / 2}, elided(canvas, truthText(*prediction), area.width(), kSmall), theme.mutedText, Align::left, kSmall);
    canvas.unclip();
}

void TokenPredictionsPanel::drawPlots(Canvas &canvas, const Layout &layout) const
{
    const QString title = tr("%1, latest steps").arg(accuracyName());
    drawBars(canvas, layout.positions, barsOf(m_byPosition), title, tr("position in the row"));
    drawBars(canvas, layout.frequencies, barsOf(m_byFrequency), title, tr("how often the token occurs"));
}

} // namespace pretext
