#include "widgets/panels/healthplots.h"

#include "widgets/plots/barplot.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/textlayout.h"
#include "widgets/scalarhistory.h"

#include <QObject>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace pretext {

namespace {

/// Steps are whole: of a single one, as when the window looks back, there are more around it.
LineAxis stepAxis()
{
    return {.title = QObject::tr("step"), .least = 10};
}

constexpr double kNotKnownYet = std::numeric_limits<double>::quiet_NaN();
constexpr const char *kTeacherDistance = "teacher/distance";
constexpr int kMostTeacherPoints = 600;

QColor embeddingColour(const Theme &theme)
{
    return curveColour(0, theme.dark);
}
QColor projectionColour(const Theme &theme)
{
    return curveColour(1, theme.dark);
}
QColor faintOf(QColor colour, const Theme &theme)
{
    colour.setAlphaF(theme.dark ? 0.5f : 0.35f); // a dark ground takes more of it
    return colour;
}

double valueOr(const std::optional<double> &value)
{
    return value.value_or(kNotKnownYet);
}

/// Against 1, 2, 3 ...
std::vector<QPointF> numbered(const std::vector<double> &values, double scale = 1)
{
    std::vector<QPointF> points;
    for (size_t i = 0; i < values.size(); ++i)
        points.emplace_back(double(i + 1), scale * values[i]);
    return points;
}

/// Falling, each in units of an even spread.
std::vector<double> fallingDeviations(const Health &health)
{
    std::vector<double> values = health.deviations;
    for (double &value : values)
        value *= std::sqrt(double(values.size()));
    std::ranges::sort(values, std::greater<>());
    return values;
}

using OfHealth = std::function<std::vector<QPointF>(const Health &)>;
/// Now, and faint what it was before any training, of embedding and projections.
std::vector<LineSeries> spacesOf(const Theme &theme, const HealthShown &shown, const OfHealth &points)
{
    std::vector<LineSeries> series;
    if (shown.untrained) {
        series.push_back({QObject::tr("untrained"), faintOf(embeddingColour(theme), theme), points(shown.untrained->embedding), 1.5});
        if (shown.untrained->projection)
            series.push_back({{}, faintOf(projectionColour(theme), theme), points(*shown.untrained->projection), 1.5});
    }
    series.push_back({QObject::tr("embedding h"), embeddingColour(theme), points(shown.now->embedding)});
    if (shown.now->projection)
        series.push_back({QObject::tr("projection z"), projectionColour(theme), points(*shown.now->projection)});
    return series;
}

std::vector<QPointF> courseOf(const HealthShown &shown, double HealthPoint::*value)
{
    std::vector<QPointF> points;
    for (const HealthPoint &point : shown.course)
        if (std::isfinite(point.*value))
            points.emplace_back(point.step, point.*value);
    return points;
}

void drawCourse(Canvas &canvas, const QRectF &area, HealthPlot plot, const HealthShown &shown, double HealthPoint::*embedding, double HealthPoint::*projection)
{
    const Theme &theme = canvas.theme();
    std::vector<LineSeries> series{{QObject::tr("embedding h"), embeddingColour(theme), courseOf(shown, embedding), 2, 4}};
    if (projection && shown.now->projection)
        series.push_back({QObject::tr("projection z"), projectionColour(theme), courseOf(shown, projection), 2, 4});
    drawLines(canvas, area, titleOf(plot), stepAxis(), {{}, false, plot == HealthPlot::rank, plot == HealthPlot::rank ? 4. : 0.5}, series, shown.changes);
}

/// The way that embeddings, and projections, have gone in the plane, and where they are.
void drawSphere(Canvas &canvas, const QRectF &area, const HealthShown &shown)
{
    const Theme &theme = canvas.theme();
    std::vector<QPointF> h, z;
    for (const HealthPoint &point : shown.course) {
        h.emplace_back(point.uniformity, point.alignment);
        z.emplace_back(point.projectionUniformity, point.projectionAlignment);
    }
    std::erase_if(z, [](const QPointF &point) { return !std::isfinite(point.x()); }); // of steps that metrics.csv alone knows
    std::vector<LineSeries> series{{{}, faintOf(embeddingColour(theme), theme), h, 1.5, 4}};
    if (!z.empty())
        series.push_back({{}, faintOf(projectionColour(theme), theme), z, 1.5, 4});
    if (!h.empty())
        series.push_back({QObject::tr("embedding h"), embeddingColour(theme), {h.back()}, 2, 10});
    if (!z.empty())
        series.push_back({QObject::tr("projection z"), projectionColour(theme), {z.back()}, 2, 10});
    drawLines(canvas, area, titleOf(HealthPlot::sphere), {QObject::tr("uniformity: left is more even"), false, false, 0.5},
              {QObject::tr("alignment"), false, true, 0.2}, series);
}

QString shortLayer(const std::string &layer)
{
    const QString name = QString::fromStdString(layer);
    return name.startsWith(QLatin1String("encoder.")) ? name.mid(8) : name;
}

/// Named bars where there is room for each, else the same by number.
void drawGradients(Canvas &canvas, QRectF area, const LayerNorms &norms)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    const double most = *std::ranges::max_element(norms.gradients);
    if (area.height() < (double(norms.layers.size()) + 2) * line * 0.95 || !(most > 0)) {
        drawLines(canvas, area, titleOf(HealthPlot::gradient), {QObject::tr("layer, from the input to the loss")}, {{}, true, false, 10},
                  {{{}, theme.accent, numbered(norms.gradients), 1.5, 4}});
        return;
    }
    area.setTop(area.top() + drawWrapped(canvas, area, titleOf(HealthPlot::gradient), theme.text, kSmall) + 2);
    qreal names = 0;
    for (const std::string &layer : norms.layers)
        names = std::max(names, canvas.textWidth(shortLayer(layer), kSmall) + theme.spacing);
    names = std::min(names, 0.5 * area.width());
    const qreal numbers = canvas.textWidth(QStringLiteral("0.00000"), kSmall), height = std::min(1.5 * line, area.height() / double(norms.layers.size()));
    for (size_t i = 0; i < norms.layers.size(); ++i) {
        const QRectF track(area.left() + names, area.top() + 0.2 * height, std::max(1., area.width() - names - numbers - theme.spacing), 0.6 * height);
        canvas.text({area.left(), track.center().y()}, elided(canvas, shortLayer(norms.layers[i]), names, kSmall), theme.text, Align::left, kSmall);
        drawShare(canvas, track, norms.gradients[i] / most, theme.accent);
        canvas.text({area.right(), track.center().y()}, numberText(norms.gradients[i]), theme.text, Align::right, kSmall);
        area.setTop(area.top() + height);
    }
}

/// Of many steps every so many, so that drawing stays cheap.
std::vector<QPointF> teacherCourse(const ScalarHistory &history, double until)
{
    const std::vector<double> &distances = history.columns.at(kTeacherDistance);
    const size_t stride = std::max<size_t>(1, distances.size() / kMostTeacherPoints);
    std::vector<QPointF> points;
    for (size_t i = 0; i < distances.size() && history.steps[i] <= until; i += stride)
        points.emplace_back(history.steps[i], distances[i]);
    return points;
}

bool hasTeacher(const HealthShown &shown)
{
    return shown.history && shown.history->columns.contains(kTeacherDistance);
}

QString csvNumber(double value)
{
    return std::isfinite(value) ? QString::number(value, 'g', 8) : QString();
}

/// Columns side by side, the shorter ones with empty cells.
QString csvOfColumns(const QString &header, const std::vector<std::vector<double>> &columns)
{
    size_t rows = 0;
    for (const std::vector<double> &column : columns)
        rows = std::max(rows, column.size());
    QString text = header + '\n';
    for (size_t row = 0; row < rows; ++row) {
        text += QString::number(row + 1);
        for (const std::vector<double> &column : columns)
            text += ',' + (row < column.size() ? csvNumber(column[row]) : QString());
        text += '\n';
    }
    return text;
}

QString csvOfSpaces(const QString &first, const HealthShown &shown, const std::function<std::vector<double>(const Health &)> &values)
{
    QString header = first + QStringLiteral(",embedding");
    std::vector<std::vector<double>> columns{values(shown.now->embedding)};
    const auto add = [&](const char *name, const Health &health) {
        header += ',' + QLatin1String(name);
        columns.push_back(values(health));
    };
    if (shown.now->projection)
        add("projection", *shown.now->projection);
    if (shown.untrained)
        add("untrained_embedding", shown.untrained->embedding);
    if (shown.untrained && shown.untrained->projection)
        add("untrained_projection", *shown.untrained->projection);
    return csvOfColumns(header, columns);
}

} // namespace

HealthPoint pointOf(const EncoderHealth &health)
{
    const Health &h = health.embedding, z = health.projection.value_or(Health());
    return {double(health.step),  valueOr(h.alignment), valueOr(h.uniformity), valueOr(h.effectiveRank), valueOr(h.alphaReq),
            valueOr(h.deviation), valueOr(z.alignment), valueOr(z.uniformity), valueOr(z.effectiveRank), valueOr(z.deviation)};
}

std::vector<HealthPoint> pointsIn(const ScalarHistory &history, double end)
{
    const auto columnOf = [&](const char *name) -> const std::vector<double> * {
        const auto found = history.columns.find(std::string("health/") + name);
        return found == history.columns.end() ? nullptr : &found->second;
    };
    const std::vector<double> *all[] = {columnOf("alignment"), columnOf("uniformity"),      columnOf("effective_rank"),      columnOf("alpha_req"),
                                        columnOf("deviation"), columnOf("projection_rank"), columnOf("projection_deviation")};
    std::vector<HealthPoint> points;
    if (!all[1])
        return points;
    for (size_t i = 0; i < history.size() && history.steps[i] < end; ++i) {
        const auto at = [&](int column) { return all[column] ? (*all[column])[i] : kNotKnownYet; };
        if (std::isfinite(at(1)))
            points.push_back({history.steps[i], at(0), at(1), at(2), at(3), at(4), kNotKnownYet, kNotKnownYet, at(5), at(6)});
    }
    return points;
}

std::vector<HealthPlot> plotsOf(const HealthShown &shown)
{
    std::vector<HealthPlot> plots;
    if (!shown.now)
        return plots;
    if (!shown.now->embedding.spectrum.empty())
        plots.push_back(HealthPlot::spectrum);
    plots.push_back(HealthPlot::deviation);
    plots.push_back(HealthPlot::sphere);
    if (shown.now->embedding.effectiveRank)
        plots.push_back(HealthPlot::rank);
    if (shown.now->embedding.alphaReq)
        plots.push_back(HealthPlot::alpha);
    if (shown.gradients && !shown.gradients->layers.empty())
        plots.push_back(HealthPlot::gradient);
    if (hasTeacher(shown))
        plots.push_back(HealthPlot::teacher);
    return plots;
}

QString titleOf(HealthPlot plot)
{
    switch (plot) {
    case HealthPlot::spectrum: return QObject::tr("Singular values: how much each direction holds");
    case HealthPlot::deviation: return QObject::tr("Deviation of each dimension, falling; 1 is an even spread");
    case HealthPlot::sphere: return QObject::tr("Alignment and uniformity: down and left is better");
    case HealthPlot::rank: return QObject::tr("Effective rank: directions in use");
    case HealthPlot::alpha: return QObject::tr("Alpha-ReQ: how steeply the spectrum falls");
    case HealthPlot::gradient: return QObject::tr("Length of the gradient, layer by layer");
    case HealthPlot::teacher: break;
    }
    return QObject::tr("Distance of the teacher's weights from the student's");
}

QString helpOf(HealthPlot plot)
{
    switch (plot) {
    case HealthPlot::spectrum:
        return QObject::tr(
            "A curve that breaks off early has few directions in use: dimensional collapse. One that lies far below the untrained one everywhere is a "
            "collapse to a point.");
    case HealthPlot::deviation:
        return QObject::tr("Embeddings of unit length; near 0 in every dimension they are one point, near 0 in most of them a few dimensions hold all.");
    case HealthPlot::sphere:
        return QObject::tr(
            "Alignment is the mean squared distance of two views of a sample, uniformity how evenly samples spread over the sphere. A collapse goes "
            "down and to the right: all views are near each other, and so is everything else.");
    case HealthPlot::rank:
        return QObject::tr(
            "The exponential of the entropy of the singular values. It may fall as an encoder learns what does not count; near 1 all lies on a line.");
    case HealthPlot::alpha:
        return QObject::tr("The exponent of the power law that the covariance's eigenvalues follow. Much above 1 few directions hold nearly all.");
    case HealthPlot::gradient:
        return QObject::tr(
            "Layers of which the gradient is a thousand times shorter than that of others hardly learn; one that grows from step to step diverges.");
    case HealthPlot::teacher: break;
    }
    return QObject::tr("As a share of the weights' own length. It grows while the student runs ahead, and shrinks as it comes to rest.");
}

void drawHealthPlot(Canvas &canvas, const QRectF &area, HealthPlot plot, const HealthShown &shown)
{
    const Theme &theme = canvas.theme();
    const QString title = titleOf(plot);
    switch (plot) {
    case HealthPlot::spectrum:
        return drawLines(canvas, area, title, {QObject::tr("direction, from the largest"), true}, {{}, true, false, 10},
                         spacesOf(theme, shown, [](const Health &health) { return numbered(health.spectrum); }));
    case HealthPlot::deviation:
        return drawLines(canvas, area, title, {QObject::tr("dimension, from the largest"), true}, {{}, false, true, 1},
                         spacesOf(theme, shown, [](const Health &health) { return numbered(fallingDeviations(health)); }), {{1, {}}});
    case HealthPlot::sphere: return drawSphere(canvas, area, shown);
    case HealthPlot::rank: return drawCourse(canvas, area, plot, shown, &HealthPoint::rank, &HealthPoint::projectionRank);
    case HealthPlot::alpha: return drawCourse(canvas, area, plot, shown, &HealthPoint::alpha, nullptr);
    case HealthPlot::gradient: return drawGradients(canvas, area, *shown.gradients);
    case HealthPlot::teacher:
        return drawLines(canvas, area, title, stepAxis(), {{}, false, true}, {{{}, theme.accent, teacherCourse(*shown.history, shown.until)}}, shown.changes);
    }
}

QString csvOf(HealthPlot plot, const HealthShown &shown)
{
    switch (plot) {
    case HealthPlot::spectrum: return csvOfSpaces(QStringLiteral("direction"), shown, [](const Health &health) { return health.spectrum; });
    case HealthPlot::deviation: return csvOfSpaces(QStringLiteral("dimension"), shown, [](const Health &health) { return health.deviations; });
    case HealthPlot::gradient: {
        QString text = QStringLiteral("layer,gradient\n");
        for (size_t i = 0; i < shown.gradients->layers.size(); ++i)
            text += QString::fromStdString(shown.gradients->layers[i]) + ',' + csvNumber(shown.gradients->gradients[i]) + '\n';
        return text;
    }
    default: return csvOf(shown);
    }
}

QString csvOf(const HealthShown &shown)
{
    QString text = QStringLiteral("step,alignment,uniformity,effective_rank,alpha_req,deviation,projection_alignment,projection_uniformity,projection_rank,"
                                  "projection_deviation\n");
    for (const HealthPoint &p : shown.course) {
        QStringList cells{QString::number(p.step, 'f', 0)};
        for (const double value :
             {p.alignment, p.uniformity, p.rank, p.alpha, p.deviation, p.projectionAlignment, p.projectionUniformity, p.projectionRank, p.projectionDeviation})
            cells << csvNumber(value);
        text += cells.join(',') + '\n';
    }
    return text;
}

} // namespace pretext
