// Reconstruction: for each image of the batch the view that was given, what the encoder saw of it, what the decoder painted, and where it erred; of clips
// whose next frame is painted, the frames that were seen, the one painted and the one that came. The selected one stands large above the list of all.
#include "widgets/panels/tiledpanel.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/scalebar.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"
#include "widgets/request.h"
#include "widgets/said.h"
#include "widgets/selection.h"
#include "widgets/workbench.h"

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
    std::vector<CanvasImage> pictures; // from the left: given, seen, painted, error; or seen, painted, wanted, error, each frame by itself
    float loss = NAN;                  // mean error of the hidden patches, or of all pixels
    int hidden = 0;                    // patches
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

/// Of the data's last channels.
Normalisation normalisationOf(const Dataset *data, int channels)
{
    if (!data || int(data->info().mean.size()) < channels || data->info().deviation.size() != data->info().mean.size())
        return {std::vector<float>(size_t(channels), 0.f), std::vector<float>(size_t(channels), 1.f)};
    return {{data->info().mean.end() - channels, data->info().mean.end()}, {data->info().deviation.end() - channels, data->info().deviation.end()}};
}

/// A row of [images, H W C].
QImage pictureOf(const Matrix &images, int row, const QSize &size, const Dataset *data)
{
    const int channels = int(images.columns / (int64_t(size.width()) * size.height()));
    const Normalisation by = normalisationOf(data, channels);
    const float *pixels = &images.values[size_t(row * images.columns)];
    Image image{size.height(), size.width(), channels, {}};
    for (size_t i = 0; i < size_t(images.columns); ++i) {
        const float value = pixels[i] * by.deviation[i % size_t(channels)] + by.mean[i % size_t(channels)];
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
    const Matrix *wanted = nullptr;                   // as output; null where it is the view
    QSize size, patch;
    int frames = 1; // that what was seen shows one beside the other
};

Painting paintingOf(const BatchView &batch)
{
    const Snapshot *snapshot = batch.snapshot();
    const QSize size = batch.view(0).image.size();
    const int64_t area = int64_t(size.width()) * size.height();
    const auto channel = [&](const char *name) -> const Matrix * {
        const Matrix *matrix = snapshot ? snapshot->channel<Matrix>(name) : nullptr;
        return matrix && matrix->rows > 0 && int64_t(matrix->values.size()) == matrix->rows * matrix->columns ? matrix : nullptr;
    };
    const auto images = [&](const char *name) -> const Matrix * {
        const Matrix *matrix = channel(name);
        return matrix && area > 0 && (matrix->columns == area || matrix->columns == 3 * area) ? matrix : nullptr;
    };
    Painting painting{
        images("reconstruction/output"), channel("reconstruction/error"), images("reconstruction/seen"), images("reconstruction/wanted"), size, {}};
    if (!painting.output || !painting.error || painting.output->rows != painting.error->rows || painting.output->rows > batch.pairs())
        return {};
    if (painting.seen && painting.seen->rows != painting.output->rows)
        painting.seen = nullptr;
    if (!painting.seen || (painting.wanted && (painting.wanted->rows != painting.output->rows || painting.wanted->columns != painting.output->columns)))
        painting.wanted = nullptr;
    if (painting.wanted && batch.frames() > 1)
        painting.frames = int(painting.seen->columns / area);
    painting.patch = patchSize(painting.size, painting.error->columns);
    return painting;
}

/// What the encoder saw, where nothing tells it: the view, without the patches that have errors.
QImage withoutHidden(QImage view, const Painting &painting, const float *errors)
{
    eachHidden(errors, painting.size, painting.patch, [&](const QRect &rect, float) { paintRect(view, rect, kHiddenPatch); });
    return view;
}

Reconstruction reconstructionOf(const Painting &painting, int row, const QImage &given, const Dataset *data, const ColourScale &scale)
{
    Reconstruction shown;
    const float *errors = &painting.error->values[size_t(row * painting.error->columns)];
    const QImage painted = pictureOf(*painting.output, row, painting.size, data);
    QImage map(painting.size, QImage::Format_RGB32);
    map.fill(Qt::black);
    double sum = 0;
    eachHidden(errors, painting.size, painting.patch, [&](const QRect &rect, float value) {
        paintRect(map, rect, scale.colour(value));
        sum += value;
        ++shown.hidden;
    });
    shown.loss = shown.hidden ? float(sum / shown.hidden) : NAN;
    const QImage seen = painting.seen
                            ? pictureOf(*painting.seen, row, painting.size, data)
                            : withoutHidden((given.size() == painting.size ? given : painted).convertToFormat(QImage::Format_RGB32), painting, errors);
    if (painting.seen)
        shown.hidden = 0;
    std::vector<QImage> pictures;
    if (!painting.wanted)
        pictures.push_back(given);
    for (int frame = 0; frame < painting.frames; ++frame)
        pictures.push_back(painting.frames > 1 ? channelOf(seen, frame) : seen);
    pictures.push_back(painted);
    if (painting.wanted)
        pictures.push_back(pictureOf(*painting.wanted, row, painting.size, data));
    pictures.push_back(map);
    for (QImage &picture : pictures)
        shown.pictures.push_back(canvasImage(std::move(picture)));
    return shown;
}

struct Reconstructions
{
    std::vector<Reconstruction> rows; // none where the snapshot has none
    QStringList names;                // of their pictures
    ColourScale scale{ColourMap::sequential, 0, 1};
};

QStringList namesOf(const Painting &painting)
{
    QStringList names;
    if (!painting.wanted)
        names << QObject::tr("given");
    for (int frame = 1; frame <= painting.frames; ++frame)
        names << (painting.frames > 1 ? QObject::tr("frame %1").arg(frame) : QObject::tr("seen"));
    names << (painting.frames > 1 ? QObject::tr("foretold") : QObject::tr("painted"));
    if (painting.wanted)
        names << (painting.frames > 1 ? QObject::tr("came next") : QObject::tr("wanted"));
    return names << QObject::tr("error");
}

/// The scale reaches the largest error.
Reconstructions reconstructionsOf(const BatchView &batch, const Dataset *data)
{
    const Painting painting = paintingOf(batch);
    Reconstructions all;
    if (painting.patch.isEmpty())
        return all;
    float largest = 0;
    for (const float error : painting.error->values)
        largest = std::max(largest, error); // not a NaN
    all.scale.high = largest > 0 ? largest : 1;
    all.names = namesOf(painting);
    for (int row = 0; row < int(painting.output->rows); ++row)
        all.rows.push_back(reconstructionOf(painting, row, batch.view(row).image, data, all.scale));
    return all;
}

} // namespace

class ReconstructionPanel : public TiledPanel
{
    Q_DECLARE_TR_FUNCTIONS(pretext::ReconstructionPanel)
public:
    explicit ReconstructionPanel(const PanelContext &context) : TiledPanel(context, tr("Reconstruction")) {}

    std::set<std::string> wantedChannels() const override
    {
        return {"views/pixels", "reconstruction/output", "reconstruction/seen", "reconstruction/wanted", "reconstruction/error"};
    }
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    int tiles() const override { return int(m_shown.rows.size()); }
    QString description() const override;

private:
    QString waiting() const;
    QString words(int row) const;
    void drawImages(Canvas &canvas, const QRectF &area, int row, bool names) const;

    Reconstructions m_shown;
};

std::function<CanvasPanel::Adopt()> ReconstructionPanel::preparation(const BatchView &batch)
{
    return [this, batch, data = run().dataset()] {
        const Reconstructions shown = reconstructionsOf(batch, data.get());
        return Adopt([this, shown] { m_shown = shown; });
    };
}

QString ReconstructionPanel::waiting() const
{
    const QString what = tr("what the decoder paints");
    if (const RunConfig &asked = workbench().requestOf(&run())->config();
        run().hasJob() && asked.method != run().config().method && methodType(asked.method).family == Family::generative)
        return tr("%1 is chosen: press “Apply and restart” in Controls, and its first training step brings %2.")
            .arg(translated(methodType(asked.method).title), what);
    if (run().hasJob() && batch().snapshot() && !batch().snapshot()->offered.contains("reconstruction/output"))
        return tr("Reconstruction is shown of methods that paint images, such as mae, which hides a part of each, and autoencoders: they stand under "
                  "%1 in Controls' list of methods. Choose one there: its first training step brings %2.")
            .arg(translated(titleOf(Family::generative)), what);
    return waitingText(run(), what);
}

QString ReconstructionPanel::words(int row) const
{
    const int hidden = int(m_shown.rows[size_t(row)].hidden);
    const QString error = decimalText(m_shown.rows[size_t(row)].loss, 3);
    if (hidden == 0)
        return tr("%1: error %2").arg(batch().sampleName(row), error);
    return hidden == 1 ? tr("%1: 1 patch hidden, error %2").arg(batch().sampleName(row), error)
                       : tr("%1: %2 patches hidden, error %3").arg(batch().sampleName(row)).arg(hidden).arg(error);
}

/// The pictures from the left, as squares of the area's height.
void ReconstructionPanel::drawImages(Canvas &canvas, const QRectF &area, int row, bool names) const
{
    const std::vector<CanvasImage> &pictures = m_shown.rows[size_t(row)].pictures;
    const qreal name = names ? lineHeight(canvas, kSmall) : 0, side = area.height() - name;
    QRectF square(area.left(), area.top() + name, side, side);
    for (size_t i = 0; i < pictures.size(); ++i) {
        if (!pictures[i].image.isNull())
            drawSharp(canvas, square, pictures[i]);
        if (names)
            canvas.text({square.center().x(), area.top() + name / 2}, elided(canvas, m_shown.names[qsizetype(i)], side, kSmall), canvas.theme().mutedText,
                        Align::centre, kSmall);
        square.translate(side + canvas.theme().spacing, 0);
    }
    if (!names)
        return;
    const qreal room = area.right() - square.left();
    const QString title = tr("squared error"), brief = tr("error²");
    canvas.text({square.left(), area.top() + name / 2}, elided(canvas, canvas.textWidth(title, kSmall) <= room ? title : brief, room, kSmall),
                canvas.theme().mutedText, Align::left, kSmall);
    drawScaleBar(canvas, QRectF(square.left(), square.top(), scaleBarWidth(canvas, m_shown.scale), side), m_shown.scale);
}

void ReconstructionPanel::draw(Canvas &canvas)
{
    if (m_shown.rows.empty()) {
        drawMessage(canvas, waiting());
        return;
    }
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, line = lineHeight(canvas, kSmall);
    const auto pictures = qreal(m_shown.names.size());
    const qreal image = sharpSide(4.2 * theme.fontSize, m_shown.rows[0].pictures.back().image.size(), canvas.devicePixelRatio());
    QRectF list = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    drawAbsence(canvas, list);
    const qreal bar = std::max(scaleBarWidth(canvas, m_shown.scale), canvas.textWidth(tr("squared error"), kSmall)) + gap;
    const qreal large = std::min(0.45 * list.height(), (list.width() - bar - (pictures - 1) * gap) / pictures + line);
    if (large > 1.3 * image) {
        drawImages(canvas, QRectF(list.topLeft(), QSizeF(list.width(), large)), shownTile(), true);
        canvas.text({list.left(), list.top() + large + line / 2}, elided(canvas, words(shownTile()), list.width(), kSmall), theme.text, Align::left, kSmall);
        list.setTop(list.top() + large + line + gap);
        canvas.line(list.topLeft(), list.topRight(), theme.grid);
        list.setTop(list.top() + gap);
    }
    drawTiles(canvas, list, {pictures * (image + gap) + 2 * gap, image + line + gap}, [&](int row, const QRectF &box) {
        drawImages(canvas, QRectF(box.left() + 2, box.top() + 2, box.width(), image), row, false);
        canvas.text({box.left() + 2, box.top() + image + 2 + line / 2}, elided(canvas, words(row), box.width() - 4, kSmall), theme.mutedText, Align::left,
                    kSmall);
    });
}

QString ReconstructionPanel::description() const
{
    return m_shown.rows.empty() ? waiting() : tr("Image %1 of %2. %3.").arg(shownTile() + 1).arg(tiles()).arg(words(shownTile()));
}

QString ReconstructionPanel::csv() const
{
    if (m_shown.rows.empty())
        return {};
    QString text = QStringLiteral("image,sample,hidden patches,error\n");
    for (int row = 0; row < std::min<int>(tiles(), int(batch().snapshot()->indices.size())); ++row)
        text += QStringLiteral("%1,%2,%3,%4\n")
                    .arg(row)
                    .arg(batch().snapshot()->indices[size_t(row)])
                    .arg(m_shown.rows[size_t(row)].hidden)
                    .arg(std::isnan(m_shown.rows[size_t(row)].loss) ? QString() : QString::number(m_shown.rows[size_t(row)].loss, 'g', 7));
    return text;
}

Panel *makeReconstructionPanel(const PanelContext &context)
{
    return new ReconstructionPanel(context);
}

} // namespace pretext
