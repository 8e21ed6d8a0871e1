#include "app/savepanel.h"

#include "core/files/said.h"
#include "widgets/panel.h"

#include <QBuffer>
#include <QDir>
#include <QFileInfo>
#include <QImage>
#include <QPainter>
#include <QPixmap>
#include <QSaveFile>
#include <QSvgGenerator>

#include <stdexcept>

namespace pretext {

namespace {

QByteArray svgOf(Panel &panel, const QString &title)
{
    QByteArray svg;
    QBuffer buffer(&svg);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(panel.size());
    generator.setViewBox(panel.rect());
    generator.setTitle(title);
    QPainter painter(&generator);
    panel.paintTo(painter, panel.size());
    painter.end();
    return svg;
}

QByteArray pngOf(const QImage &image)
{
    QByteArray png;
    QBuffer buffer(&png);
    image.save(&buffer, "PNG");
    return png;
}

std::function<QByteArray()> contentOf(Panel &panel, const QString &title, const QString &path)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == "svg")
        return [svg = svgOf(panel, title)] { return svg; };
    if (suffix == "png")
        return [image = panel.grab().toImage()] { return pngOf(image); };
    if (suffix == "csv")
        return [text = panel.csvMaker()] { return text().toUtf8(); };
    throw std::invalid_argument(said("%1: end the name in .png, .svg or .csv", {path.toStdString()}));
}

} // namespace

std::function<void()> preparePanelFile(Panel &panel, const QString &title, const QString &path)
{
    return [make = contentOf(panel, title, path), title, path] {
        const QByteArray content = make();
        if (content.isEmpty())
            throw std::invalid_argument(said("%1 has no numbers to save yet", {title.toStdString()}));
        QFileInfo(path).dir().mkpath(".");
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit())
            throw std::runtime_error(said("%1 cannot be written: %2", {path.toStdString(), file.errorString().toStdString()}));
    };
}

void savePanel(Panel &panel, const QString &title, const QString &path)
{
    preparePanelFile(panel, title, path)();
}

} // namespace pretext
