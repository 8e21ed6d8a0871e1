// Reconstruction: for each image of the batch the view that was given, what the encoder saw of it, what the decoder painted, and where it erred.
// The selected one stands large above the list of all.
#include "widgets/panels/tiledpanel.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"
#include "widgets/selection.h"
#include "widgets/run.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pretext {

namespace {

constexpr QRgb kHiddenPatch = 0xff7f7f7f;

/// One image's row.
struct Reconstruction
{
    CanvasImage given, seen, painted, error;
    float loss = NAN; // mean error of the hidden patches, or of all pixels
    int hidden = 0;   // patches
};

/// Patches of the errors [T] on an image; none where they do not fit it.
QSize patchSize(const QSize &image, int64_t patches)
{
    for (int size = 1; size <= std::min(image.width(), image.height()); ++size)
        if (image.width() % size == 0 && image.height() % size == 0 && int64_t(image.width() / size) * (image.height() / size) == patches)
            return {size, size};
    return {};
}

template<class Hidden>
void eachHidden(const float *errors, const QSize &image, const QSize &patch, Hidden hidden)
{
    const int columns = image.width() / patch.width(), rows = image.height() / patch.height();
    for (int place = 0; place < rows * columns; ++place)
        if (!std::isnan(errors[place]))
            hidden(QRect(QPoint(place % columns * patch.width(), place / columns * patch.height()), patch), errors[place]);
}

void paintRect(QImage &image, const QRect &rect, QRgb colour)
{
    for (int y = rect.top(); y <= rect.bottom(); ++y)
        for (int x = rect.left(); x <= rect.right(); ++x)
            image.setPixel(x, y, colour);
}

/// What normalised pixels are shown by, of each channel.
struct Normalisation
{
    std::vector<float> mean, deviation;
};

Normalisation normalisationOf(const Dataset *data, size_t channels)
{
    if (data && data->info().mean.size() == channels && data->info().deviation.size() == channels)
        return {data->info().mean, data->info().deviation};
    return {std::vector<float>(channels, 0.f), std::vector<float>(channels, 1.f)};
}

QImage pictureOf(const float *pixels, const QSize &size, const Normalisation &by)
{
    const size_t channels = by.mean.size();
    Image image{size.height(), size.width(), int(channels), {}};
    for (size_t i = 0; i < size_t(size.width()) * size.height() * channels; ++i) {
        const float value = pixels[i] * by.deviation[i % channels] + by.mean[i % channels];
        image.pixels.push_back(uint8_t(std::lround(255.f * (std::isnan(value) ? 0.f : std::clamp(value, 0.f, 1.f)))));
    }
    return toQImage(image);
}

CanvasImage canvasImage(QImage image)
{
    return {newImageKey(), 1, std::move(image)};
}

/// The channels, where they fit each other and the images.
struct Painting
{
    const Matrix *output = nullptr, *error = nullptr; // [images, H W C], [images, T]
    const Matrix *seen = nullptr;                     // [images, H W C]; null where it is the view without the patches that have errors
    QSize size, patch;
    int channels = 0;
};

Painting paintingOf(const BatchView &batch)
{
    const Snapshot *snapshot = batch.snapshot();
    Painting painting{snapshot ? snapshot->channel<Matrix>("reconstruction/output") : nullptr,
                      snapshot ? snapshot->channel<Matrix>("reconstruction/error") : nullptr,
                      snapshot ? snapshot->channel<Matrix>("reconstruction/seen") : nullptr,
                      batch.view(0).image.size(),
                      {}};
    const auto whole = [](const Matrix *matrix) { return matrix && matrix->rows > 0 && int64_t(matrix->values.size()) == matrix->rows * matrix->columns; };
    const int64_t area = int64_t(painting.size.width()) * painting.size.height();
    if (!whole(painting.output) || !whole(painting.error) || painting.output->rows != painting.error->rows || painting.output->rows > batch.pairs() || area < 1
        || painting.output->columns % area != 0)
        return {};
    if (painting.seen && (painting.seen->rows != painting.output->rows || painting.seen->columns != painting.output->columns || !whole(painting.seen)))
        painting.seen = nullptr;
    painting.channels = int(painting.output->columns / area);
    painting.patch = patchSize(painting.size, painting.error->columns);
    return painting.channels == 1 || painting.channels == 3 ? painting : Painting();
}

Reconstruction reconstructionOf(const Painting &painting, int row, const QImage &given, const Normalisation &by, const ColourScale &scale)
{
    Reconstruction shown;
    const QImage painted = pictureOf(&painting.output->values[size_t(row * painting.output->columns)], painting.size, by);
    QImage seen = (given.size() == painting.size ? given : painted).convertToFormat(QImage::Format_RGB32), map(painting.size, QImage::Format_RGB32);
    map.fill(Qt::black);
    double sum = 0;
    eachHidden(&painting.error->values[size_t(row * painting.error->columns)], painting.size, painting.patch, [&](const QRect &rect, float value) {
        if (!painting.seen)
            paintRect(seen, rect, kHiddenPatch);
        paintRect(map, rect, scale.colour(value));
        sum += value;
        ++shown.hidden;
    });
    shown.loss = shown.hidden ? float(sum / shown.hidden) : NAN;
    if (painting.seen) {
        seen = pictureOf(&painting.seen->values[size_t(row * painting.seen->columns)], painting.size, by);
        shown.hidden = 0;
    }
    shown.given = canvasImage(given);
    shown.seen = canvasImage(seen);
    shown.painted = canvasImage(painted);
    shown.error = canvasImage(map);
    return shown;
}

/// None where the snapshot has none; `scale` then reaches the largest error.
std::vector<Reconstruction> reconstructionsOf(const BatchView &batch, const Dataset *data, ColourScale &scale)
{
    const Painting painting = paintingOf(batch);
    std::vector<Reconstruction> rows;
    if (painting.patch.isEmpty())
        return rows;
    float largest = 0;
    for (const float error : painting.error->values)
        largest = std::max(largest, error); // not a NaN
    scale.high = largest > 0 ? largest : 1;
    const Normalisation by = normalisationOf(data, size_t(painting.channels));
    for (int row = 0; row < int(painting.output->rows); ++row)
        rows.push_back(reconstructionOf(painting, row, batch.view(row).image, by, scale));
    return rows;
}

} // namespace

class ReconstructionPanel : public TiledPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::ReconstructionPanel)
public:
    explicit ReconstructionPanel(const PanelContext &context) : TiledPanel(context, tr("Reconstruction")) {}

    std::set<std::string> wantedChannels() const override { return {"views/pixels", "reconstruction/output", "reconstruction/seen", "reconstruction/error"}; }
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    int tiles() const override { return int(m_rows.size()); }
    QString description() const override;

private:
    QString waiting() const;
    QString words(int row) const;
    void drawImages(Canvas &canvas, const QRectF &area, int row, bool names) const;

    std::vector<Reconstruction> m_rows;
    ColourScale m_scale{ColourMap::sequential, 0, 1};
};

std::function<CanvasPanel::Adopt()> ReconstructionPanel::preparation(const BatchView &batch)
{
    return [this, batch, data = run().dataset()] {
        ColourScale scale{ColourMap::sequential, 0, 1};
        const std::vector<Reconstruction> rows = reconstructionsOf(batch, data.get(), scale);
        return Adopt([this, rows, scale] {
            m_rows = rows;
            m_scale = scale;
        });
    };
}

QString ReconstructionPanel::waiting() const
{
    const QString what = tr("what the decoder paints");
    if (run().hasJob() && batch().snapshot() && !batch().snapshot()->offered.contains("reconstruction/output"))
        return tr("Reconstruction is shown of methods that paint images: of mae, which hides a part of each, and of autoencoders. Choose one in Controls: its "
                  "first training step brings %1.")
            .arg(what);
    return waitingText(run(), what);
}

QString ReconstructionPanel::words(int row) const
{
    const int hidden = int(m_rows[size_t(row)].hidden);
    const QString error = decimalText(m_rows[size_t(row)].loss, 3);
    if (hidden == 0)
        return tr("%1: error %2").arg(batch().sampleName(row), error);
    return hidden == 1 ? tr("%1: 1 patch hidden, error %2").arg(batch().sampleName(row), error)
                       : tr("%1: %2 patches hidden, error %3").arg(batch().sampleName(row)).arg(hidden).arg(error);
}

/// The four pictures from the left, as squares of the area's height.
void ReconstructionPanel::drawImages(Canvas &canvas, const QRectF &area, int row, bool names) const
{
    const Reconstruction &shown = m_rows[size_t(row)];
    const std::pair<const CanvasImage *, QString> images[] = {
        {&shown.given, tr("given")}, {&shown.seen, tr("seen")}, {&shown.painted, tr("painted")}, {&shown.error, tr("error")}};
    const qreal name = names ? lineHeight(canvas, kSmall) : 0, side = area.height() - name;
    QRectF square(area.left(), area.top() + name, side, side);
    for (const auto &[image, said] : images) {
        if (!image->image.isNull())
            drawSharp(canvas, square, *image);
        if (names)
            canvas.text({square.center().x(), area.top() + name / 2}, said, canvas.theme().mutedText, Align::centre, kSmall);
        square.translate(side + canvas.theme().spacing, 0);
    }
    if (names)
        drawScaleBar(canvas, QRectF(square.left(), square.top(), scaleBarWidth(canvas, m_scale), side), m_scale);
}

void ReconstructionPanel::draw(Canvas &canvas)
{
    if (m_rows.empty()) {
        drawMessage(canvas, waiting());
        return;
    }
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, line = lineHeight(canvas, kSmall);
    const qreal image = sharpSide(4.2 * theme.fontSize, m_rows[0].painted.image.size(), canvas.devicePixelRatio());
    QRectF list = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawAbsence(canvas, list);
    const qreal bar = scaleBarWidth(canvas, m_scale) + gap;
    const qreal large = std::min(0.45 * list.height(), (list.width() - bar - 3 * gap) / 4 + line);
    if (large > 1.3 * image) {
        drawImages(canvas, QRectF(list.topLeft(), QSizeF(list.width(), large)), shownTile(), true);
        canvas.text({list.left(), list.top() + large + line / 2}, elided(canvas, words(shownTile()), list.width(), kSmall), theme.text, Align::left, kSmall);
        list.setTop(list.top() + large + line + gap);
        canvas.line(list.topLeft(), list.topRight(), theme.grid);
        list.setTop(list.top() + gap);
    }
    drawTiles(canvas, list, {4 * (image + gap) + 2 * gap, image + line + gap}, [&](int row, const QRectF &box) {
        drawImages(canvas, QRectF(box.left() + 2, box.top() + 2, box.width(), image), row, false);
        canvas.text({box.left() + 2, box.top() + image + 2 + line / 2}, elided(canvas, words(row), box.width() - 4, kSmall), theme.mutedText, Align::left,
                    kSmall);
    });
}

QString ReconstructionPanel::description() const
{
    return m_rows.empty() ? waiting() : tr("Image %1 of %2. %3.").arg(shownTile() + 1).arg(tiles()).arg(words(shownTile()));
}

QString ReconstructionPanel::csv() const
{
    if (m_rows.empty())
        return {};
    QString text = QStringLiteral("image,sample,hidden patches,error\n");
    for (int row = 0; row < std::min<int>(tiles(), int(batch().snapshot()->indices.size())); ++row)
        text += QStringLiteral("%1,%2,%3,%4\n")
                    .arg(row)
                    .arg(batch().snapshot()->indices[size_t(row)])
                    .arg(m_rows[size_t(row)].hidden)
                    .arg(std::isnan(m_rows[size_t(row)].loss) ? QString() : QString::number(m_rows[size_t(row)].loss, 'g', 7));
    return text;
}

Panel *makeReconstructionPanel(const PanelContext &context)
{
    return new ReconstructionPanel(context);
}

} // namespace pretext
