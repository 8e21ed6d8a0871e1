// A panel as a file: PNG at the screen's resolution, SVG, or its numbers as CSV.
#pragma once

#include <QString>

namespace pretext {

class Panel;

/// By the suffix of `file`; throws std::invalid_argument or std::runtime_error with one line that names the file.
void savePanel(Panel &panel, const QString &title, const QString &file);

} // namespace pretext
