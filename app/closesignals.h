// Ctrl-C, a polite kill and a session that ends, for the window: it closes as if its user had closed it.
#pragma once

#include <QSocketNotifier>

#include <array>
#include <csignal>
#include <functional>

namespace pretext {

/// While alive, these signals call `close` from the event loop. The third ends the program as usual, should closing take too long.
class CloseSignals
{
public:
    explicit CloseSignals(std::function<void()> close);
    ~CloseSignals();
    CloseSignals(const CloseSignals &) = delete;
    CloseSignals &operator=(const CloseSignals &) = delete;

private:
    std::array<int, 2> m_pipe;
    QSocketNotifier m_notifier;
    std::array<struct sigaction, 3> m_before;
};

} // namespace pretext
