// The pages of help that are no terms: the keys, and what this program is made of and runs on.
#pragma once

#include "widgets/help/glossary.h"

class QMenuBar;

namespace pretext {

Term keysPage(const QMenuBar &menus);
Term aboutPage(int askedThreads); // by the job, 0: any number

} // namespace pretext
