// What core says, in the window's language: `lupdate` files its texts under "pretext".
#pragma once

#include <QString>

#include <string>

namespace pretext {

/// A help or a title from one of core's tables; a text that has no translation stays as it is.
QString translated(const std::string &text);

/// Loads the translation of the system's language, where there is one, and hands it to core. Once, before anything is shown.
void useLanguage();

} // namespace pretext
