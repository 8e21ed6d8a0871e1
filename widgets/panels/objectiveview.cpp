#include "widgets/panels/objectiveview.h"

#include "core/ssl/method.h"
#include "widgets/panels/tokencells.h"
#include "widgets/plots/lineplot.h"
#include "widgets/plots/textlayout.h"
#include "widgets/said.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

const char *wordOf(TokenAction action)
{
    switch (action) {
    case TokenAction::masked: return "masked";
    case TokenAction::replaced: return "replaced";
    case TokenAction::unchanged: return "unchanged";
    case TokenAction::inserted: return "inserted";
    case TokenAction::moved: return "moved";
    case TokenAction::kept: break;
    }
    return "kept";
}

StripCell targetCell(const std::vector<std::string> &targets, size_t position)
{
    const bool counts = position < targets.size() && !targets[position].empty();
    return counts ? StripCell{.text = QString::fromStdString(targets[position])} : StripCell{.text = {}, .absent = true};
}

/// The likeliest token, whether it is the right one, and how likely it is.
StripCell guessCell(const TokenPrediction *prediction)
{
    if (!prediction || prediction->candidates.empty())
        return {.text = {}, .absent = true};
    const Candidate &best = prediction->candidates.front();
    return {.text = shownPiece(best.piece),
            .mark = prediction->rank == 0 ? TokenMark::none : TokenMark::differs,
            .tint = QColor::fromRgb(guessScale().colour(double(best.probability)))};
}

int seenFrom(const std::vector<uint8_t> &visible, size_t side, size_t position)
{
    return side * side == visible.size() && position < side
               ? int(std::count(visible.begin() + position * side, visible.begin() + (position + 1) * side, uint8_t(1)))
               : 0;
}

int targetsOf(const TokenRowView &row)
{
    return int(std::count_if(row.targets.begin(), row.targets.end(), [](const std::string &target) { return !target.empty(); }));
}

} // namespace

ObjectiveView::ObjectiveView(const Objective &objective) : m_objective(objective)
{
    m_given.setScale(kSmall);
    m_decoder.setScale(kSmall);
    m_mask.setMask(int(m_objective.row.given.size()), m_objective.visible);
    m_decoderMask.setMask(int(m_objective.row.decoder.size()), m_objective.decoderVisible);
    setContent();
}

/// What is given over what has to be predicted there, and over what the model takes it to be.
void ObjectiveView::setContent()
{
    const TokenRowView &row = m_objective.row;
    QStringList lanes{hasDecoder() ? QObject::tr("decoder") : QObject::tr("given"), QObject::tr("predicts")};
    if (learns())
        lanes << QObject::tr("guesses");
    std::vector<std::vector<StripCell>> columns;
    for (size_t t = 0; t < (hasDecoder() ? row.decoder.size() : row.given.size()); ++t) {
        columns.push_back({hasDecoder() ? cellOf(row.decoder[t]) : cellOf(row.given[t]), targetCell(row.targets, t)});
        if (learns())
            columns.back().push_back(guessCell(predictionAt(int(t))));
    }
    (hasDecoder() ? m_decoder : m_given).setContent(lanes, std::move(columns));
    if (hasDecoder())
        m_given.setContent({QObject::tr("encoder")}, givenCells(row));
}

void ObjectiveView::learn(const std::vector<ObjectiveProgress> &all, bool asked)
{
    m_courses = all;
    m_predictions.clear();
    for (ObjectiveProgress &one : m_courses) {
        if (asked && one.name == m_objective.name)
            m_predictions = std::move(one.predictions);
        one.predictions.clear();
    }
    setContent();
}

const TokenPrediction *ObjectiveView::predictionAt(int position) const
{
    const auto found = std::ranges::find(m_predictions, position, &TokenPrediction::position);
    return found == m_predictions.end() ? nullptr : &*found;
}

QString ObjectiveView::title() const
{
    return translated(methodType(m_objective.name).title) + QStringLiteral(" (%1)").arg(QString::fromStdString(m_objective.name));
}

QString ObjectiveView::summary() const
{
    const TokenRowView &row = m_objective.row;
    const int counted = targetsOf(row), given = int(row.given.size());
    if (hasDecoder()) {
        const bool all = row.targets.size() + 1 == row.original.size() && std::equal(row.targets.begin(), row.targets.end(), row.original.begin() + 1);
        return QObject::tr("%1. The decoder %2, %3 tokens, each from those before it and all of the encoder's %4.")
            .arg(deedOf(row), all ? QObject::tr("rebuilds the original") : QObject::tr("writes what the encoder was not shown"))
            .arg(counted)
            .arg(given);
    }
    if (row.prefix > 0)
        return QObject::tr("A prefix of %1 tokens sees all of itself; %2 of %3 positions predict the token that follows.")
            .arg(row.prefix)
            .arg(counted)
            .arg(given);
    if (m_objective.visible.size() > 1 && !m_objective.visible[1])
        return QObject::tr("Every position predicts the token that follows from those up to it: %1 of %2 count.").arg(counted).arg(given);
    return QObject::tr("%1 of %2 positions are predicted, from both sides.").arg(counted).arg(given);
}

std::vector<LossCourse::Point> ObjectiveView::course() const
{
    const auto own = std::ranges::find(m_courses, m_objective.name, &ObjectiveProgress::name);
    return own == m_courses.end() ? std::vector<LossCourse::Point>() : own->losses.points();
}

QString ObjectiveView::learned() const
{
    const auto own = std::ranges::find(m_courses, m_objective.name, &ObjectiveProgress::name);
    return own == m_courses.end() ? QString() : QObject::tr("loss %1 after %2 steps").arg(decimalText(own->losses.latest(), 2)).arg(own->losses.steps());
}

void ObjectiveView::drawMask(Canvas &canvas, MaskPlot &mask, QRectF area, const QString &name, int row) const
{
    const qreal line = lineHeight(canvas, kSmall);
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, name, area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
    area.setTop(area.top() + line);
    mask.draw(canvas, area, row);
}

void ObjectiveView::draw(Canvas &canvas, const QRectF &area, int hovered, bool current)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, line = lineHeight(canvas), small = lineHeight(canvas, kSmall);
    m_area = area;
    QRectF rest = area.adjusted(gap, gap / 2, -gap, -gap);
    canvas.clip(area);
    canvas.rectangle(area, current ? theme.accent : theme.grid);
    canvas.text({rest.left(), rest.top() + line / 2}, elided(canvas, title(), rest.width()), theme.text);
    rest.setTop(rest.top() + line);
    rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 2 * small)), summary(), theme.mutedText, kSmall) + gap / 2);

    const qreal masks = drawMasks(canvas, rest, hovered);
    drawStrips(canvas, rest.adjusted(0, 0, -masks - gap, 0), hovered);
    canvas.unclip();
}

/// At the right, with the course of the losses below where there is one. Returns their width.
qreal ObjectiveView::drawMasks(Canvas &canvas, QRectF area, int hovered)
{
    const qreal gap = canvas.theme().spacing, small = lineHeight(canvas, kSmall);
    const qreal widest = (hasDecoder() ? 0.2 : 0.34) * area.width(), tallest = area.height() - small;
    const qreal beside = std::max(2 * small, std::min(0.36 * tallest, tallest - gap - 6.5 * small)); // what leaves a course its axes
    const qreal edge = std::floor(std::clamp(learns() ? beside : tallest, 0., widest));
    const qreal width = learns() ? std::floor(0.4 * area.width()) : hasDecoder() ? 2 * edge + gap : edge;
    QRectF place(area.right() - width, area.top(), hasDecoder() ? (width - gap) / 2 : width, edge + small);
    if (hasDecoder()) {
        drawMask(canvas, m_mask, place, QObject::tr("encoder sees"), -1);
        place.translate(place.width() + gap, 0);
    }
    drawMask(canvas, hasDecoder() ? m_decoderMask : m_mask, place, hasDecoder() ? QObject::tr("decoder sees") : QObject::tr("may see"), hovered);
    if (learns())
        drawCourse(canvas, QRectF(QPointF(area.right() - width, place.bottom() + gap), area.bottomRight()));
    return width;
}

/// The losses of all models, so that all blocks have one scale; its own one stands out.
void ObjectiveView::drawCourse(Canvas &canvas, const QRectF &area) const
{
    const Theme &theme = canvas.theme();
    std::vector<LineSeries> series;
    QColor others = theme.mutedText;
    others.setAlphaF(0.45f);
    for (const ObjectiveProgress &one : m_courses) {
        const bool own = one.name == m_objective.name;
        LineSeries line{.name = {}, .colour = own ? theme.accent : others, .points = {}, .width = own ? 2. : 1.};
        for (const LossCourse::Point &point : one.losses.points())
            line.points.emplace_back(point.step, point.loss);
        series.insert(own ? series.end() : series.begin(), std::move(line));
    }
    drawLines(canvas, area, learned(), {.title = {}, .fromZero = true, .least = 20}, {.title = {}, .fromZero = true, .least = 1}, series);
}

void ObjectiveView::drawStrips(Canvas &canvas, const QRectF &area, int hovered)
{
    if (!hasDecoder()) {
        m_given.place(canvas, area);
        m_given.draw(canvas, hovered);
        return;
    }
    const QRectF upper(area.topLeft(), QSizeF(area.width(), std::floor(0.4 * area.height())));
    m_given.place(canvas, upper);
    const qreal used = std::min(upper.height(), m_given.contentHeight());
    m_given.place(canvas, QRectF(upper.topLeft(), QSizeF(upper.width(), used)));
    m_given.draw(canvas);
    m_decoder.place(canvas, area.adjusted(0, used + canvas.theme().spacing, 0, 0));
    m_decoder.draw(canvas, hovered);
}

int ObjectiveView::positionAt(QPointF at) const
{
    const MaskPlot &mask = hasDecoder() ? m_decoderMask : m_mask;
    if (const int row = mask.rowAt(at); row >= 0)
        return row;
    return m_area.contains(at) ? reader().columnAt(at) : -1;
}

bool ObjectiveView::scroll(QPointF at, qreal pixels)
{
    for (TokenStrip *strip : {&m_given, &m_decoder})
        if (strip->columns() > 0 && strip->area().contains(at) && strip->contentHeight() > strip->area().height()) {
            strip->scroll(pixels);
            return true;
        }
    return false;
}

QString ObjectiveView::words(int position) const
{
    const TokenRowView &row = m_objective.row;
    if (position < 0 || position >= positions())
        return {};
    const std::string &piece = hasDecoder() ? row.decoder[position] : row.given[position].piece;
    const QString target = position < int(row.targets.size()) ? bareWord(row.targets[position]) : QString();
    const auto &visible = hasDecoder() ? m_objective.decoderVisible : m_objective.visible;
    QString text = QObject::tr("Position %1, “%2”: %3; it sees %4 of %5 %6.")
                       .arg(position)
                       .arg(bareWord(piece), target.isEmpty() ? QObject::tr("nothing is predicted here") : QObject::tr("predicts “%1”").arg(target))
                       .arg(seenFrom(visible, positions(), position))
                       .arg(positions())
                       .arg(hasDecoder() ? QObject::tr("tokens of the decoder and all of the encoder") : QObject::tr("tokens"));
    return predictionAt(position) ? text + u' ' + learnedWords(position) : text;
}

QString ObjectiveView::learnedWords(int position) const
{
    const TokenPrediction &prediction = *predictionAt(position);
    QStringList guesses;
    for (const Candidate &candidate : prediction.candidates)
        guesses << QStringLiteral("“%1” %2").arg(bareWord(candidate.piece), percentText(double(candidate.probability)));
    return QObject::tr("It guesses %1. The right one has %2: loss %3.")
        .arg(guesses.join(QStringLiteral(", ")), percentText(double(prediction.probability)), decimalText(double(prediction.loss), 2));
}

std::vector<std::pair<TokenMark, QString>> ObjectiveView::marks() const
{
    std::vector<std::vector<StripCell>> cells;
    for (const TokenStrip *strip : {&m_given, &m_decoder})
        for (int i = 0; i < strip->columns(); ++i)
            cells.push_back(strip->column(i));
    return marksIn(cells);
}

ColourScale guessScale()
{
    return {ColourMap::sequential, 0, 1, true};
}

QString objectivesCsv(const std::vector<ObjectiveView> &views)
{
    QString text = QStringLiteral("objective,part,position,token,mark,target,sees,guess,guess probability,target probability,step,loss\n");
    const auto quoted = [](const std::string &piece) { return u'"' + QString::fromStdString(piece).replace(u'"', QStringLiteral("\"\"")) + u'"'; };
    for (const ObjectiveView &view : views) {
        const Objective &objective = view.objective();
        const TokenRowView &row = objective.row;
        const auto line = [&](const char *part, size_t position, const std::string &piece, const char *mark, bool predicts, const std::vector<uint8_t> &visible,
                              size_t side) {
            const std::string target = predicts && position < row.targets.size() ? row.targets[position] : std::string();
            const TokenPrediction *prediction = predicts ? view.predictionAt(int(position)) : nullptr;
            const bool guesses = prediction && !prediction->candidates.empty();
            const auto number = [&](float value) { return guesses ? QString::number(double(value), 'g', 6) : QString(); };
            const QStringList fields{QString::fromStdString(objective.name),
                                     QString::fromLatin1(part),
                                     QString::number(position),
                                     quoted(piece),
                                     QString::fromLatin1(mark),
                                     target.empty() ? QString() : quoted(target),
                                     QString::number(seenFrom(visible, side, position)),
                                     guesses ? quoted(prediction->candidates.front().piece) : QString(),
                                     number(guesses ? prediction->candidates.front().probability : 0),
                                     number(guesses ? prediction->probability : 0)};
            text += fields.join(u',') + QStringLiteral(",,\n");
        };
        for (size_t t = 0; t < row.given.size(); ++t)
            line("encoder", t, row.given[t].piece, wordOf(row.given[t].action), row.decoder.empty(), objective.visible, row.given.size());
        for (size_t t = 0; t < row.decoder.size(); ++t)
            line("decoder", t, row.decoder[t], "kept", true, objective.decoderVisible, row.decoder.size());
        for (const LossCourse::Point &point : view.course())
            text += QStringLiteral("%1,loss,,,,,,,,,%2,%3\n").arg(QString::fromStdString(objective.name)).arg(point.step).arg(point.loss);
    }
    return text;
}

} // namespace pretext
