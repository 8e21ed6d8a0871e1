// Histogram: how the cosines of positive pairs and of negatives are distributed, which negatives are hardest, and where on this axis the
// temperature puts the gradient.
#include "widgets/panels/canvaspanel.h"
#include "widgets/plots/histogram.h"
#include "widgets/plots/imagegrid.h"
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

class HistogramPanel : public CanvasPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::HistogramPanel)
public:
    explicit HistogramPanel(const PanelContext &context) : CanvasPanel(context, tr("Histogram of similarities")) {}

    std::set<std::string> wantedChannels() const override { return {"similarity", "similarity/gradient", "views/pixels", "tokens/rows"}; }
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override { hoverEntry(m_grid.tileAt(position)); }
    void leave() override { selection().hover({}); }
    void click(QPointF position) override { selectEntry(m_grid.tileAt(position)); }
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

private:
    QString waiting() const { return waitingForPairs(run(), tr("the histogram of similarities")); }
    int entryOf(Cell cell) const;
    void hoverEntry(int entry) { selection().hover(entry < 0 || entry >= int(m_hardest.size()) ? Cell{} : m_hardest[entry].cell); }
    void selectEntry(int entry);
    void moveBy(int entries);
    QString entryText(const HardNegative &negative) const;
    void drawHardest(Canvas &canvas, QRectF area);
    void drawEntry(Canvas &canvas, const QRectF &tile, int entry) const;
    void drawSentenceEntry(Canvas &canvas, const QRectF &area, const HardNegative &negative) const;

    std::vector<HistogramSeries> m_series; // negatives, positives, and the gradient's share where the method tells it
    std::vector<HardNegative> m_hardest;
    ImageGrid m_grid;
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
    drawHistogram(canvas, plot, -1, 1, tr("cosine of two views, step %1").arg(batch().snapshot()->step), m_series);
    if (!list.isEmpty())
        drawHardest(canvas, list);
}

void HistogramPanel::drawHardest(Canvas &canvas, QRectF area)
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    canvas.text(QPointF(area.left(), area.top() + line / 2), elided(canvas, tr("Hardest negatives"), area.width()), theme.text);
    area.setTop(area.top() + line + theme.spacing);
    const QSize image = m_hardest.empty() ? QSize() : batch().view(m_hardest.front().cell.row).image.size();
    const bool text = batch().bySentences();
    m_grid.place(area, int(m_hardest.size()), (text ? 20 : 12) * theme.fontSize,
                 text ? 3 * line + 8 : sharpSide(3 * theme.fontSize, image, canvas.devicePixelRatio()) + 6);
    canvas.clip(area);
    for (int entry = m_grid.firstVisible(); entry < m_grid.endVisible(); ++entry)
        drawEntry(canvas, m_grid.tile(entry), entry);
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

void HistogramPanel::drawEntry(Canvas &canvas, const QRectF &tile, int entry) const
{
    const Theme &theme = canvas.theme();
    const HardNegative &negative = m_hardest[entry];
    const QRectF box = tile.adjusted(0, 0, -2, -2);
    if (selection().hovered() == negative.cell)
        canvas.fill(box, theme.grid);
    if (batch().bySentences()) {
        drawSentenceEntry(canvas, box.adjusted(4, 2, -4, -2), negative);
        if (selectedCell() == negative.cell)
            canvas.rectangle(box, theme.selection, 2);
        return;
    }
    QRectF image(box.left() + 2, box.top() + 2, box.height() - 4, box.height() - 4);
    drawSharp(canvas, image, batch().view(negative.cell.row));
    image.translate(image.width() + 3, 0);
    drawSharp(canvas, image, batch().view(negative.cell.column));
    const qreal left = image.right() + theme.spacing, width = box.right() - left;
    const QString names = pairName(batch(), negative.cell);
    canvas.text(QPointF(left, box.top() + box.height() * 0.3), elided(canvas, decimalText(negative.cosine), width, kSmall), theme.text, Align::left, kSmall);
    canvas.text(QPointF(left, box.top() + box.height() * 0.72), elided(canvas, names, width, kSmall), theme.mutedText, Align::left, kSmall);
    if (selectedCell() == negative.cell)
        canvas.rectangle(box, theme.selection, 2);
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

void HistogramPanel::selectEntry(int entry)
{
    if (entry >= 0 && entry < int(m_hardest.size()))
        selectCell(m_hardest[entry].cell);
}

void HistogramPanel::drag(QPointF from, QPointF change)
{
    if (m_grid.area().contains(from))
        m_grid.scroll(-change.y());
}

void HistogramPanel::wheel(QPointF, qreal steps)
{
    m_grid.scroll(-steps * 40);
}

void HistogramPanel::moveBy(int entries)
{
    const int hovered = entryOf(selection().hovered());
    const int from = hovered >= 0 ? hovered : entryOf(selectedCell());
    const int next = std::clamp(from < 0 ? 0 : from + entries, 0, int(m_hardest.size()) - 1);
    m_grid.reveal(next);
    hoverEntry(next);
}

bool HistogramPanel::key(int key, Qt::KeyboardModifiers)
{
    if (m_hardest.empty())
        return false;
    switch (key) {
    case Qt::Key_Left: moveBy(-1); return true;
    case Qt::Key_Right: moveBy(1); return true;
    case Qt::Key_Up: moveBy(-m_grid.columns()); return true;
    case Qt::Key_Down: moveBy(m_grid.columns()); return true;
    case Qt::Key_Home: moveBy(-kHardest); return true;
    case Qt::Key_End: moveBy(kHardest); return true;
    case Qt::Key_Escape: selection().clear(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: selectEntry(std::max(0, entryOf(selection().hovered()))); return true;
    default: return false;
    }
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
