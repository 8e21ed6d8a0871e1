// Where the window keeps what it remembers. One file, so that a test or a user can look at it or delete it.
#pragma once

#include <QSettings>

namespace pretext {

QSettings &settings();

} // namespace pretext
