// The colours and sizes of plots: Qt's palette and font, so that canvases and forms look like one program.
#pragma once

#include <QColor>
#include <QFont>

class QWidget;

namespace pretext {

/// Colours and sizes, taken from the widget's palette and font; plots use nothing else.
struct Theme
{
    QColor background, text, mutedText, grid, accent, selection;
    QFont font;
    qreal fontSize = 13; // logical pixels
    qreal spacing = 6;
    bool dark = false;

    static Theme of(const QWidget *widget);
    int pixelSize(qreal scale) const;
    QFont scaledFont(qreal scale) const;
};

/// Of all that says that an older step is shown.
inline QColor lookBackColour()
{
    return QColor(0xe69f00);
}

} // namespace pretext
