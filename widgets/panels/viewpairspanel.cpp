// View pairs: for each sample of the batch the original with the crop boxes of its views, the views themselves (of a sentence: its tokens),
// what was done to each in words, and the cosine of the pair. The selected pair stands large above the list of all.
#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/sentencepairs.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pretext {

namespace {

/// The colour of a view: of its frame and of its crop box on the original.
QColor viewColour(int view)
{
    return labelColour(view); // orange, sky blue
}

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

/// What the view shows, on the original at `place`. Rotation turns the view after its crop was stretched to the view's shape, so the outline
/// of a rotated view is a rotated box where the crop has that shape, and else a slanted one. `aspect`: width over height of the view.
void drawCrop(Canvas &canvas, const QRectF &place, const ViewRecord &record, qreal aspect, const QColor &colour)
{
    const QPointF centre(place.left() + place.width() * (record.crop.x + record.crop.width / 2),
                         place.top() + place.height() * (record.crop.y + record.crop.height / 2));
    const qreal halfWidth = place.width() * record.crop.width / 2 * (record.flipped ? -1 : 1), halfHeight = place.height() * record.crop.height / 2;
    const qreal angle = record.rotation * std::numbers::pi / 180, cosine = std::cos(angle), sine = std::sin(angle);
    QPointF corners[4];
    for (int i = 0; i < 4; ++i) {
        const qreal x = i == 0 || i == 3 ? -1 : 1, y = i < 2 ? -1 : 1;
        corners[i] = centre + QPointF(halfWidth * (x * cosine - y * sine / aspect), halfHeight * (x * sine * aspect + y * cosine));
    }
    for (const auto &[line, width] : {std::pair(QColor(0, 0, 0, 150), 4.), std::pair(colour, 2.)})
        for (int i = 0; i < 4; ++i)
            canvas.line(corners[i], corners[(i + 1) % 4], line, width);
}

} // namespace

class ViewPairsPanel : public CanvasPanel
{
public:
    explicit ViewPairsPanel(const PanelContext &context) : CanvasPanel(context, QStringLiteral("View pairs")) {}

    std::set<std::string> wantedChannels() const override { return {"views/originals", "views/pixels", "views/records", "tokens/rows", "embeddings"}; }
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override { hoverPair(m_grid.tileAt(position)); }
    void leave() override { selection().hover({}); }
    void click(QPointF position) override;
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

private:
    bool ready() const;
    QString waiting() const { return waitingForPairs(controller(), QStringLiteral("the augmented views")); }
    const ViewRecord *record(int row) const;
    QString deed(int row) const;     // what was done to the view, in words
    QString cosineText(int pair) const;
    int hoveredPair() const;
    int selectedPair() const;
    int largePair() const;
    void hoverPair(int pair) { selection().hover(pair < 0 ? Cell{} : Cell{pair, -1}); }
    void moveBy(int pairs);

    qreal drawImages(Canvas &canvas, const QRectF &area, int pair) const;
    void drawLarge(Canvas &canvas, const QRectF &area);
    void drawTile(Canvas &canvas, const QRectF &tile, qreal image, bool below, int pair) const;
    void drawImagePairs(Canvas &canvas);
    void drawSentencePairs(Canvas &canvas);
    void followSelection();

    ImageGrid m_grid;
    SentencePairs m_sentences; // of text
    std::vector<float> m_cosines; // of each pair; empty where there are no embeddings
    int m_shownSelection = -1;
};

std::function<CanvasPanel::Adopt()> ViewPairsPanel::preparation(const BatchView &batch)
{
    return [this, batch] {
        std::vector<float> cosines;
        const Matrix *embeddings = batch.snapshot() ? batch.snapshot()->channel<Matrix>("embeddings") : nullptr;
        const int64_t pairs = batch.pairs();
        const bool fits = embeddings && embeddings->rows == 2 * pairs && int64_t(embeddings->values.size()) == embeddings->rows * embeddings->columns;
        for (int64_t pair = 0; fits && pair < pairs; ++pair)
            cosines.push_back(cosineOf(*embeddings, pair, pair + pairs));
        return Adopt([this, cosines] { m_cosines = cosines; });
    };
}

bool ViewPairsPanel::ready() const
{
    return batch().pairs() > 0 && (!batch().view(0).image.isNull() || batch().tokens(2 * batch().pairs() - 1));
}

const ViewRecord *ViewPairsPanel::record(int row) const
{
    const auto *records = batch().snapshot()->channel<std::vector<ViewRecord>>("views/records");
    return records && row < int(records->size()) ? &(*records)[row] : nullptr;
}

QString ViewPairsPanel::deed(int row) const
{
    const ViewRecord *done = record(row);
    const QString words = done ? QString::fromStdString(done->describe()) : sentenceDeed(batch(), row);
    return QStringLiteral("View %1: %2").arg(batch().viewOf(row)).arg(words.isEmpty() ? QStringLiteral("not recorded") : words);
}

QString ViewPairsPanel::cosineText(int pair) const
{
    return QStringLiteral("cosine ") + (pair < int(m_cosines.size()) ? decimalText(m_cosines[pair]) : QStringLiteral("–"));
}

int ViewPairsPanel::hoveredPair() const
{
    const int row = selection().hovered().row;
    return row >= 0 && row < 2 * batch().pairs() ? batch().pairOf(row) : -1;
}

int ViewPairsPanel::selectedPair() const
{
    return selection().pair() < batch().pairs() ? selection().pair() : -1;
}

int ViewPairsPanel::largePair() const
{
    const int hovered = hoveredPair();
    return hovered >= 0 ? hovered : std::max(0, selectedPair());
}

void ViewPairsPanel::draw(Canvas &canvas)
{
    if (!ready()) {
        drawMessage(canvas, waiting());
        return;
    }
    batch().ofText() ? drawSentencePairs(canvas) : drawImagePairs(canvas);
}

void ViewPairsPanel::drawSentencePairs(Canvas &canvas)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, tile = m_sentences.tileHeight(canvas);
    QRectF list = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    if (const qreal large = 0.55 * list.height(); large > 2 * tile) {
        m_sentences.drawLarge(canvas, QRectF(list.topLeft(), QSizeF(list.width(), large)), batch(), largePair(), cosineText(largePair()));
        list.setTop(list.top() + large + gap);
        canvas.line(list.topLeft(), list.topRight(), theme.grid);
        list.setTop(list.top() + gap);
    }
    m_grid.place(list, batch().pairs(), 26 * theme.fontSize, tile + gap);
    followSelection();
    canvas.clip(list);
    for (int pair = m_grid.firstVisible(); pair < m_grid.endVisible(); ++pair) {
        const QRectF box = m_grid.tile(pair).adjusted(0, 0, -2, -2);
        if (pair == hoveredPair())
            canvas.fill(box, theme.grid);
        m_sentences.drawTile(canvas, box.adjusted(4, 2, -4, 0), batch(), pair, cosineText(pair));
        if (pair == selectedPair())
            canvas.rectangle(box, theme.selection, 2);
    }
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

void ViewPairsPanel::followSelection()
{
    if (const int selected = selectedPair(); selected != m_shownSelection) {
        m_shownSelection = selected;
        if (selected >= 0)
            m_grid.reveal(selected);
    }
}

void ViewPairsPanel::drawImagePairs(Canvas &canvas)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, words = 15 * theme.fontSize;
    const qreal image = sharpSide(4.2 * theme.fontSize, batch().view(0).image.size(), canvas.devicePixelRatio()) + 4;
    QRectF list = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    const qreal large = std::min(0.42 * list.height(), (list.width() - words) / 3);
    if (large > 1.3 * image) {
        drawLarge(canvas, QRectF(list.topLeft(), QSizeF(list.width(), large)));
        list.setTop(list.top() + large + gap);
        canvas.line(list.topLeft(), list.topRight(), theme.grid);
        list.setTop(list.top() + gap);
    }
    const bool below = list.width() < 3 * (image + gap) + words; // the words stand under the images
    const qreal wordsHeight = (below ? 3.2 : 5) * lineHeight(canvas, kSmall); // beside, each view's has two lines
    m_grid.place(list, batch().pairs(), 3 * (image + gap) + (below ? 2 * gap : words), below ? image + wordsHeight + gap : std::max(image, wordsHeight) + gap);
    followSelection();
    canvas.clip(list);
    for (int pair = m_grid.firstVisible(); pair < m_grid.endVisible(); ++pair)
        drawTile(canvas, m_grid.tile(pair), image, below, pair);
    m_grid.drawScrollBar(canvas);
    canvas.unclip();
}

/// The original with both crop boxes, then the views, as squares from the left. Returns the width used.
qreal ViewPairsPanel::drawImages(Canvas &canvas, const QRectF &area, int pair) const
{
    const qreal gap = canvas.theme().spacing;
    QRectF square(area.topLeft(), QSizeF(area.height(), area.height()));
    const QRectF original = drawSharp(canvas, square, batch().original(pair));
    const QSize size = batch().view(pair).image.size();
    const qreal aspect = size.isEmpty() ? 1 : qreal(size.width()) / size.height();
    for (int view = 0; view < 2; ++view) {
        const int row = pair + view * batch().pairs();
        if (const ViewRecord *done = original.isEmpty() ? nullptr : record(row))
            drawCrop(canvas, original, *done, aspect, viewColour(view));
        square.translate(area.height() + gap, 0);
        const QRectF place = drawSharp(canvas, square.adjusted(2, 2, -2, -2), batch().view(row));
        canvas.rectangle(place.adjusted(-2, -2, 2, 2), viewColour(view), 2);
    }
    return square.right() - area.left();
}

void ViewPairsPanel::drawLarge(Canvas &canvas, const QRectF &area)
{
    const Theme &theme = canvas.theme();
    const int pair = largePair();
    QRectF rest = area.adjusted(drawImages(canvas, area, pair) + 2 * theme.spacing, 0, 0, 0);
    const auto write = [&](const QString &text, const QColor &colour, qreal scale) {
        rest.setTop(rest.top() + drawWrapped(canvas, rest, text, colour, scale));
    };
    write(batch().sampleName(pair), theme.text, 1.1);
    write(QStringLiteral("The views' ") + cosineText(pair), theme.text, 1);
    write(deed(pair), theme.text, kSmall);
    write(deed(pair + batch().pairs()), theme.text, kSmall);
    write(batch().caption(pair), theme.mutedText, kSmall);
    write(QStringLiteral("Step %1. The boxes on the original are the views' crops.").arg(batch().snapshot()->step), theme.mutedText, kSmall);
}

/// Three images of the given side, and the words beside them, or shortened below.
void ViewPairsPanel::drawTile(Canvas &canvas, const QRectF &tile, qreal image, bool below, int pair) const
{
    const Theme &theme = canvas.theme();
    const QRectF box = tile.adjusted(0, 0, -2, -2);
    if (pair == hoveredPair())
        canvas.fill(box, theme.grid);
    QRectF rest = box.adjusted(2, 2, -2, 0);
    const qreal width = drawImages(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), image)), pair);
    if (below)
        rest.setTop(rest.top() + image);
    else
        rest.setLeft(rest.left() + width + 1.5 * theme.spacing);
    const QString texts[] = {cosineText(pair) + QStringLiteral(" · ") + batch().sampleName(pair), deed(pair), deed(pair + batch().pairs())};
    const qreal line = lineHeight(canvas, kSmall);
    for (int i = 0; i < 3; ++i) {
        const QRectF room(rest.left(), rest.top(), rest.width(), (below || i == 0 ? 1 : 2) * line);
        rest.setTop(rest.top() + drawWrapped(canvas, room, texts[i], i == 0 ? theme.text : theme.mutedText, kSmall));
    }
    if (pair == selectedPair())
        canvas.rectangle(box, theme.selection, 2);
}

void ViewPairsPanel::click(QPointF position)
{
    if (const int pair = m_grid.tileAt(position); ready() && pair >= 0)
        selection().selectPair(pair);
}

void ViewPairsPanel::drag(QPointF from, QPointF change)
{
    if (m_grid.area().contains(from))
        m_grid.scroll(-change.y());
}

void ViewPairsPanel::wheel(QPointF at, qreal steps)
{
    if (!batch().ofText() || !m_sentences.scroll(at, -steps * 30))
        m_grid.scroll(-steps * 60);
}

void ViewPairsPanel::moveBy(int pairs)
{
    const int now = hoveredPair() >= 0 ? hoveredPair() : selectedPair();
    const int next = std::clamp(now < 0 ? 0 : now + pairs, 0, batch().pairs() - 1);
    m_grid.reveal(next);
    hoverPair(next);
}

bool ViewPairsPanel::key(int key, Qt::KeyboardModifiers)
{
    if (!ready())
        return false;
    const int page = m_grid.rowsShown() * m_grid.columns();
    switch (key) {
    case Qt::Key_Left: moveBy(-1); return true;
    case Qt::Key_Right: moveBy(1); return true;
    case Qt::Key_Up: moveBy(-m_grid.columns()); return true;
    case Qt::Key_Down: moveBy(m_grid.columns()); return true;
    case Qt::Key_PageUp: moveBy(-page); return true;
    case Qt::Key_PageDown: moveBy(page); return true;
    case Qt::Key_Home: moveBy(-batch().pairs()); return true;
    case Qt::Key_End: moveBy(batch().pairs()); return true;
    case Qt::Key_Escape: selection().clear(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: selection().selectPair(largePair()); return true;
    default: return false;
    }
}

QString ViewPairsPanel::description() const
{
    if (!ready())
        return waiting();
    const int pair = largePair();
    QString text = QStringLiteral("Pair %1 of %2: %3. %4. %5. %6.").arg(pair + 1).arg(batch().pairs())
        .arg(batch().sampleName(pair), cosineText(pair), deed(pair), deed(pair + batch().pairs()));
    if (batch().ofText())
        text += QStringLiteral(" The sentence: %1. %2").arg(batch().sentence(pair), batch().whyAlike());
    return text.trimmed();
}

QString ViewPairsPanel::csv() const
{
    if (!ready())
        return {};
    const auto quoted = [](QString text) { return u'"' + text.replace(u'"', QStringLiteral("\"\"")) + u'"'; };
    QString text = QStringLiteral("pair,sample,label,cosine,view 1,view 2\n");
    for (int pair = 0; pair < batch().pairs(); ++pair) {
        const QString cosine = pair < int(m_cosines.size()) && !std::isnan(m_cosines[pair]) ? QString::number(m_cosines[pair], 'g', 7) : QString();
        text += QStringLiteral("%1,%2,%3,%4,%5,%6\n").arg(pair).arg(batch().snapshot()->indices[pair])
            .arg(quoted(batch().labelName(pair)), cosine, quoted(deed(pair)), quoted(deed(pair + batch().pairs())));
    }
    return text;
}

Panel *makeViewPairsPanel(const PanelContext &context)
{
    return new ViewPairsPanel(context);
}

} // namespace pretext
