#include "app/waitpassively.h"

#include <cstdlib>
#include <unistd.h>

namespace pretext {

void waitPassively(char **argv)
{
    if (std::getenv("OMP_WAIT_POLICY"))
        return;
    // By "passive" two teams that take turns would not spin at all, since together they have more threads than there are processors: a second trainer
    // side by side cost a tenth of the speed. By "active" each then spins 1000 times.
    setenv("OMP_WAIT_POLICY", "active", 1);
    setenv("GOMP_SPINCOUNT", "2000", 0);
    execv("/proc/self/exe", argv); // where it cannot, everything still works
}

} // namespace pretext
