#include "widgets/panels/mapfilm.h"

#include "core/files/gif.h"
#include "core/files/said.h"
#include "core/system/process.h"
#include "widgets/plots/paintercanvas.h"
#include "widgets/plots/textlayout.h"

#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QObject>
#include <QPainter>
#include <QProcess>

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

constexpr int kFramesASecond = 12, kFramesWished = 96, kMostBetween = 8;

int framesBetween(const MapFilm &film)
{
    return film.maps.size() < 2 ? 1 : std::clamp(kFramesWished / int(film.maps.size() - 1), 1, kMostBetween);
}

/// A map on the way to the next one.
Matrix pointsBetween(const EmbeddingMap &map, const EmbeddingMap &next, double share)
{
    Matrix points = map.points;
    if (next.points.values.size() == points.values.size())
        for (size_t i = 0; i < points.values.size(); ++i)
            points.values[i] += float(share) * (next.points.values[i] - points.values[i]);
    return points;
}

/// The same room for all frames, so that what grows is seen to grow.
QRectF homeOf(const std::vector<KeptMap> &maps)
{
    double reach = 1e-9;
    for (const KeptMap &kept : maps)
        for (const float value : kept.map->points.values)
            reach = std::max(reach, double(std::abs(value)));
    return QRectF(-1.04 * reach, -1.04 * reach, 2.08 * reach, 2.08 * reach);
}

GifFrame rgbOf(const QImage &image)
{
    const QImage rgb = image.convertToFormat(QImage::Format_RGB888);
    GifFrame frame;
    frame.reserve(size_t(rgb.width()) * size_t(rgb.height()) * 3);
    for (int y = 0; y < rgb.height(); ++y)
        frame.insert(frame.end(), rgb.constScanLine(y), rgb.constScanLine(y) + 3 * rgb.width());
    return frame;
}

void writeVideo(const MapFilm &film, const QString &path, const std::function<bool(double)> &progress)
{
    const std::string program = findProgram("pretext-video");
    if (program.empty())
        throw std::runtime_error(path.toStdString() + ": "
                                 + said("pretext-video, which writes videos, is not beside pretext; choose a name that ends in .gif"));
    QProcess writer;
    writer.start(QString::fromStdString(program),
                 {path, QString::number(film.size.width()), QString::number(film.size.height()), QString::number(kFramesASecond)});
    bool whole = writer.waitForStarted();
    const int frames = filmFrames(film);
    for (int i = 0; i < frames && whole; ++i) {
        if (!progress(double(i) / frames)) {
            writer.kill();
            writer.waitForFinished();
            QFile::remove(path);
            return;
        }
        const QImage bgr = filmFrame(film, i).convertToFormat(QImage::Format_BGR888);
        for (int y = 0; y < bgr.height(); ++y)
            writer.write(reinterpret_cast<const char *>(bgr.constScanLine(y)), 3 * bgr.width());
        while (writer.bytesToWrite() > 0 && whole)
            whole = writer.waitForBytesWritten(60000);
    }
    writer.closeWriteChannel();
    writer.waitForFinished(120000);
    const QString why = QString::fromUtf8(writer.readAllStandardError()).trimmed().section(u'\n', -1);
    if (!whole || writer.exitStatus() != QProcess::NormalExit || writer.exitCode() != 0)
        throw std::runtime_error(why.isEmpty() ? path.toStdString() + ": " + said("the video could not be written") : why.toStdString());
}

} // namespace

int filmFrames(const MapFilm &film)
{
    return film.maps.empty() ? 0 : int(film.maps.size() - 1) * framesBetween(film) + 1;
}

QImage filmFrame(const MapFilm &film, int frame)
{
    const int between = framesBetween(film);
    const size_t at = size_t(frame / between);
    const EmbeddingMap &map = *film.maps[at].map, &next = *film.maps[std::min(at + 1, film.maps.size() - 1)].map;
    const Matrix points = pointsBetween(map, next, double(frame % between) / between);
    QImage image(film.size, QImage::Format_RGB32);
    image.fill(film.theme.background);
    QPainter painter(&image);
    PainterCanvas canvas(painter, film.size, film.theme);
    const qreal gap = film.theme.spacing;
    QRectF rest = QRectF(QPointF(), film.size).adjusted(gap, gap, -gap, -gap);
    const QString title = QObject::tr("Step %1: %2 of %3 held-out samples of %4").arg(map.step).arg(film.method).arg(map.samples()).arg(film.data);
    rest.setTop(rest.top() + drawWrapped(canvas, rest, title, film.theme.text) + gap);
    rest.setTop(rest.top() + drawLegend(canvas, rest, film.labels->legend) + gap);
    Scatter scatter;
    if (map.kind.dimensions == 3) {
        MapOrbit::Seen seen = film.orbit.look(points);
        scatter.setPoints(std::move(seen.places), film.labels->colours, std::move(seen.space));
    } else {
        std::vector<QPointF> places;
        for (int64_t row = 0; row < points.rows; ++row)
            places.emplace_back(points.at(row, 0), points.at(row, 1));
        scatter.setPoints(std::move(places), film.labels->colours, {std::vector<uint8_t>(size_t(points.rows), uint8_t(7)), homeOf(film.maps)});
    }
    scatter.setNoAxes({});
    scatter.place(rest, canvas);
    scatter.draw(canvas);
    return image;
}

void writeFilm(const MapFilm &film, const QString &path, const std::function<bool(double)> &progress)
{
    if (film.maps.empty())
        throw std::runtime_error(path.toStdString() + ": " + said("there is no map yet to make a film of"));
    if (QFileInfo(path).suffix().compare(QStringLiteral("gif"), Qt::CaseInsensitive) != 0)
        return writeVideo(film, path, progress);
    struct Cancelled
    {
    };
    const int frames = filmFrames(film);
    int asked = 0;
    try {
        writeGif(path.toStdString(), {film.size.width(), film.size.height(), 100 / kFramesASecond}, frames, [&](int i) {
            if (!progress(double(asked++) / (2 * frames)))
                throw Cancelled();
            return rgbOf(filmFrame(film, i));
        });
    } catch (const Cancelled &) { // nothing was written
    }
}

} // namespace pretext
