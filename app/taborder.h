// The order in which Tab goes through a dialog.
#pragma once

class QLayout;

namespace pretext {

/// As the layout has its widgets: from top to bottom, and in a row from left to right.
void tabAlong(QLayout *layout);

} // namespace pretext
