// One binary, two faces: the workbench, and the command line on the same engine.
#include "app/cli/cli.h"
#include "app/waitpassively.h"
#include "app/window.h"

int main(int argc, char **argv)
{
    pretext::waitPassively(argv);
    return pretext::isCommandLine(argc, argv) ? pretext::runCommandLine(argc, argv) : pretext::runWindow(argc, argv);
}
