// Memory of the host that the device reads and writes by itself, beside whatever else goes on. It is kept and used again: the system takes long to give any.
#pragma once

#include <cstddef>

namespace pretext::cuda {

/// A piece of it; whoever has it sees to it that the device is done with it at the end.
class Pinned
{
public:
    Pinned() = default;
    /// Throws where the system has no more of it.
    explicit Pinned(size_t bytes);
    ~Pinned();
    Pinned(Pinned &&other) noexcept;
    Pinned &operator=(Pinned &&other) noexcept;

    char *data() const { return m_data; }
    size_t bytes() const { return m_bytes; }

private:
    char *m_data = nullptr;
    size_t m_bytes = 0;
};

/// Gives back what is not in use.
void giveBackPinned();

} // namespace pretext::cuda
