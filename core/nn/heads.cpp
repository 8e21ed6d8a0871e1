#include "core/nn/heads.h"

#include <stdexcept>

namespace pretext {

Variable Heads::forward(const Variable &h)
{
    if (!m_projector)
        throw std::logic_error("[heads] there is no projector among them");
    return (*m_projector)(h);
}

} // namespace pretext
