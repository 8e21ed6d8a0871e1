#include "app/waitpassively.h"

#include <cstdlib>
#include <unistd.h>

namespace pretext {

void waitPassively(char **argv)
{
    if (std::getenv("OMP_WAIT_POLICY"))
        return;
    setenv("OMP_WAIT_POLICY", "passive", 1);
    setenv("GOMP_SPINCOUNT", "2000", 0);
    execv("/proc/self/exe", argv); // where it cannot, everything still works
}

} // namespace pretext
