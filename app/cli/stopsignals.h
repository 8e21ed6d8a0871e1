// Ctrl-C and its kin, for work that keeps what it has when it is asked to end.
#pragma once

#include <array>
#include <csignal>

namespace pretext {

/// While alive, Ctrl-C, a polite kill, a closed terminal and a reader of our output who has gone only ask; the third ends the program as usual. Not the
/// second: timeout(1) sends two.
class StopSignals
{
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals &) = delete;
    StopSignals &operator=(const StopSignals &) = delete;
    bool asked() const;

private:
    std::array<struct sigaction, 4> m_before;
};

} // namespace pretext
