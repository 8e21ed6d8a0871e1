// The program's icons: small SVGs drawn in one colour, which the palette gives, so that they follow the theme.
#pragma once

#include <QIcon>
#include <QPalette>

namespace pretext {

/// `name` without folder and suffix, "play".
QIcon themedIcon(const QString &name, const QPalette &palette);

} // namespace pretext
