// One step of a method that compares views by a softmax, in eight stages from the sample to the gradient.
#include "widgets/panels/imagepairs.h"
#include "widgets/panels/slowmotionscene.h"
#include "widgets/panels/slowmotionstory.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr int kListed = 6; // numbers of a vector that are written out
const QColor kPull(0x00, 0x9e, 0x73), kPush(0xd5, 0x5e, 0x00);

/// Row `row` of a channel; empty where there is none.
std::vector<float> rowOf(const BatchView &batch, const char *channel, int row)
{
    const Matrix *matrix = batch.snapshot() ? batch.snapshot()->channel<Matrix>(channel) : nullptr;
    if (!matrix || row < 0 || row >= matrix->rows)
        return {};
    const auto begin = matrix->values.begin() + row * matrix->columns;
    return {begin, begin + matrix->columns};
}

QString vectorText(const std::vector<float> &values)
{
    QStringList numbers;
    for (int i = 0; i < std::min(kListed, int(values.size())); ++i)
        numbers << decimalText(double(values[size_t(i)]), 2);
    if (values.size() > kListed)
        numbers << QStringLiteral("…");
    return u'(' + numbers.join(QStringLiteral(", ")) + u')';
}

/// A power of e by the digits that its shown exponent gives on a pocket calculator; and as a number, what is shown.
double shownPower(double value)
{
    return value >= 1000 && value < 1e8 ? std::round(value) : QString::number(value, 'g', 4).toDouble();
}

QString powerText(double value)
{
    return value >= 1000 && value < 1e8 ? QString::number(value, 'f', 0) : numberText(value, 4);
}

/// In brackets where it is negative, so that it can follow a multiplication sign.
QString factorText(double value)
{
    const QString text = decimalText(value, 2);
    return value < 0 ? u'(' + text + u')' : text;
}

double lengthOf(const std::vector<float> &values)
{
    double sum = 0;
    for (const float value : values)
        sum += double(value) * double(value);
    return std::sqrt(sum);
}

class ContrastStory
{
    Q_DECLARE_TR_FUNCTIONS(pretext::ContrastStory)
public:
    ContrastStory(const BatchView &batch, SlowMotionScene scene) : m_batch(batch), m_scene(std::move(scene)) {}
    static Story told(const std::shared_ptr<const ContrastStory> &story);

private:
    void drawSample(Canvas &canvas, const QRectF &area) const;
    void drawBothViews(Canvas &canvas, const QRectF &area) const;
    void drawVectors(Canvas &canvas, const QRectF &area, const char *channel, const QString &letter) const;
    void drawVector(Canvas &canvas, QRectF area, const std::vector<float> &values, const QString &title) const;
    void drawRow(Canvas &canvas, QRectF &area, int row, const QStringList &texts, const QColor &colour = {}) const;
    void drawSimilarity(Canvas &canvas, QRectF area) const;
    void drawSoftmax(Canvas &canvas, QRectF area) const;
    void drawLoss(Canvas &canvas, QRectF area) const;
    void drawGradient(Canvas &canvas, QRectF area) const;
    QStringList numbers() const;
    QString csv() const;

    BatchView m_batch;
    SlowMotionScene m_scene;
};

void ContrastStory::drawSample(Canvas &canvas, const QRectF &area) const
{
    const Theme &theme = canvas.theme();
    const int at = m_batch.pairOf(m_scene.anchor);
    const qreal line = lineHeight(canvas), side = std::min(area.width(), area.height() - 2 * line);
    const CanvasImage original = m_batch.original(at);
    QRectF place(area.topLeft(), QSizeF(side, side));
    if (!original.image.isNull() && side > 0)
        place = drawSharp(canvas, place, original);
    else if (m_batch.bySentences())
        place.setHeight(drawWrapped(canvas, area, m_batch.sentence(m_scene.anchor), theme.text));
    else if (side > 0)
        place = drawView(canvas, place, m_batch, m_scene.anchor);
    canvas.text({area.left(), place.bottom() + line}, elided(canvas, m_batch.sampleName(at), area.width()), theme.mutedText);
}

void ContrastStory::drawBothViews(Canvas &canvas, const QRectF &area) const
{
    const Theme &theme = canvas.theme();
    const qreal half = area.width() / 2, words = 4 * lineHeight(canvas, kSmall),
                side = std::min(half - theme.spacing, area.height() - words - lineHeight(canvas));
    for (const int row : {m_scene.anchor, m_scene.positive}) {
        QRectF column(area.left() + (row == m_scene.anchor ? 0 : half), area.top(), half - theme.spacing, area.height());
        canvas.text({column.left(), column.top() + lineHeight(canvas) / 2}, tr("view %1").arg(m_batch.viewOf(row)), theme.text);
        column.setTop(column.top() + 1.2 * lineHeight(canvas));
        if (m_batch.bySentences()) {
            drawWrapped(canvas, column, m_batch.sentence(row), theme.text);
            continue;
        }
        if (side > 0)
            column.setTop(drawView(canvas, QRectF(column.topLeft(), QSizeF(side, side)), m_batch, row).bottom() + theme.spacing / 2);
        drawWrapped(canvas, column, deedOf(m_batch, row), theme.mutedText, kSmall);
    }
}

void ContrastStory::drawVectors(Canvas &canvas, const QRectF &area, const char *channel, const QString &letter) const
{
    if (rowOf(m_batch, channel, m_scene.anchor).empty()) {
        drawWrapped(canvas, area, tr("This method does not tell these numbers."), canvas.theme().mutedText);
        return;
    }
    QRectF rest = area;
    for (const int row : {m_scene.anchor, m_scene.positive}) {
        QRectF part = rest;
        part.setHeight(std::min(area.height() / 2, 9 * lineHeight(canvas)));
        drawVector(canvas, part, rowOf(m_batch, channel, row), letter + (row == m_scene.anchor ? QStringLiteral("₁") : QStringLiteral("₂")));
        rest.setTop(part.bottom());
    }
}

/// The vector as colours, and its first numbers.
void ContrastStory::drawVector(Canvas &canvas, QRectF area, const std::vector<float> &values, const QString &title) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas);
    const QString words = tr("%1 = %2, %3 numbers, length %4").arg(title, vectorText(values)).arg(values.size()).arg(numberText(lengthOf(values)));
    area.setTop(area.top() + drawWrapped(canvas, area, words, theme.text) + theme.spacing / 2);
    double largest = 1e-6;
    for (const float value : values)
        largest = std::max(largest, std::abs(double(value)));
    const ColourScale scale{ColourMap::diverging, -largest, largest};
    const int columns = std::max(1, int(std::sqrt(double(values.size()) * std::max(1., area.width() / std::max(1., area.height() - line)))));
    const int rows = (int(values.size()) + columns - 1) / columns;
    const qreal side = std::floor(std::max(1., std::min(area.width() / columns, (area.height() - line / 2) / std::max(1, rows))));
    for (size_t i = 0; i < values.size(); ++i) {
        const QRectF cell(area.left() + qreal(int(i) % columns) * side, area.top() + qreal(int(i) / columns) * side, side, side);
        if (cell.bottom() <= area.bottom())
            canvas.fill(cell, QColor::fromRgb(scale.colour(double(values[i]))));
    }
}

void ContrastStory::drawRow(Canvas &canvas, QRectF &area, int row, const QStringList &texts, const QColor &colour) const
{
    const Theme &theme = canvas.theme();
    const qreal height = 2 * lineHeight(canvas), shown = m_batch.bySentences() || row < 0 ? 0 : height;
    if (shown > 0)
        drawView(canvas, QRectF(area.left(), area.top(), height - 3, height - 3), m_batch, row);
    const qreal left = area.left() + 2.2 * lineHeight(canvas), width = (area.right() - left) / (qreal(texts.size()) + 1);
    for (int i = 0; i < texts.size(); ++i) {
        const qreal x = left + (i == 0 ? 0 : (i + 1) * width), room = i == 0                 ? 2 * width - theme.spacing
                                                                      : i + 1 < texts.size() ? width - theme.spacing
                                                                                             : area.right() - x;
        canvas.text({x, area.top() + height / 2}, elided(canvas, texts[i], room), colour.isValid() ? colour : theme.text);
    }
    area.setTop(area.top() + height);
}

void ContrastStory::drawSimilarity(Canvas &canvas, QRectF area) const
{
    const std::vector<float> first = rowOf(m_batch, "embeddings", m_scene.anchor), second = rowOf(m_batch, "embeddings", m_scene.positive);
    QStringList terms;
    for (size_t i = 0; i < std::min<size_t>(3, std::min(first.size(), second.size())); ++i)
        terms << QStringLiteral("%1 · %2").arg(factorText(double(first[i])), factorText(double(second[i])));
    const QString sum = tr("s = %1 + … = %2").arg(terms.join(QStringLiteral(" + ")), decimalText(m_scene.shown.front().similarity, 4));
    area.setTop(area.top() + drawWrapped(canvas, area, sum, canvas.theme().text) + canvas.theme().spacing);
    drawRow(canvas, area, -1, {tr("compared with"), tr("s")}, canvas.theme().mutedText);
    for (const Compared &one : m_scene.shown)
        drawRow(canvas, area, one.row, {one.positive ? tr("its positive") : m_batch.sampleName(m_batch.pairOf(one.row)), decimalText(one.similarity, 4)},
                one.positive ? kPull : QColor());
    if (m_scene.others > 0)
        drawRow(canvas, area, -1, {tr("and %1 other negatives, less similar").arg(m_scene.others)}, canvas.theme().mutedText);
}

void ContrastStory::drawSoftmax(Canvas &canvas, QRectF area) const
{
    drawRow(canvas, area, -1, {tr("compared with"), tr("s"), tr("s / τ"), tr("e^(s / τ)"), tr("p")}, canvas.theme().mutedText);
    for (const Compared &one : m_scene.shown)
        drawRow(canvas, area, one.row,
                {one.positive ? tr("its positive") : m_batch.sampleName(m_batch.pairOf(one.row)), decimalText(one.similarity, 5), decimalText(one.scaled, 4),
                 powerText(one.power), percentText(one.share)},
                one.positive ? kPull : QColor());
    if (m_scene.others > 0)
        drawRow(canvas, area, -1, {tr("%1 others together").arg(m_scene.others), {}, {}, powerText(m_scene.othersPower), percentText(m_scene.othersShare)});
    drawRow(canvas, area, -1, {tr("sum"), {}, {}, powerText(m_scene.total), percentText(1)}, canvas.theme().mutedText);
    const Compared &own = m_scene.shown.front();
    drawWrapped(canvas, area,
                tr("By hand: p = e^(%1 / %2) / %3 = %4 / %3 = %5")
                    .arg(decimalText(own.similarity, 5), numberText(m_scene.temperature), powerText(m_scene.total), powerText(own.power),
                         numberText(shownPower(own.power) / shownPower(m_scene.total), 4)),
                canvas.theme().text);
}

void ContrastStory::drawLoss(Canvas &canvas, QRectF area) const
{
    const Theme &theme = canvas.theme();
    const QString own = tr("−ln(%1) = %2").arg(numberText(m_scene.share, 6), decimalText(m_scene.loss));
    canvas.text({area.left(), area.top() + lineHeight(canvas, 2)}, own, theme.text, Align::left, 2);
    area.setTop(area.top() + 3.5 * lineHeight(canvas));
    if (m_scene.batchLoss)
        drawWrapped(
            canvas, area,
            tr("The loss of the step is the mean of this over all views of the batch that are compared: %1. A view that picked its partner by chance among %2 "
               "would have ln(%2) = %3.")
                .arg(decimalText(*m_scene.batchLoss))
                .arg(m_scene.others + int(m_scene.shown.size()))
                .arg(decimalText(std::log(double(m_scene.others) + double(m_scene.shown.size())))),
            theme.mutedText);
}

void ContrastStory::drawGradient(Canvas &canvas, QRectF area) const
{
    const double tau = m_scene.temperature, pull = (1 - m_scene.share) / tau;
    drawRow(canvas, area, -1, {tr("compared with"), tr("p"), tr("dL / ds"), tr("share of the push")}, canvas.theme().mutedText);
    const double pushed = 1 - m_scene.share;
    for (const Compared &one : m_scene.shown) {
        const double slope = one.positive ? -pull : one.share / tau;
        drawRow(canvas, area, one.row,
                {one.positive ? tr("its positive: pulled") : tr("%1: pushed").arg(m_batch.sampleName(m_batch.pairOf(one.row))), percentText(one.share),
                 decimalText(slope, 2), one.positive || pushed <= 0 ? QString() : percentText(one.share / pushed)},
                one.positive ? kPull : kPush);
    }
    if (m_scene.others > 0)
        drawRow(canvas, area, -1,
                {tr("%1 others together").arg(m_scene.others), percentText(m_scene.othersShare), decimalText(m_scene.othersShare / tau, 2),
                 pushed > 0 ? percentText(m_scene.othersShare / pushed) : QString()},
                kPush);
    drawWrapped(canvas, area,
                tr("They sum to zero: what pulls the positive pushes the negatives. From here, backpropagation turns it into a change of every weight."),
                canvas.theme().mutedText);
}

QStringList ContrastStory::numbers() const
{
    QStringList sentences;
    for (const Compared &one : m_scene.shown)
        sentences << tr("%1: s %2, s / τ %3, p %4.")
                         .arg(one.positive ? tr("Its positive") : m_batch.rowName(one.row), decimalText(one.similarity, 4), decimalText(one.scaled, 4),
                              percentText(one.share));
    return sentences << tr("Loss %1.").arg(decimalText(m_scene.loss));
}

QString ContrastStory::csv() const
{
    QString text = QStringLiteral("row,positive,similarity,scaled,power,probability\n");
    for (const Compared &one : m_scene.shown)
        text += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                    .arg(one.row)
                    .arg(one.positive ? 1 : 0)
                    .arg(one.similarity, 0, 'g', 7)
                    .arg(one.scaled, 0, 'g', 7)
                    .arg(one.power, 0, 'g', 7)
                    .arg(one.share, 0, 'g', 7);
    return text + QStringLiteral("others,0,,,%1,%2\n").arg(m_scene.othersPower, 0, 'g', 7).arg(m_scene.othersShare, 0, 'g', 7);
}

Story ContrastStory::told(const std::shared_ptr<const ContrastStory> &story)
{
    Story told{story->m_batch.rowName(story->m_scene.anchor), {}, story->numbers(), story->csv()};
    told.stages.push_back({tr("sample"), tr("A sample is drawn from the training data. Its label is shown to you, not to the encoder."),
                           [story](Canvas &canvas, const QRectF &area) { story->drawSample(canvas, area); }});
    told.stages.push_back({tr("views"), tr("Two views are made of it at random. What differs between them is what the encoder is to overlook."),
                           [story](Canvas &canvas, const QRectF &area) { story->drawBothViews(canvas, area); }});
    told.stages.push_back({tr("encode"), tr("The encoder f maps each view to a vector of features, h = f(x). This is what is kept and exported in the end."),
                           [story](Canvas &canvas, const QRectF &area) { story->drawVectors(canvas, area, "features", QStringLiteral("h")); }});
    told.stages.push_back(
        {tr("project"), tr("The projector g maps h to z = g(h), which is scaled to length 1. Only z is compared; after training the projector is thrown away."),
         [story](Canvas &canvas, const QRectF &area) { story->drawVectors(canvas, area, "embeddings", QStringLiteral("z")); }});
    told.stages.push_back(
        {tr("similarity"),
         tr("The similarity of two views is the cosine of their vectors, here s = z₁ · z₂ since both have length 1. The other view of the same sample is the "
            "positive; views of other samples are negatives."),
         [story](Canvas &canvas, const QRectF &area) { story->drawSimilarity(canvas, area); }});
    told.stages.push_back(
        {tr("softmax"),
         tr("Each similarity is divided by the temperature τ = %1 and exponentiated. Divided by their sum, the numbers are probabilities p: how surely "
            "the "
            "view would pick its partner among all others.")
             .arg(numberText(story->m_scene.temperature)),
         [story](Canvas &canvas, const QRectF &area) { story->drawSoftmax(canvas, area); }});
    told.stages.push_back({tr("loss"),
                           tr("The loss of this view is −ln of the probability of its positive: 0 where it is sure, large where negatives look more alike."),
                           [story](Canvas &canvas, const QRectF &area) { story->drawLoss(canvas, area); }});
    told.stages.push_back(
        {tr("gradient"),
         tr("The derivative of the loss by each similarity: training raises that of the positive by (1 − p) / τ and lowers that of each negative by p / τ. "
            "The most similar negatives are pushed the hardest."),
         [story](Canvas &canvas, const QRectF &area) { story->drawGradient(canvas, area); }});
    return told;
}

} // namespace

std::optional<Story> contrastStory(const BatchView &batch, int pair, QString *why)
{
    std::optional<SlowMotionScene> scene = slowMotionOf(batch, pair, why);
    if (!scene)
        return {};
    return ContrastStory::told(std::make_shared<const ContrastStory>(batch, std::move(*scene)));
}

} // namespace pretext
