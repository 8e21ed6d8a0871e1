// Opening data can be long; a window that wants something else meanwhile, or closes, ends it by this.
#pragma once

#include <functional>
#include <stdexcept>
#include <utility>

namespace pretext {

struct Interrupted : std::runtime_error
{
    Interrupted() : std::runtime_error("interrupted") {}
};

/// While alive, what reads data on this thread ends by Interrupted soon after `wanted` says false.
class Interruptible
{
public:
    explicit Interruptible(std::function<bool()> wanted) : m_wanted(std::move(wanted)), m_outer(std::exchange(current(), this)) {}
    ~Interruptible() { current() = m_outer; }
    Interruptible(const Interruptible &) = delete;
    Interruptible &operator=(const Interruptible &) = delete;

    /// Called between two files, or pieces of one.
    static void check()
    {
        if (current() && !current()->m_wanted())
            throw Interrupted();
    }

private:
    static Interruptible *&current()
    {
        thread_local Interruptible *value = nullptr;
        return value;
    }

    std::function<bool()> m_wanted;
    Interruptible *m_outer;
};

} // namespace pretext
