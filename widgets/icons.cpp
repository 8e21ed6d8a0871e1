#include "widgets/icons.h"

#include "widgets/resources.h"

#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

namespace pretext {

namespace {

QPixmap draw(QByteArray svg, const QColor &colour, int side)
{
    svg.replace("currentColor", colour.name().toLatin1());
    QPixmap pixmap(side, side);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    QSvgRenderer(svg).render(&painter);
    return pixmap;
}

} // namespace

QIcon themedIcon(const QString &name, const QPalette &palette)
{
    useResources();
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray svg = file.readAll();
    QIcon icon;
    for (int side : {16, 20, 32, 40, 64}) {
        icon.addPixmap(draw(svg, palette.color(QPalette::Active, QPalette::ButtonText), side), QIcon::Normal);
        icon.addPixmap(draw(svg, palette.color(QPalette::Disabled, QPalette::ButtonText), side), QIcon::Disabled);
    }
    return icon;
}

} // namespace pretext
