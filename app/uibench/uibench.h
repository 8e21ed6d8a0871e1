// `pretext bench --ui`: every panel, one at a time, with the largest snapshots there are: new ones, the mouse
// over it, the wheel turned, its content dragged.
#pragma once

#include <string>
#include <vector>

namespace pretext {

struct UiBenchOptions
{
    int frames = 100;
    bool json = false;
    std::vector<std::string> panels; /* empty: all */
};

/// Makes an application, shows its window, prints the table. Returns the exit status: 1 where a panel's 95th percentile is beyond 33 ms.
int benchUi(const UiBenchOptions &options);

} // namespace pretext
