// One binary, two faces: the workbench, and the command line on the same engine.
#include "app/cli/cli.h"
#include "app/window.h"

#include <cstdlib>
#include <unistd.h>

namespace {

/// libgomp's waiters spin by default: they take the window's processor, and on a machine that does anything else besides they make a step
/// several times slower. It reads the policy before main, hence a second start.
void waitPassively(char **argv)
{
    if (std::getenv("OMP_WAIT_POLICY"))
        return;
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv("/proc/self/exe", argv); // where it cannot, everything still works
}

} // namespace

int main(int argc, char **argv)
{
    waitPassively(argv);
    return pretext::isCommandLine(argc, argv) ? pretext::runCommandLine(argc, argv) : pretext::runWindow(argc, argv);
}
