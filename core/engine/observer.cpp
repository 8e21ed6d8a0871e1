#include "core/engine/observer.h"

#include <cmath>

namespace pretext {

bool isObserved(const std::string &channel)
{
    return channel.starts_with("evaluation/") || channel.starts_with("health/");
}

int64_t LookPace::looked(double seconds, double stepSeconds)
{
    constexpr int kInTurn = 2;
    constexpr double kFarOver = 2;
    if (!(stepSeconds > 0))
        return 1;
    const double share = seconds / (seconds + stepSeconds);
    m_over = share > m_share ? m_over + 1 : 0;
    if (m_over == 0 || (m_over < kInTurn && share < kFarOver * m_share))
        return 1;
    m_over = 0;
    return int64_t(std::ceil(seconds * (1 - m_share) / (m_share * stepSeconds)));
}

} // namespace pretext
