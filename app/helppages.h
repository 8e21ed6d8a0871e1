// The pages of help that are no terms: the keys, and what this program is made of and runs on.
#pragma once

#include "core/tensor/device.h"
#include "widgets/help/glossary.h"

class QMenuBar;

namespace pretext {

Term keysPage(const QMenuBar &menus);
/// `askedThreads` by the job, 0: any number; `computes` is what it computes on.
Term aboutPage(int askedThreads, Device computes);

} // namespace pretext
