// A wheel that only scrolls past a control must not turn it: without the focus, the event goes to the scroll area.
#pragma once

class QWidget;

namespace pretext {

void guardWheel(QWidget *control);

} // namespace pretext
