// Histogram: how the cosines of positive pairs and of negatives are distributed, which negatives are hardest, and where on this axis the
// temperature puts the gradient.
#include "widgets/panels/tiledpanel.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/histogram.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"

#include <QCoreApplication>
#include <QObject>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr int kBins = 50, kHardest = 20;
const QColor kPositive(0x00, 0x9e, 0x73), kNegative(0x88, 0x88, 0x88), kShare(0xd5, 0x5e, 0x00);

struct HardNegative
{
    float cosine;
    Cell cell;
};

/// The highest cosines between views of different samples, each pair once.
std::vector<HardNegative> hardest(const Matrix &cosine, const BatchView &batch)
{
    std::vector<HardNegative> kept; // a heap with the lowest on top
    const auto higher = [](const HardNegative &a, const HardNegative &b) { return a.cosine > b.cosine; };
    const int pairs = batch.pairs(), rows = batch.rows();
    for (int row = 0; row < rows; ++row)
        for (int column = row + 1; column < rows; ++column) {
            const float value = cosine.at(row, column);
            if ((column - row) % pairs == 0 || std::isnan(value) || (kept.size() == kHardest && value <= kept.front().cosine))
                continue;
            kept.push_back({value, {row, column}});
            std::push_heap(kept.begin(), kept.end(), higher);
            if (kept.size() > kHardest) {
                std::pop_heap(kept.begin(), kept.end(), higher);
                kept.pop_back();
            }
        }
    std::sort_heap(kept.begin(), kept.end(), higher);
    return kept;
}

/// The classes of a cell's two samples; of samples without a class which they are.
QString pairName(const BatchView &batch, Cell cell)
{
    const int first = batch.pairOf(cell.row), second = batch.pairOf(cell.column);
    if (batch.label(first) < 0 || batch.label(second) < 0)
        return QObject::tr("samples %1 / %2").arg(batch.snapshot()->indices.at(first)).arg(batch.snapshot()->indices.at(second));
    return batch.labelName(first) + QStringLiteral(" / ") + batch.labelName(second);
}

std::vector<HistogramSeries> seriesOf(const Matrix &cosine, const BatchView &batch)
{
    const int pairs = batch.pairs(), rows = batch.rows();
    std::vector<float> positives, negatives;
    for (int row = 0; row < rows; ++row)
        for (int column = row + 1; column < rows; ++column)
            ((column - row) % pairs == 0 ? positives : negatives).push_back(cosine.at(row, column));
    std::vector<HistogramSeries> series = {binned(negatives, {}, -1, 1, kBins), binned(positives, {}, -1, 1, kBins)};
    series[0].name = QObject::tr("negatives");
    series[0].colour = kNegative;
    series[1].name = QObject::tr("positives");
    series[1].colour = kPositive;
    if (const Matrix *share = batch.ofPairs("similarity/gradient")) {
        const auto temperature = batch.snapshot()->real("temperature");
        series.push_back(binned(cosine.values, share->values, -1, 1, kBins));
        series[2].name = temperature ? QObject::tr("negatives' gradient at τ = %1").arg(numberText(*temperature)) : QObject::tr("negatives' gradient");
        series[2].colour = kShare;
        series[2].outline = true;
    }
    return series;
}

} // namespace

class HistogramPanel : public TiledPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::HistogramPanel)
public:
    explicit HistogramPanel(const PanelContext &context) : TiledPanel(context, tr("Histogram of similarities")) {}

    std::set<std::string> wantedChannels() const override { return {"similarity", "similarity/gradient", "views/pixels", "views/drawings", "tokens/rows"}; }
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    int tiles() const override { return int(m_hardest.size()); }
    int hoveredTile() const override { return entryOf(selection().hovered()); }
    int selectedTile() const override { return entryOf(selectedCell()); }
    void hoverTile(int tile) override { selection().hover(tile < 0 || tile >= tiles() ? Cell{} : m_hardest[size_t(tile)].cell); }
    void selectTile(int tile) override { selectCell(m_hardest.at(size_t(tile)).cell); }
    QString description() const override;

private:
    QString waiting() const { return waitingForPairs(run(), tr("the histogram of similarities")); }
    int entryOf(Cell cell) const;
    QString entryText(const HardNegative &negative) const;
    void drawHardest(Canvas &canvas, QRectF area);
    void drawEntry(Canvas &canvas, const QRectF &box, int entry) const;
    void drawSentenceEntry(Canvas &canvas, const QRectF &area, const HardNegative &negative) const;

    std::vector<HistogramSeries> m_series; // negatives, positives, and the gradient's share where the method tells it
    std::vector<HardNegative> m_hardest;
};

std::function<CanvasPanel::Adopt()> HistogramPanel::preparation(const BatchView &batch)
{
    return [this, batch] {
        const Matrix *cosine = batch.similarity();
        std::vector<HistogramSeries> series = cosine ? seriesOf(*cosine, batch) : std::vector<HistogramSeries>();
        std::vector<HardNegative> negatives = cosine ? hardest(*cosine, batch) : std::vector<HardNegative>();
        return Adopt([this, series, negatives] {
            m_series = series;
            m_hardest = negatives;
        });
    };
}

void HistogramPanel::draw(Canvas &canvas)
{
    if (m_series.empty()) {
        drawMessage(canvas, waiting());
        return;
    }
    const qreal gap = canvas.theme().spacing;
    QRectF plot = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap), list = plot;
    const qreal words = 11 * canvas.theme().fontSize;
    const bool beside = plot.width() > 1.2 * plot.height() && 0.34 * plot.width() > words;
    if (beside) {
        plot.setWidth(std::round(plot.width() * 0.66));
        list.setLeft(plot.right() + 2 * gap);
    } else if (plot.height() > 2 * words) {
        plot.setHeight(std::round(plot.height() * 0.6));
        list.setTop(plot.bottom() + gap);
    } else {
        list = {}; // no room for both
    }
    if (const QString why = batch().whyAlike(); !why.isEmpty()) {
        const qreal line = lineHeight(canvas, kSmall);
        const qreal used =
            drawWrapped(canvas, QRectF(plot.topLeft(), QSizeF(plot.width(), std::min(3 * line, plot.height() / 3))), why, canvas.theme().accent, kSmall);
        plot.setTop(plot.top() + used + gap);
    }
    drawHistogram(canvas, plot, -1, 1, tr("cosine of two views, step %1").arg(batch().snapshot()->step), m_series,
                  Panel::beside() ? tallest(static_cast<const HistogramPanel *>(Panel::beside())->m_series) : 0); // one axis for both
    if (!list.isEmpty())
        drawHardest(canvas, list);
}

void HistogramPanel::drawHardest(Canvas &canvas, QRectF area)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    canvas.text(QPointF(area.left(), area.top() + line / 2), elided(canvas, tr("Hardest negatives"), area.width()), theme.text);
    area.setTop(area.top() + line + theme.spacing);
    const int shown = m_hardest.empty() ? -1 : m_hardest.front().cell.row;
    const bool text = batch().bySentences();
    const QSizeF tile((text ? 20 : 12) * theme.fontSize, text ? 3 * line + 8 : viewSide(3 * theme.fontSize, batch(), shown, canvas.devicePixelRatio()) + 6);
    drawTiles(canvas, area, tile, [&](int entry, const QRectF &box) { drawEntry(canvas, box, entry); });
}

void HistogramPanel::drawEntry(Canvas &canvas, const QRectF &box, int entry) const
{
    const Theme &theme = canvas.theme();
    const HardNegative &negative = m_hardest[entry];
    if (batch().bySentences()) {
        drawSentenceEntry(canvas, box.adjusted(4, 2, -4, -2), negative);
        return;
    }
    QRectF image(box.left() + 2, box.top() + 2, box.height() - 4, box.height() - 4);
    drawView(canvas, image, batch(), negative.cell.row);
    image.translate(image.width() + 3, 0);
    drawView(canvas, image, batch(), negative.cell.column);
    const qreal left = image.right() + theme.spacing, width = box.right() - left;
    const QString names = pairName(batch(), negative.cell);
    canvas.text(QPointF(left, box.top() + box.height() * 0.3), elided(canvas, decimalText(negative.cosine), width, kSmall), theme.text, Align::left, kSmall);
    canvas.text(QPointF(left, box.top() + box.height() * 0.72), elided(canvas, names, width, kSmall), theme.mutedText, Align::left, kSmall);
}

/// The cosine and the two sentences, a line each.
void HistogramPanel::drawSentenceEntry(Canvas &canvas, const QRectF &area, const HardNegative &negative) const
{
    const Theme &theme = canvas.theme();
    const qreal line = area.height() / 3;
    QPointF at(area.left(), area.top() + line / 2);
    for (const auto &[text, colour] : {std::pair(decimalText(negative.cosine), theme.text),
                                       {batch().sentence(negative.cell.row), theme.mutedText},
                                       {batch().sentence(negative.cell.column), theme.mutedText}}) {
        canvas.text(at, elided(canvas, text, area.width(), kSmall), colour, Align::left, kSmall);
        at.ry() += line;
    }
}

int HistogramPanel::entryOf(Cell cell) const
{
    const auto it = std::find_if(m_hardest.begin(), m_hardest.end(), [cell](const HardNegative &n) { return n.cell == cell; });
    return it == m_hardest.end() ? -1 : int(it - m_hardest.begin());
}

QString HistogramPanel::entryText(const HardNegative &negative) const
{
    const auto named = [this](int row) {
        const QString sentence = batch().sentence(row);
        return batch().rowName(row) + (sentence.isEmpty() ? QString() : QStringLiteral(" (“%1”)").arg(sentence));
    };
    return tr("cosine %1 between %2 and %3").arg(decimalText(negative.cosine), named(negative.cell.row), named(negative.cell.column));
}

QString HistogramPanel::description() const
{
    if (m_series.empty())
        return waiting();
    QString text = tr("Mean cosine of positives %1, of negatives %2.").arg(decimalText(m_series[1].mean), decimalText(m_series[0].mean));
    const int entry = std::max(0, entryOf(selection().hovered()));
    if (entry < int(m_hardest.size()))
        text += u' ' + tr("Hardest negative %1: %2.").arg(entry + 1).arg(entryText(m_hardest[entry]));
    if (const QString why = batch().whyAlike(); !why.isEmpty())
        text += u' ' + why;
    return text;
}

QString HistogramPanel::csv() const
{
    if (m_series.empty())
        return {};
    QString text = QStringLiteral("cosine from,cosine to");
    for (const HistogramSeries &series : m_series)
        text += u',' + series.name;
    text += u'\n';
    for (int bin = 0; bin < kBins; ++bin) {
        text += QString::number(-1 + 2. * bin / kBins) + u',' + QString::number(-1 + 2. * (bin + 1) / kBins);
        for (const HistogramSeries &series : m_series)
            text += u',' + QString::number(series.shares[bin], 'g', 7);
        text += u'\n';
    }
    return text;
}

Panel *makeHistogramPanel(const PanelContext &context)
{
    return new HistogramPanel(context);
}

} // namespace pretext
