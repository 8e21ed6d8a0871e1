#include "app/theme.h"

#include <QApplication>
#include <QPainter>
#include <QProxyStyle>
#include <QStyleFactory>
#include <QStyleOption>

namespace pretext {

namespace {

struct Colours
{
    const char *window, *base, *alternate, *button, *text, *muted, *accent, *onAccent, *link, *edge;
};

QPalette paletteOf(const Colours &colours)
{
    const QColor text(colours.text), muted(colours.muted), button(colours.button), edge(colours.edge);
    QPalette palette(text, button, button.lighter(130), edge, button.darker(120), text, Qt::white, QColor(colours.base), QColor(colours.window));
    palette.setColor(QPalette::AlternateBase, QColor(colours.alternate));
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::Highlight, QColor(colours.accent));
    palette.setColor(QPalette::HighlightedText, QColor(colours.onAccent));
    palette.setColor(QPalette::Link, QColor(colours.link));
    palette.setColor(QPalette::LinkVisited, QColor(colours.link));
    palette.setColor(QPalette::ToolTipBase, QColor(colours.alternate));
    palette.setColor(QPalette::ToolTipText, text);
    for (QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, muted);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, edge);
    return palette;
}

class OutlinedStyle : public QProxyStyle
{
public:
    OutlinedStyle() : QProxyStyle(QStyleFactory::create("Fusion")) {}

    /// The row of the menus is as high as a notice of one line with its buttons, which lies beside them.
    int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override
    {
        return metric == PM_MenuBarVMargin ? 4 : QProxyStyle::pixelMetric(metric, option, widget);
    }

    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const override
    {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        if (element != PE_IndicatorCheckBox && element != PE_IndicatorItemViewItemCheck)
            return;
        painter->save();
        painter->setPen(option->palette.color(QPalette::PlaceholderText)); // Fusion's own outline is darker than the window
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
        painter->restore();
    }
};

bool systemIsDark()
{
    QApplication::setPalette(QPalette()); // what the platform says, not what was set here
    return QApplication::palette().color(QPalette::Window).lightness() < 128;
}

} // namespace

QStyle *makeStyle()
{
    return new OutlinedStyle;
}

QPalette lightPalette()
{
    return paletteOf({"#f3f4f6", "#ffffff", "#f8f9fa", "#e9ebee", "#1d2126", "#5f6871", "#1f6fb2", "#ffffff", "#175c96", "#b9bfc6"});
}

QPalette darkPalette()
{
    return paletteOf({"#22262b", "#191c20", "#262b31", "#31363d", "#e6e9ec", "#9aa4ae", "#2f7dc1", "#ffffff", "#7cb8ea", "#4a525b"});
}

void applyAppearance(Appearance appearance)
{
    const bool dark = appearance == Appearance::system ? systemIsDark() : appearance == Appearance::dark;
    QApplication::setPalette(dark ? darkPalette() : lightPalette());
}

Appearance appearanceFromText(const QString &text)
{
    return text == "light" ? Appearance::light : text == "dark" ? Appearance::dark : Appearance::system;
}

QString toText(Appearance appearance)
{
    return appearance == Appearance::light ? "light" : appearance == Appearance::dark ? "dark" : "system";
}

} // namespace pretext
