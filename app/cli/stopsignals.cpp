#include "app/cli/stopsignals.h"

#include "core/system/signalstack.h"

namespace pretext {

namespace {

constexpr std::array kStopSignals = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
volatile std::sig_atomic_t stopsAsked = 0;

} // namespace

StopSignals::StopSignals()
{
    stopsAsked = 0;
    useSignalStack();
    struct sigaction action = {};
    action.sa_flags = SA_ONSTACK;
    action.sa_handler = [](int signal) {
        stopsAsked = stopsAsked + 1;
        if (stopsAsked == 2 && signal != SIGPIPE) // each line that nobody reads raises it
            std::signal(signal, SIG_DFL);
    };
    for (size_t i = 0; i < kStopSignals.size(); ++i) {
        sigaction(kStopSignals[i], nullptr, &m_before[i]);
        if (m_before[i].sa_handler != SIG_IGN) // as nohup has set it
            sigaction(kStopSignals[i], &action, nullptr);
    }
}

StopSignals::~StopSignals()
{
    for (size_t i = 0; i < kStopSignals.size(); ++i)
        sigaction(kStopSignals[i], &m_before[i], nullptr);
}

bool StopSignals::asked() const
{
    return stopsAsked > 0;
}

} // namespace pretext
