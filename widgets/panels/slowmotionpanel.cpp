// Slow motion: one training step in eight stages, from the sample to the gradient, each with its numbers for the selected pair. The step that is looked at
// is held until the first stage is shown again.
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/imagepairs.h"
#include "widgets/panels/slowmotionscene.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/barplot.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"
#include "widgets/said.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPushButton>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

enum class Stage : uint8_t { sample, views, encode, project, similarity, softmax, loss, gradient };
constexpr int kStages = 8;
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

/// A power of e, as a pocket calculator shows it.
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

} // namespace

class SlowMotionPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::SlowMotionPanel)
public:
    explicit SlowMotionPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    void click(QPointF position) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool waits() const override { return !m_held.snapshot() || m_held.snapshot()->channels.empty(); }

private:
    static QStringList stageNames();
    void show(int stage);
    void hold();
    void movePair(int by);
    int pair() const;
    QString message() const;
    QString explanation() const;
    QString name(int row) const;
    void drawStages(Canvas &canvas, QRectF &area);
    void drawContent(Canvas &canvas, const QRectF &area);
    void drawSample(Canvas &canvas, const QRectF &area) const;
    void drawBothViews(Canvas &canvas, const QRectF &area) const;
    void drawVectors(Canvas &canvas, const QRectF &area, const char *channel, const QString &letter) const;
    void drawVector(Canvas &canvas, QRectF area, const std::vector<float> &values, const QString &title) const;
    void drawSimilarity(Canvas &canvas, QRectF area) const;
    void drawSoftmax(Canvas &canvas, QRectF area) const;
    void drawLoss(Canvas &canvas, QRectF area) const;
    void drawGradient(Canvas &canvas, QRectF area) const;
    /// A row of a table at the top of the area, which it takes away: the view's picture and its texts at these shares of the width.
    void drawRow(Canvas &canvas, QRectF &area, int row, const QStringList &texts, const QColor &colour = {}) const;

    BatchView m_held; // that is shown: the newest one while the first stage is
    std::optional<SlowMotionScene> m_scene;
    QString m_why;
    int m_stage = 0;
    std::vector<QRectF> m_names; // of the stages, on the canvas
    QPushButton *m_back, *m_on;
};

QStringList SlowMotionPanel::stageNames()
{
    return {tr("sample"), tr("views"), tr("encode"), tr("project"), tr("similarity"), tr("softmax"), tr("loss"), tr("gradient")};
}

SlowMotionPanel::SlowMotionPanel(const PanelContext &context)
    : CanvasPanel(context, tr("Slow motion"))
    , m_back(new QPushButton(tr("◀ Back")))
    , m_on(new QPushButton(tr("On ▶")))
{
    m_back->setToolTip(tr("The stage before (Left). At the first one the panel follows the training again."));
    m_on->setToolTip(tr("The next stage of the same step (Right), which is held while training goes on."));
    toolbar().addWidget(m_back);
    toolbar().addWidget(m_on);
    toolbar().addStretch(1);
    connect(m_back, &QPushButton::clicked, this, [this] { show(m_stage - 1); });
    connect(m_on, &QPushButton::clicked, this, [this] { show(m_stage + 1); });
    connect(&selection(), &Selection::changed, this, [this] {
        hold();
        repaint();
    });
    connect(&run(), &Run::jobStarted, this, [this] {
        m_held = {};
        m_scene.reset();
        show(0);
    });
    show(0);
}

std::set<std::string> SlowMotionPanel::wantedChannels() const
{
    return {"views/originals", "views/pixels", "views/drawings", "views/records", "tokens/rows", "features", "embeddings", "similarity", "similarity/softmax"};
}

std::function<SlowMotionPanel::Adopt()> SlowMotionPanel::preparation(const BatchView &batch)
{
    return [this, batch] {
        return [this, batch] {
            if (m_stage > 0 && m_held.snapshot())
                return;
            m_held = batch;
            hold();
        };
    };
}

/// The arithmetic of the pair that is selected, or first in the held batch.
void SlowMotionPanel::hold()
{
    m_why.clear();
    m_scene = m_held.snapshot() ? slowMotionOf(m_held, pair(), &m_why) : std::nullopt;
    canvas().setAccessibleDescription(description());
}

int SlowMotionPanel::pair() const
{
    if (!m_held.snapshot() || m_held.pairs() < 1)
        return -1;
    return std::max(0, m_held.pairOf(selection().chosen()));
}

void SlowMotionPanel::movePair(int by)
{
    if (pair() < 0)
        return;
    const int next = std::clamp(pair() + by, 0, m_held.pairs() - 1);
    selection().select({m_held.sample(next), next});
}

void SlowMotionPanel::show(int stage)
{
    m_stage = std::clamp(stage, 0, kStages - 1);
    m_back->setEnabled(m_stage > 0);
    m_on->setEnabled(m_stage < kStages - 1 && m_scene.has_value());
    if (m_stage == 0)
        prepareAgain();
    canvas().setAccessibleDescription(description());
    repaint();
}

QString SlowMotionPanel::message() const
{
    if (!m_why.isEmpty())
        return m_why;
    if (run().hasJob() && m_held.snapshot() && !m_held.snapshot()->offered.contains("similarity/softmax"))
        return tr("A step is taken apart here of methods that compare views by a softmax. Choose SimCLR or InfoNCE in Controls' list of methods.");
    return waitingForPairs(run(), tr("the step that is taken apart here"));
}

QString SlowMotionPanel::name(int row) const
{
    return m_held.rowName(row);
}

QString SlowMotionPanel::explanation() const
{
    const double tau = m_scene->temperature;
    switch (Stage(m_stage)) {
    case Stage::sample: return tr("A sample is drawn from the training data. Its label is shown to you, not to the encoder.");
    case Stage::views: return tr("Two views are made of it at random. What differs between them is what the encoder is to overlook.");
    case Stage::encode: return tr("The encoder f maps each view to a vector of features, h = f(x). This is what is kept and exported in the end.");
    case Stage::project:
        return tr("The projector g maps h to z = g(h), which is scaled to length 1. Only z is compared; after training the projector is thrown away.");
    case Stage::similarity:
        return tr(
            "The similarity of two views is the cosine of their vectors, here s = z₁ · z₂ since both have length 1. The other view of the same sample is the "
            "positive; views of other samples are negatives.");
    case Stage::softmax:
        return tr("Each similarity is divided by the temperature τ = %1 and exponentiated. Divided by their sum, the numbers are probabilities p: how surely "
                  "the "
                  "view would pick its partner among all others.")
            .arg(numberText(tau));
    case Stage::loss: return tr("The loss of this view is −ln of the probability of its positive: 0 where it is sure, large where negatives look more alike.");
    case Stage::gradient:
        return tr(
            "The derivative of the loss by each similarity: training raises that of the positive by (1 − p) / τ and lowers that of each negative by p / τ. "
            "The most similar negatives are pushed the hardest.");
    }
    return {};
}

void SlowMotionPanel::draw(Canvas &canvas)
{
    m_names.clear();
    if (!m_scene) {
        drawMessage(canvas, message());
        return;
    }
    m_on->setEnabled(m_stage < kStages - 1);
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing;
    QRectF area = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawStages(canvas, area);
    const QString held = m_stage > 0 ? tr("Step %1, held.").arg(m_held.snapshot()->step) : tr("Step %1.").arg(m_held.snapshot()->step);
    area.setTop(area.top() + drawWrapped(canvas, area, held + u' ' + explanation(), theme.text) + gap);
    canvas.clip(area);
    drawContent(canvas, area);
    canvas.unclip();
}

void SlowMotionPanel::drawStages(Canvas &canvas, QRectF &area)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas), width = area.width() / kStages;
    const QStringList names = stageNames();
    for (int i = 0; i < kStages; ++i) {
        const QRectF box(area.left() + i * width, area.top(), width - 3, 1.4 * line);
        m_names.push_back(box);
        if (i == m_stage)
            canvas.fill(box, theme.accent);
        else
            canvas.rectangle(box, theme.grid);
        const QString text = tr("%1 %2").arg(i + 1).arg(names[i]);
        canvas.text(box.center(), elided(canvas, text, width - 6, kSmall), i == m_stage ? theme.background : theme.text, Align::centre, kSmall);
    }
    area.setTop(area.top() + 1.4 * line + theme.spacing);
}

void SlowMotionPanel::drawContent(Canvas &canvas, const QRectF &area)
{
    switch (Stage(m_stage)) {
    case Stage::sample: return drawSample(canvas, area);
    case Stage::views: return drawBothViews(canvas, area);
    case Stage::encode: return drawVectors(canvas, area, "features", QStringLiteral("h"));
    case Stage::project: return drawVectors(canvas, area, "embeddings", QStringLiteral("z"));
    case Stage::similarity: return drawSimilarity(canvas, area);
    case Stage::softmax: return drawSoftmax(canvas, area);
    case Stage::loss: return drawLoss(canvas, area);
    case Stage::gradient: return drawGradient(canvas, area);
    }
}

void SlowMotionPanel::drawSample(Canvas &canvas, const QRectF &area) const
{
    const Theme &theme = canvas.theme();
    const int at = m_held.pairOf(m_scene->anchor);
    const qreal line = lineHeight(canvas), side = std::min(area.width(), area.height() - 2 * line);
    const CanvasImage original = m_held.original(at);
    QRectF place(area.topLeft(), QSizeF(side, side));
    if (!original.image.isNull() && side > 0)
        place = drawSharp(canvas, place, original);
    else if (m_held.bySentences())
        place.setHeight(drawWrapped(canvas, area, m_held.sentence(m_scene->anchor), theme.text));
    else if (side > 0)
        place = drawView(canvas, place, m_held, m_scene->anchor);
    canvas.text({area.left(), place.bottom() + line}, elided(canvas, m_held.sampleName(at), area.width()), theme.mutedText);
}

void SlowMotionPanel::drawBothViews(Canvas &canvas, const QRectF &area) const
{
    const Theme &theme = canvas.theme();
    const qreal half = area.width() / 2, words = 4 * lineHeight(canvas, kSmall),
                side = std::min(half - theme.spacing, area.height() - words - lineHeight(canvas));
    for (const int row : {m_scene->anchor, m_scene->positive}) {
        QRectF column(area.left() + (row == m_scene->anchor ? 0 : half), area.top(), half - theme.spacing, area.height());
        canvas.text({column.left(), column.top() + lineHeight(canvas) / 2}, tr("view %1").arg(m_held.viewOf(row)), theme.text);
        column.setTop(column.top() + 1.2 * lineHeight(canvas));
        if (m_held.bySentences()) {
            drawWrapped(canvas, column, m_held.sentence(row), theme.text);
            continue;
        }
        if (side > 0)
            column.setTop(drawView(canvas, QRectF(column.topLeft(), QSizeF(side, side)), m_held, row).bottom() + theme.spacing / 2);
        drawWrapped(canvas, column, deedOf(m_held, row), theme.mutedText, kSmall);
    }
}

void SlowMotionPanel::drawVectors(Canvas &canvas, const QRectF &area, const char *channel, const QString &letter) const
{
    if (rowOf(m_held, channel, m_scene->anchor).empty()) {
        drawWrapped(canvas, area, tr("This method does not tell these numbers."), canvas.theme().mutedText);
        return;
    }
    QRectF rest = area;
    for (const int row : {m_scene->anchor, m_scene->positive}) {
        QRectF part = rest;
        part.setHeight(std::min(area.height() / 2, 9 * lineHeight(canvas)));
        drawVector(canvas, part, rowOf(m_held, channel, row), letter + (row == m_scene->anchor ? QStringLiteral("₁") : QStringLiteral("₂")));
        rest.setTop(part.bottom());
    }
}

/// The vector as colours, and its first numbers.
void SlowMotionPanel::drawVector(Canvas &canvas, QRectF area, const std::vector<float> &values, const QString &title) const
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

void SlowMotionPanel::drawRow(Canvas &canvas, QRectF &area, int row, const QStringList &texts, const QColor &colour) const
{
    const Theme &theme = canvas.theme();
    const qreal height = 2 * lineHeight(canvas), shown = m_held.bySentences() || row < 0 ? 0 : height;
    if (shown > 0)
        drawView(canvas, QRectF(area.left(), area.top(), height - 3, height - 3), m_held, row);
    const qreal left = area.left() + 2.2 * lineHeight(canvas), width = (area.right() - left) / (qreal(texts.size()) + 1);
    for (int i = 0; i < texts.size(); ++i) {
        const qreal x = left + (i == 0 ? 0 : (i + 1) * width), room = (i == 0 ? 2 * width : width) - theme.spacing;
        canvas.text({x, area.top() + height / 2}, elided(canvas, texts[i], room), colour.isValid() ? colour : theme.text);
    }
    area.setTop(area.top() + height);
}

void SlowMotionPanel::drawSimilarity(Canvas &canvas, QRectF area) const
{
    const std::vector<float> first = rowOf(m_held, "embeddings", m_scene->anchor), second = rowOf(m_held, "embeddings", m_scene->positive);
    QStringList terms;
    for (size_t i = 0; i < std::min<size_t>(3, std::min(first.size(), second.size())); ++i)
        terms << QStringLiteral("%1 · %2").arg(factorText(double(first[i])), factorText(double(second[i])));
    const QString sum = tr("s = %1 + … = %2").arg(terms.join(QStringLiteral(" + ")), decimalText(m_scene->shown.front().similarity));
    area.setTop(area.top() + drawWrapped(canvas, area, sum, canvas.theme().text) + canvas.theme().spacing);
    drawRow(canvas, area, -1, {tr("compared with"), tr("s")}, canvas.theme().mutedText);
    for (const Compared &one : m_scene->shown)
        drawRow(canvas, area, one.row, {one.positive ? tr("its positive") : m_held.sampleName(m_held.pairOf(one.row)), decimalText(one.similarity)},
                one.positive ? kPull : QColor());
    if (m_scene->others > 0)
        drawRow(canvas, area, -1, {tr("and %1 other negatives, less similar").arg(m_scene->others)}, canvas.theme().mutedText);
}

void SlowMotionPanel::drawSoftmax(Canvas &canvas, QRectF area) const
{
    drawRow(canvas, area, -1, {tr("compared with"), tr("s"), tr("s / τ"), tr("e^(s / τ)"), tr("p")}, canvas.theme().mutedText);
    for (const Compared &one : m_scene->shown)
        drawRow(canvas, area, one.row,
                {one.positive ? tr("its positive") : m_held.sampleName(m_held.pairOf(one.row)), decimalText(one.similarity), decimalText(one.scaled, 2),
                 powerText(one.power), percentText(one.share)},
                one.positive ? kPull : QColor());
    if (m_scene->others > 0)
        drawRow(canvas, area, -1, {tr("%1 others together").arg(m_scene->others), {}, {}, powerText(m_scene->othersPower), percentText(m_scene->othersShare)});
    drawRow(canvas, area, -1, {tr("sum"), {}, {}, powerText(m_scene->total), percentText(1)}, canvas.theme().mutedText);
    const Compared &own = m_scene->shown.front();
    drawWrapped(
        canvas, area,
        tr("By hand: p = e^(%1 / %2) / %3 = %4 / %3 = %5")
            .arg(decimalText(own.similarity), numberText(m_scene->temperature), powerText(m_scene->total), powerText(own.power), decimalText(own.share)),
        canvas.theme().text);
}

void SlowMotionPanel::drawLoss(Canvas &canvas, QRectF area) const
{
    const Theme &theme = canvas.theme();
    const QString own = tr("−ln(%1) = %2").arg(decimalText(m_scene->share), decimalText(m_scene->loss));
    canvas.text({area.left(), area.top() + lineHeight(canvas, 2)}, own, theme.text, Align::left, 2);
    area.setTop(area.top() + 3.5 * lineHeight(canvas));
    if (m_scene->batchLoss)
        drawWrapped(
            canvas, area,
            tr("The loss of the step is the mean of this over all views of the batch that are compared: %1. A view that picked its partner by chance among %2 "
               "would have ln(%2) = %3.")
                .arg(decimalText(*m_scene->batchLoss))
                .arg(m_scene->others + int(m_scene->shown.size()))
                .arg(decimalText(std::log(double(m_scene->others) + double(m_scene->shown.size())))),
            theme.mutedText);
}

void SlowMotionPanel::drawGradient(Canvas &canvas, QRectF area) const
{
    const double tau = m_scene->temperature, pull = (1 - m_scene->share) / tau;
    drawRow(canvas, area, -1, {tr("compared with"), tr("p"), tr("dL / ds"), tr("share of the push")}, canvas.theme().mutedText);
    const double pushed = 1 - m_scene->share;
    for (const Compared &one : m_scene->shown) {
        const double slope = one.positive ? -pull : one.share / tau;
        drawRow(canvas, area, one.row,
                {one.positive ? tr("its positive: pulled") : tr("%1: pushed").arg(m_held.sampleName(m_held.pairOf(one.row))), percentText(one.share),
                 decimalText(slope, 2), one.positive || pushed <= 0 ? QString() : percentText(one.share / pushed)},
                one.positive ? kPull : kPush);
    }
    if (m_scene->others > 0)
        drawRow(canvas, area, -1,
                {tr("%1 others together").arg(m_scene->others), percentText(m_scene->othersShare), decimalText(m_scene->othersShare / tau, 2),
                 pushed > 0 ? percentText(m_scene->othersShare / pushed) : QString()},
                kPush);
    drawWrapped(canvas, area,
                tr("They sum to zero: what pulls the positive pushes the negatives. From here, backpropagation turns it into a change of every weight."),
                canvas.theme().mutedText);
}

void SlowMotionPanel::click(QPointF position)
{
    for (size_t i = 0; i < m_names.size(); ++i)
        if (m_names[i].contains(position))
            return show(int(i));
}

bool SlowMotionPanel::key(int key, Qt::KeyboardModifiers)
{
    switch (key) {
    case Qt::Key_Right: show(m_stage + 1); return true;
    case Qt::Key_Left: show(m_stage - 1); return true;
    case Qt::Key_Home: show(0); return true;
    case Qt::Key_End: show(kStages - 1); return true;
    case Qt::Key_Up: movePair(-1); return true;
    case Qt::Key_Down: movePair(1); return true;
    default: return false;
    }
}

QString SlowMotionPanel::description() const
{
    if (!m_scene)
        return message();
    QStringList sentences{tr("Stage %1 of %2, %3, of %4 at step %5.")
                              .arg(m_stage + 1)
                              .arg(kStages)
                              .arg(stageNames()[m_stage], name(m_scene->anchor))
                              .arg(m_held.snapshot()->step),
                          explanation()};
    for (const Compared &one : m_scene->shown)
        sentences << tr("%1: s %2, s / τ %3, p %4.")
                         .arg(one.positive ? tr("Its positive") : name(one.row), decimalText(one.similarity), decimalText(one.scaled, 2),
                              percentText(one.share));
    sentences << tr("Loss %1.").arg(decimalText(m_scene->loss));
    return sentences.join(u' ');
}

QString SlowMotionPanel::csv() const
{
    if (!m_scene)
        return {};
    QString text = QStringLiteral("row,positive,similarity,scaled,power,probability\n");
    for (const Compared &one : m_scene->shown)
        text += QStringLiteral("%1,%2,%3,%4,%5,%6\n")
                    .arg(one.row)
                    .arg(one.positive ? 1 : 0)
                    .arg(one.similarity, 0, 'g', 7)
                    .arg(one.scaled, 0, 'g', 7)
                    .arg(one.power, 0, 'g', 7)
                    .arg(one.share, 0, 'g', 7);
    text += QStringLiteral("others,0,,,%1,%2\n").arg(m_scene->othersPower, 0, 'g', 7).arg(m_scene->othersShare, 0, 'g', 7);
    return text;
}

Panel *makeSlowMotionPanel(const PanelContext &context)
{
    return new SlowMotionPanel(context);
}

} // namespace pretext
