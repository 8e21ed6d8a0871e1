// One step of a method that predicts tokens, in stages from the sentence to the gradient.
#include "widgets/panels/slowmotionstory.h"
#include "widgets/panels/tokencells.h"
#include "widgets/plots/barplot.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/textlayout.h"
#include "widgets/plots/tokenstrip.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <functional>

namespace pretext {

namespace {

const QColor kRaised(0x00, 0x9e, 0x73), kLowered(0xd5, 0x5e, 0x00);

class PredictionStory
{
    Q_DECLARE_TR_FUNCTIONS(pretext::PredictionStory)
public:
    PredictionStory(const BatchView &batch, int row, const TokenRowView &tokens, const TokenPrediction &prediction, const TokenChannels &channels)
        : m_batch(batch)
        , m_row(row)
        , m_tokens(tokens)
        , m_prediction(prediction)
    {
        if (const auto *attention = batch.snapshot()->channel<AttentionView>(channels.attention))
            m_attention = *attention;
        if (const auto *embedded = batch.snapshot()->channel<EmbeddedTokens>(channels.embedded))
            m_embedded = *embedded;
    }
    static Story told(const std::shared_ptr<const PredictionStory> &story);
    static QString lengthName() { return tr("length"); }

private:
    void drawSentence(Canvas &canvas, const QRectF &area) const;
    void drawGiven(Canvas &canvas, const QRectF &area) const;
    void drawEmbedded(Canvas &canvas, QRectF area) const;
    void drawAttention(Canvas &canvas, const QRectF &area) const;
    void drawCandidates(Canvas &canvas, QRectF area, bool gradient) const;
    void drawLoss(Canvas &canvas, QRectF area) const;
    std::vector<double> attended() const;
    bool isEmbedded() const;
    QString piece() const;
    QString truth() const { return m_prediction.truth.empty() ? tr("not known") : bareWord(m_prediction.truth); }
    QStringList numbers() const;
    QString csv() const;

    BatchView m_batch;
    int m_row;
    TokenRowView m_tokens;
    TokenPrediction m_prediction;
    AttentionView m_attention;
    EmbeddedTokens m_embedded;
};

void drawTokens(Canvas &canvas, const QRectF &area, const QStringList &lanes, std::vector<std::vector<StripCell>> columns, int selected)
{
    TokenStrip strip;
    strip.setContent(lanes, std::move(columns));
    strip.place(canvas, area);
    strip.draw(canvas, -1, selected);
}

void PredictionStory::drawSentence(Canvas &canvas, const QRectF &area) const
{
    drawWrapped(canvas, area, QString::fromStdString(m_tokens.text), canvas.theme().text, 1.2);
}

void PredictionStory::drawGiven(Canvas &canvas, const QRectF &area) const
{
    std::vector<std::vector<StripCell>> columns;
    for (const TokenBox &box : m_tokens.given)
        columns.push_back({cellOf(box)});
    if (m_tokens.decoder.empty())
        return drawTokens(canvas, area, {QString()}, std::move(columns), m_prediction.position);
    const QRectF upper(area.topLeft(), QSizeF(area.width(), area.height() / 2));
    drawTokens(canvas, upper, {tr("encoder")}, std::move(columns), -1);
    columns.clear();
    for (const std::string &one : m_tokens.decoder)
        columns.push_back({cellOf(one)});
    drawTokens(canvas, upper.translated(0, upper.height()), {tr("decoder")}, std::move(columns), m_prediction.position);
}

/// The piece that stands at the framed place.
QString PredictionStory::piece() const
{
    const size_t position = size_t(m_prediction.position);
    if (!m_tokens.decoder.empty())
        return position < m_tokens.decoder.size() ? bareWord(m_tokens.decoder[position]) : QString();
    return position < m_tokens.given.size() ? bareWord(m_tokens.given[position].piece) : QString();
}

bool PredictionStory::isEmbedded() const
{
    const size_t end = (size_t(std::max(0, m_prediction.position)) + 1) * size_t(std::max(0, m_embedded.width));
    const auto whole = [end](const std::vector<float> &part) { return part.size() >= end; };
    return end > 0 && m_prediction.position >= 0 && whole(m_embedded.token) && whole(m_embedded.position) && whole(m_embedded.given)
           && (m_embedded.type.empty() || whole(m_embedded.type));
}

struct EmbeddedLine
{
    QString name;
    std::vector<double> values; // D
};

/// The first numbers of each vector, and its length.
void drawVectors(Canvas &canvas, QRectF area, const std::vector<EmbeddedLine> &lines)
{
    const Theme &theme = canvas.theme();
    const qreal line = 1.6 * lineHeight(canvas);
    qreal names = 0;
    for (const EmbeddedLine &one : lines)
        names = std::max(names, canvas.textWidth(one.name));
    names = std::min(names + theme.spacing, 0.45 * area.width());
    const qreal number = std::min(5 * theme.fontSize, (area.width() - names) / 3);
    const int shown = std::clamp(int((area.width() - names - 2 * number) / number), 1, 8);
    const qreal right = area.left() + names + (shown + 2) * number;
    for (int d = 0; d < shown; ++d)
        canvas.text({area.left() + names + (d + 1) * number, area.top() + line / 2}, QString::number(d + 1), theme.mutedText, Align::right, kSmall);
    canvas.text({right, area.top() + line / 2}, PredictionStory::lengthName(), theme.mutedText, Align::right, kSmall);
    for (const EmbeddedLine &one : lines) {
        area.setTop(area.top() + line);
        const qreal middle = area.top() + line / 2;
        canvas.text({area.left(), middle}, elided(canvas, one.name, names - theme.spacing), theme.text);
        double square = 0;
        for (const double value : one.values)
            square += value * value;
        for (int d = 0; d < std::min(shown, int(one.values.size())); ++d)
            canvas.text({area.left() + names + (d + 1) * number, middle}, decimalText(one.values[size_t(d)]), theme.text, Align::right);
        if (int(one.values.size()) > shown)
            canvas.text({area.left() + names + (shown + 0.6) * number, middle}, QStringLiteral("…"), theme.mutedText, Align::centre);
        canvas.text({right, middle}, decimalText(std::sqrt(square)), theme.text, Align::right);
    }
}

/// The vectors of the framed token that are added up, as columns of numbers.
void PredictionStory::drawEmbedded(Canvas &canvas, QRectF area) const
{
    if (!isEmbedded()) {
        drawWrapped(canvas, area, tr("The vectors of this sentence come with the next step that is shown."), canvas.theme().mutedText);
        return;
    }
    const auto part = [this](const std::vector<float> &of) {
        const auto begin = of.begin() + std::ptrdiff_t(m_prediction.position) * m_embedded.width;
        return std::vector<double>(begin, begin + m_embedded.width);
    };
    std::vector<EmbeddedLine> lines{{tr("token “%1”").arg(piece()), part(m_embedded.token)},
                                    {tr("+ position %1").arg(m_prediction.position), part(m_embedded.position)}};
    if (!m_embedded.type.empty())
        lines.push_back({tr("+ first segment"), part(m_embedded.type)});
    std::vector<double> sum(size_t(m_embedded.width), 0.);
    for (const EmbeddedLine &line : lines)
        std::ranges::transform(sum, line.values, sum.begin(), std::plus<>());
    const std::vector<double> given = part(m_embedded.given);
    const bool normalised = !std::ranges::equal(sum, given, [](double a, double b) { return std::abs(a - b) < 1e-4; });
    lines.push_back({tr("= sum"), sum});
    if (normalised)
        lines.push_back({tr("normalised"), given});
    drawVectors(canvas, area, lines);
    area.setTop(area.top() + 1.6 * lineHeight(canvas) * double(lines.size() + 1.5));
    drawWrapped(canvas, area,
                normalised
                    ? tr("Layer norm takes the mean away, divides by the standard deviation, and scales and shifts each of the %1 features by what it has "
                         "learned. The first block is given the outcome.")
                          .arg(m_embedded.width)
                    : tr("Each vector has %1 features. The first block is given the sum.").arg(m_embedded.width),
                canvas.theme().mutedText);
}

/// To each token from the one that is predicted: the mean of the last layer's heads. Of a decoder to the encoder's tokens. Empty where it is not known.
std::vector<double> PredictionStory::attended() const
{
    const size_t rows = m_attention.pieces.size(), length = m_attention.keys().size(), heads = size_t(std::max(0, m_attention.heads));
    const bool whole = m_attention.layers > 0 && m_attention.weights.size() == size_t(m_attention.layers) * heads * rows * length;
    if (heads == 0 || !whole || m_prediction.position < 0 || size_t(m_prediction.position) >= rows)
        return {};
    std::vector<double> mean(length, 0.);
    for (size_t head = 0; head < heads; ++head)
        for (size_t to = 0; to < length; ++to)
            mean[to] += double(m_attention.weights[((size_t(m_attention.layers - 1) * heads + head) * rows + size_t(m_prediction.position)) * length + to])
                        / double(heads);
    return mean;
}

void PredictionStory::drawAttention(Canvas &canvas, const QRectF &area) const
{
    const std::vector<double> weights = attended();
    if (weights.empty()) {
        drawWrapped(canvas, area, tr("The attention of this sentence comes with the next step that is shown."), canvas.theme().mutedText);
        return;
    }
    const double most = *std::ranges::max_element(weights);
    const ColourScale scale{ColourMap::sequential, 0, std::max(most, 1e-6), true};
    std::vector<std::vector<StripCell>> columns;
    for (size_t i = 0; i < weights.size(); ++i) {
        StripCell cell = cellOf(m_attention.keys()[i]);
        cell.tint = QColor::fromRgb(scale.colour(weights[i]));
        StripCell number;
        number.text = percentText(weights[i]);
        columns.push_back({cell, number});
    }
    drawTokens(canvas, area, {tr("token"), tr("weight")}, std::move(columns), m_attention.others.empty() ? m_prediction.position : -1);
}

/// What is foretold, likeliest first; the truth where it is not among them, too.
void PredictionStory::drawCandidates(Canvas &canvas, QRectF area, bool gradient) const
{
    const Theme &theme = canvas.theme();
    std::vector<Candidate> all = m_prediction.candidates;
    const auto isTruth = [&](const Candidate &candidate) { return candidate.piece == m_prediction.truth; };
    if (!m_prediction.truth.empty() && std::ranges::none_of(all, isTruth))
        all.push_back({m_prediction.truth, m_prediction.probability});
    const qreal line = 1.6 * lineHeight(canvas), name = 0.3 * area.width(), number = 6 * theme.fontSize;
    double shown = 0;
    for (const Candidate &candidate : all) {
        const double slope = double(candidate.probability) - (isTruth(candidate) ? 1 : 0);
        const QColor colour = isTruth(candidate) ? kRaised : gradient ? kLowered : theme.text;
        canvas.text({area.left(), area.top() + line / 2}, elided(canvas, shownPiece(candidate.piece), name - theme.spacing), colour);
        drawShare(canvas, QRectF(area.left() + name, area.top() + 0.3 * line, area.width() - name - 2 * number, 0.4 * line), double(candidate.probability),
                  colour);
        canvas.text({area.right() - number, area.top() + line / 2}, percentText(double(candidate.probability)), theme.text, Align::right);
        if (gradient)
            canvas.text({area.right(), area.top() + line / 2}, decimalText(slope), colour, Align::right);
        area.setTop(area.top() + line);
        shown += double(candidate.probability);
    }
    drawWrapped(canvas, area, tr("All other tokens of the vocabulary together: %1").arg(percentText(std::max(0., 1 - shown))), theme.mutedText);
}

void PredictionStory::drawLoss(Canvas &canvas, QRectF area) const
{
    const Theme &theme = canvas.theme();
    const QString own = tr("−ln(%1) = %2").arg(numberText(double(m_prediction.probability)), decimalText(double(m_prediction.loss)));
    canvas.text({area.left(), area.top() + lineHeight(canvas, 2)}, own, theme.text, Align::left, 2);
    area.setTop(area.top() + 3.5 * lineHeight(canvas));
    const auto loss = m_batch.snapshot()->scalars.find("loss/total");
    if (loss != m_batch.snapshot()->scalars.end())
        drawWrapped(canvas, area, tr("The loss of the step is the mean of this over all tokens that are predicted: %1.").arg(decimalText(loss->second)),
                    theme.mutedText);
}

QStringList PredictionStory::numbers() const
{
    QStringList sentences;
    for (const Candidate &candidate : m_prediction.candidates)
        sentences << tr("%1: p %2.").arg(shownPiece(candidate.piece), percentText(double(candidate.probability)));
    return sentences << tr("The truth, %1: p %2, loss %3.").arg(truth(), percentText(double(m_prediction.probability)), decimalText(double(m_prediction.loss)));
}

QString PredictionStory::csv() const
{
    QString text = QStringLiteral("token,truth,probability\n");
    const auto add = [&](const std::string &piece, bool right, float probability) {
        QString quoted = QString::fromStdString(piece);
        text += QStringLiteral("\"%1\",%2,%3\n").arg(quoted.replace(u'"', QStringLiteral("\"\""))).arg(right ? 1 : 0).arg(double(probability), 0, 'g', 7);
    };
    bool has = false;
    for (const Candidate &candidate : m_prediction.candidates) {
        add(candidate.piece, candidate.piece == m_prediction.truth, candidate.probability);
        has = has || candidate.piece == m_prediction.truth;
    }
    if (!has)
        add(m_prediction.truth, true, m_prediction.probability);
    return text;
}

Story PredictionStory::told(const std::shared_ptr<const PredictionStory> &story)
{
    Story told{tr("the token %1 of sample %2").arg(story->m_prediction.position + 1).arg(story->m_tokens.sample), {}, story->numbers(), story->csv()};
    told.stages.push_back({tr("sentence"), tr("A text is drawn from the training data and cut into tokens."),
                           [story](Canvas &canvas, const QRectF &area) { story->drawSentence(canvas, area); }});
    told.stages.push_back({tr("given"),
                           tr("What the model is given of it. The token that is followed here is framed: what stands or comes there is to be foretold."),
                           [story](Canvas &canvas, const QRectF &area) { story->drawGiven(canvas, area); }});
    told.stages.push_back(
        {tr("embed"),
         tr("The framed token becomes a vector: a row of the table of tokens and one of the table of positions are added up. These numbers are "
            "learned, too."),
         [story](Canvas &canvas, const QRectF &area) { story->drawEmbedded(canvas, area); }});
    told.stages.push_back(
        {tr("attend"),
         story->m_tokens.decoder.empty()
             ? tr("From which tokens the framed place takes up what it knows: attention of the last layer, the mean of its heads, 100 % in all.")
             : tr("From which of the encoder's tokens the framed place takes up what it knows: cross attention of the decoder's last layer, the mean "
                  "of its heads, 100 % in all."),
         [story](Canvas &canvas, const QRectF &area) { story->drawAttention(canvas, area); }});
    told.stages.push_back(
        {tr("predict"),
         tr("A softmax over the whole vocabulary: how likely the model finds each token at this place. The truth, %1, is green.").arg(story->truth()),
         [story](Canvas &canvas, const QRectF &area) { story->drawCandidates(canvas, area, false); }});
    told.stages.push_back({tr("loss"), tr("The loss at this place is −ln of the probability of the truth."),
                           [story](Canvas &canvas, const QRectF &area) { story->drawLoss(canvas, area); }});
    told.stages.push_back(
        {tr("gradient"),
         tr("The derivative of the loss by the score of each token is p, and p − 1 for the truth: training raises the score of the truth and lowers the "
            "others, the likeliest the most."),
         [story](Canvas &canvas, const QRectF &area) { story->drawCandidates(canvas, area, true); }});
    return told;
}

/// Of the sample's row, or the first that something is predicted of.
int predictedRow(const TokenRowViews &rows, const TokenPredictions &predictions, const Chosen &chosen)
{
    const auto has = [&](int row) {
        return std::ranges::any_of(predictions, [row](const TokenPrediction &one) { return one.row == row && !one.truth.empty(); });
    };
    for (int row = 0; row < int(rows.size()); ++row)
        if (chosen.sample && chosen.sample.split == Split::train && rows[size_t(row)].sample == chosen.sample.index && has(row))
            return row;
    for (int row = 0; row < int(rows.size()); ++row)
        if (has(row))
            return row;
    return -1;
}

} // namespace

TokenChannels tokenChannels(const BatchView &batch, const Chosen &chosen)
{
    const auto *rows = batch.snapshot() ? batch.snapshot()->channel<TokenRowViews>("tokens/rows") : nullptr;
    const auto *predictions = batch.snapshot() ? batch.snapshot()->channel<TokenPredictions>("tokens/predictions") : nullptr;
    const int row = rows && predictions ? predictedRow(*rows, *predictions, chosen) : -1;
    const std::string suffix = row > 0 ? "/" + std::to_string(row) : std::string();
    const bool decodes = row >= 0 && !(*rows)[size_t(row)].decoder.empty();
    return {(decodes ? "tokens/cross-attention" : "tokens/attention") + suffix, "tokens/embedded" + suffix};
}

std::optional<Story> predictionStory(const BatchView &batch, const Chosen &chosen, int number)
{
    const auto *rows = batch.snapshot() ? batch.snapshot()->channel<TokenRowViews>("tokens/rows") : nullptr;
    const auto *predictions = batch.snapshot() ? batch.snapshot()->channel<TokenPredictions>("tokens/predictions") : nullptr;
    const int row = rows && predictions ? predictedRow(*rows, *predictions, chosen) : -1;
    if (row < 0)
        return {};
    std::vector<const TokenPrediction *> own;
    for (const TokenPrediction &one : *predictions)
        if (one.row == row && !one.truth.empty())
            own.push_back(&one);
    const int count = int(own.size()), at = ((number % count) + count) % count;
    return PredictionStory::told(std::make_shared<const PredictionStory>(batch, row, (*rows)[size_t(row)], *own[size_t(at)], tokenChannels(batch, chosen)));
}

} // namespace pretext
