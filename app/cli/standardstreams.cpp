#include "app/cli/standardstreams.h"

#include <csignal>
#include <cstdio>
#include <iostream>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace pretext {

void guardStandardStreams()
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(stream, F_GETFD) < 0) // the lowest free descriptor is this one; open the wrong way round, reading or writing it goes on failing
            (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    std::signal(SIGPIPE, [](int) {}); // not ignored: programs started from here would inherit that
}

bool standardOutputArrived()
{
    const bool flushed = static_cast<bool>(std::cout.flush());
    return std::fflush(stdout) == 0 && flushed && !std::ferror(stdout);
}

bool readerOfStandardOutputHasGone()
{
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR);
}

} // namespace pretext
