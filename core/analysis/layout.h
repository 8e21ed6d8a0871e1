// A map that is being laid out: its points move with every iteration, so it can be watched, and left at any of them.
#pragma once

#include "core/channels/channel.h"

namespace pretext {

class Layout
{
public:
    virtual ~Layout() = default;
    /// So many more, past the planned ones too. The same for any number of threads.
    virtual void run(int iterations) = 0;
    virtual Matrix points() const = 0; // [n, d]
    int iteration() const { return m_iteration; }
    int planned() const { return m_planned; }

protected:
    explicit Layout(int planned) : m_planned(planned) {}
    int m_iteration = 0;

private:
    int m_planned;
};

} // namespace pretext
