#include "widgets/plots/theme.h"

#include <QFontInfo>
#include <QPalette>
#include <QWidget>

#include <cmath>

namespace pretext {

namespace {

QColor mix(const QColor &a, const QColor &b, float share)
{
    const auto part = [share](float x, float y) { return x + (y - x) * share; };
    return QColor::fromRgbF(part(a.redF(), b.redF()), part(a.greenF(), b.greenF()), part(a.blueF(), b.blueF()));
}

} // namespace

Theme Theme::of(const QWidget *widget)
{
    const QPalette &palette = widget->palette();
    Theme theme;
    theme.background = palette.color(QPalette::Base);
    theme.text = palette.color(QPalette::Text);
    theme.mutedText = mix(theme.text, theme.background, 0.32f); // still 4.5 : 1 on black and on white
    theme.grid = mix(theme.text, theme.background, 0.82f);
    theme.accent = palette.color(QPalette::Active, QPalette::Highlight);
    theme.selection = theme.accent;
    theme.font = widget->font();
    theme.fontSize = QFontInfo(widget->font()).pixelSize();
    theme.spacing = std::round(theme.fontSize * 0.45);
    theme.dark = theme.background.lightness() < 128;
    return theme;
}

int Theme::pixelSize(qreal scale) const
{
    return std::max(6, qRound(fontSize * scale));
}

QFont Theme::scaledFont(qreal scale) const
{
    QFont scaled = font;
    scaled.setPixelSize(pixelSize(scale));
    return scaled;
}

} // namespace pretext
