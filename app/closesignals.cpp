#include "app/closesignals.h"

#include "core/system/signalstack.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace pretext {

namespace {

constexpr std::array kCloseSignals = {SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t closesAsked = 0, closePipe = -1;

/// May come to any thread at any time, so all it does is to wake the event loop.
void wakeToClose(int signal)
{
    const int before = errno;
    closesAsked = closesAsked + 1;
    if (closesAsked == 2)
        std::signal(signal, SIG_DFL);
    [[maybe_unused]] const ssize_t written = write(closePipe, "", 1);
    errno = before;
}

std::array<int, 2> closingPipe()
{
    std::array<int, 2> ends;
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        throw std::system_error(errno, std::generic_category(), "a pipe for signals");
    return ends;
}

} // namespace

CloseSignals::CloseSignals(std::function<void()> close) : m_pipe(closingPipe()), m_notifier(m_pipe[0], QSocketNotifier::Read)
{
    QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier, [this, close = std::move(close)] {
        m_notifier.setEnabled(false); // once
        close();
    });
    closesAsked = 0;
    closePipe = m_pipe[1];
    useSignalStack();
    struct sigaction action = {};
    action.sa_handler = wakeToClose;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    for (size_t i = 0; i < kCloseSignals.size(); ++i) {
        sigaction(kCloseSignals[i], nullptr, &m_before[i]);
        if (m_before[i].sa_handler != SIG_IGN) // as nohup has set it
            sigaction(kCloseSignals[i], &action, nullptr);
    }
}

CloseSignals::~CloseSignals()
{
    for (size_t i = 0; i < kCloseSignals.size(); ++i)
        sigaction(kCloseSignals[i], &m_before[i], nullptr);
    m_notifier.setEnabled(false);
    for (int end : m_pipe)
        ::close(end);
}

} // namespace pretext
