// Every panel in sight at once, none behind another's tab.
#pragma once

namespace pretext {
class MainWindow;
}

namespace pretext::bench {

void showEveryPanel(MainWindow &window);

} // namespace pretext::bench
