// One binary, two faces: the workbench, and the command line on the same engine.
#include "app/cli/cli.h"
#include "app/waitpassively.h"
#include "app/window.h"

#include <csignal>

int main(int argc, char **argv)
{
    std::signal(SIGXFSZ, SIG_IGN); // a write beyond the limit of a file's size fails instead, and is told of
    pretext::waitPassively(argv);
    return pretext::isCommandLine(argc, argv) ? pretext::runCommandLine(argc, argv) : pretext::runWindow(argc, argv);
}
