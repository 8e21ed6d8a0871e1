// A picture of what is drawn on a canvas, without a window.
#pragma once

#include "widgets/plots/paintercanvas.h"

#include <QImage>
#include <QPainter>
#include <QWidget>

namespace pretext::test {

template<class Draw>
QImage painted(QSize size, const Draw &draw)
{
    QImage image(size, QImage::Format_RGB32);
    QPainter painter(&image);
    QWidget widget;
    PainterCanvas canvas(painter, size, Theme::of(&widget));
    draw(canvas);
    return image;
}

} // namespace pretext::test
