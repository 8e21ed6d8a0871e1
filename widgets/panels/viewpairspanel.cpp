// View pairs: for each sample of the batch the original with the crop boxes of its views, the views themselves, as many as the method makes (of
// a sentence: its tokens), what was done to each in words, and the cosine of the pair, or the mean of all pairs of its views. The selected pair stands large above the list of all.
#include "widgets/panels/imagepairs.h"
#include "widgets/panels/sentencepairs.h"
#include "widgets/panels/tiledpanel.h"
#include "widgets/panels/viewdrawing.h"
#include "widgets/plots/textlayout.h"
#include "widgets/said.h"
#include "widgets/selection.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

float cosineOf(const Matrix &rows, int64_t a, int64_t b)
{
    double dot = 0, squareA = 0, squareB = 0;
    for (int64_t i = 0; i < rows.columns; ++i) {
        dot += double(rows.at(a, i)) * rows.at(b, i);
        squareA += double(rows.at(a, i)) * rows.at(a, i);
        squareB += double(rows.at(b, i)) * rows.at(b, i);
    }
    return float(dot / std::sqrt(squareA * squareB)); // NaN stays NaN, and shows as a dash
}

/// Of all pairs of views of a sample.
float meanCosine(const Matrix &rows, int pair, const BatchView &batch)
{
    float sum = 0;
    int count = 0;
    for (int a = 0; a < batch.views(); ++a)
        for (int b = a + 1; b < batch.views(); ++b, ++count)
            sum += cosineOf(rows, batch.rowOf(pair, a), batch.rowOf(pair, b));
    return sum / float(count);
}

} // namespace

class ViewPairsPanel : public TiledPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::ViewPairsPanel)
public:
    explicit ViewPairsPanel(const PanelContext &context) : TiledPanel(context, tr("View pairs")) {}

    std::set<std::string> wantedChannels() const override
    {
        return {"views/originals", "views/pixels", "views/records", "views/drawings", "tokens/rows", "embeddings"};
    }
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    void wheel(QPointF at, qreal steps) override;
    int tiles() const override { return ready() ? batch().pairs() : 0; }
    QString description() const override;

private:
    bool ready() const;
    QString waiting() const;
    QString cosineText(int pair) const;
    void drawImagePairs(Canvas &canvas);
    void drawSentencePairs(Canvas &canvas);

    SentencePairs m_sentences;    // of text
    std::vector<float> m_cosines; // of each pair; empty where there are no embeddings
};

std::function<CanvasPanel::Adopt()> ViewPairsPanel::preparation(const BatchView &batch)
{
    return [this, batch] {
        std::vector<float> cosines;
        const Matrix *embeddings = batch.snapshot() ? batch.snapshot()->channel<Matrix>("embeddings") : nullptr;
        const int64_t pairs = batch.pairs();
        const bool fits =
            embeddings && batch.views() > 1 && embeddings->rows == batch.rows() && int64_t(embeddings->values.size()) == embeddings->rows * embeddings->columns;
        for (int64_t pair = 0; fits && pair < pairs; ++pair)
            cosines.push_back(meanCosine(*embeddings, int(pair), batch));
        return Adopt([this, cosines] { m_cosines = cosines; });
    };
}

bool ViewPairsPanel::ready() const
{
    if (batch().bySentences())
        return batch().views() > 1 && batch().pairs() > 0 && batch().tokens(batch().rows() - 1);
    return batch().showsViews();
}

/// Of data that offer neither pictures nor sentences none will come.
QString ViewPairsPanel::waiting() const
{
    const Snapshot *snapshot = batch().snapshot();
    if (snapshot && !snapshot->offered.empty() && !snapshot->offered.contains("views/pixels") && !snapshot->offered.contains("views/drawings")
        && !snapshot->offered.contains("tokens/rows"))
        return tr("This panel shows pictures, drawings and sentences, and the views of %1 are none of these.").arg(translated(toText(snapshot->modality)));
    return waitingForPairs(run(), tr("the augmented views"));
}

QString ViewPairsPanel::cosineText(int pair) const
{
    const Snapshot *snapshot = batch().snapshot();
    if (batch().views() < 2 || (m_cosines.empty() && snapshot && !snapshot->offered.empty() && !snapshot->offered.contains("similarity")))
        return {}; // the method compares no two views
    return (batch().views() > 2 ? tr("mean cosine %1") : tr("cosine %1"))
        .arg(pair < int(m_cosines.size()) ? decimalText(m_cosines[pair]) : QStringLiteral("–"));
}

void ViewPairsPanel::draw(Canvas &canvas)
{
    if (!ready()) {
        drawMessage(canvas, waiting());
        return;
    }
    batch().bySentences() ? drawSentencePairs(canvas) : drawImagePairs(canvas);
}

void ViewPairsPanel::drawSentencePairs(Canvas &canvas)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, tile = m_sentences.tileHeight(canvas);
    QRectF list = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawAbsence(canvas, list);
    if (const qreal large = 0.55 * list.height(); large > 2 * tile) {
        m_sentences.drawLarge(canvas, QRectF(list.topLeft(), QSizeF(list.width(), large)), batch(), shownTile(), cosineText(shownTile()));
        list.setTop(list.top() + large + gap);
        canvas.line(list.topLeft(), list.topRight(), theme.grid);
        list.setTop(list.top() + gap);
    }
    drawTiles(canvas, list, {26 * theme.fontSize, tile + gap},
              [&](int pair, const QRectF &box) { m_sentences.drawTile(canvas, box.adjusted(4, 2, -4, 0), batch(), pair, cosineText(pair)); });
}

void ViewPairsPanel::drawImagePairs(Canvas &canvas)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, words = 15 * theme.fontSize;
    QRectF list = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawAbsence(canvas, list);
    const int images = batch().views() + (batch().original(0).image.isNull() ? 0 : 1);
    const int frames = batch().frames();
    const qreal side = std::min(4.2 * theme.fontSize, (list.width() / images - gap - 6) / frames);
    qreal image = viewSide(side, batch(), 0, canvas.devicePixelRatio()) + 4;
    if (frames > 1 && image > side) // rounded up to whole pixels, so many in a row would be cut off
        image = viewSide(side / 1.5, batch(), 0, canvas.devicePixelRatio());
    const qreal across = images * (frames * image + gap);
    const PictureGrid grid = largestGrid(batch(), {list.width() - words, (frames > 1 ? 0.5 : 0.42) * list.height()}, gap);
    if (grid.side > 1.3 * image) {
        const qreal large = (images + grid.columns - 1) / grid.columns * (grid.side + gap) - gap;
        drawLargePair(canvas, QRectF(list.topLeft(), QSizeF(list.width(), large)), grid, batch(), shownTile(), cosineText(shownTile()));
        list.setTop(list.top() + large + gap);
        canvas.line(list.topLeft(), list.topRight(), theme.grid);
        list.setTop(list.top() + gap);
    }
    const bool below = list.width() < across + words; // the words stand under the images
    const qreal wordsHeight = (below ? pairTileLines(batch(), 1) + 0.2 : pairTileLines(batch(), 2)) * lineHeight(canvas, kSmall);
    const QSizeF tile(across + (below ? 2 * gap : words), below ? image + wordsHeight + gap : std::max(image, wordsHeight) + gap);
    drawTiles(canvas, list, tile,
              [&](int pair, const QRectF &box) { drawPairTile(canvas, box.adjusted(2, 2, -2, 0), batch(), pair, cosineText(pair), image, below); });
}

void ViewPairsPanel::wheel(QPointF at, qreal steps)
{
    if (!batch().bySentences() || !m_sentences.scroll(at, -steps * 30))
        TiledPanel::wheel(at, steps);
}

QString ViewPairsPanel::description() const
{
    if (!ready())
        return waiting();
    const int pair = shownTile();
    QStringList parts{batch().sampleName(pair), cosineText(pair)};
    for (int view = 0; view < batch().views(); ++view)
        parts << deedOf(batch(), batch().rowOf(pair, view));
    parts.removeAll(QString());
    QString text = tr("Pair %1 of %2: %3.").arg(pair + 1).arg(batch().pairs()).arg(parts.join(QStringLiteral(". ")));
    if (const QString absent = absence(); !absent.isEmpty())
        text += u' ' + absent;
    if (batch().bySentences())
        text += u' ' + tr("The sentence: %1. %2").arg(batch().sentence(pair), batch().whyAlike());
    return text.trimmed();
}

QString ViewPairsPanel::csv() const
{
    if (!ready())
        return {};
    const auto quoted = [](QString text) { return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"'; };
    QString text = QStringLiteral("pair,sample,label,cosine");
    for (int view = 1; view <= batch().views(); ++view)
        text += QStringLiteral(",view %1").arg(view);
    text += u'\n';
    for (int pair = 0; pair < batch().pairs(); ++pair) {
        const QString cosine = pair < int(m_cosines.size()) && !std::isnan(m_cosines[pair]) ? QString::number(m_cosines[pair], 'g', 7) : QString();
        text += QStringLiteral("%1,%2,%3,%4").arg(pair).arg(batch().snapshot()->indices[pair]).arg(quoted(batch().labelName(pair)), cosine);
        for (int view = 0; view < batch().views(); ++view)
            text += u',' + quoted(deedOf(batch(), batch().rowOf(pair, view)));
        text += u'\n';
    }
    return text;
}

Panel *makeViewPairsPanel(const PanelContext &context)
{
    return new ViewPairsPanel(context);
}

} // namespace pretext
