// Light and dark: two palettes over the Fusion style, with one accent colour. The system's own palette decides unless a menu does.
#pragma once

#include <QPalette>
#include <QString>

class QStyle;

namespace pretext {

enum class Appearance { system, light, dark };

/// Fusion, with check boxes that are seen on a dark ground too.
QStyle *makeStyle();
QPalette lightPalette();
QPalette darkPalette();
/// Applies to the whole application; canvases and curves follow the palette.
void applyAppearance(Appearance appearance);
Appearance appearanceFromText(const QString &text); // "light", "dark", anything else: system
QString toText(Appearance appearance);

} // namespace pretext
