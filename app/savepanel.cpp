#include "app/savepanel.h"

#include "widgets/panel.h"

#include <QBuffer>
#include <QFileInfo>
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

QByteArray pngOf(Panel &panel)
{
    QByteArray png;
    QBuffer buffer(&png);
    panel.grab().save(&buffer, "PNG");
    return png;
}

} // namespace

void savePanel(Panel &panel, const QString &title, const QString &path)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    QByteArray content;
    if (suffix == "svg")
        content = svgOf(panel, title);
    else if (suffix == "png")
        content = pngOf(panel);
    else if (suffix == "csv")
        content = panel.csv().toUtf8();
    else
        throw std::invalid_argument(path.toStdString() + ": end the name in .png, .svg or .csv");
    if (content.isEmpty())
        throw std::invalid_argument(title.toStdString() + " has no numbers to save yet");
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size() || !file.commit())
        throw std::runtime_error(path.toStdString() + " cannot be written: " + file.errorString().toStdString());
}

} // namespace pretext
