// A panel as a file: PNG at the screen's resolution, SVG, or its numbers as CSV.
#pragma once

#include <QString>

#include <functional>

namespace pretext {

class Panel;

/// Takes what the panel shows now; the returned work, for any thread, turns it into the file and throws as savePanel does.
std::function<void()> preparePanelFile(Panel &panel, const QString &title, const QString &file);
/// By the suffix of `file`; throws std::invalid_argument or std::runtime_error with one line that names the file.
void savePanel(Panel &panel, const QString &title, const QString &file);

} // namespace pretext
