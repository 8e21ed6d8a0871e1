#include "widgets/sweeps/sweepwords.h"

#include "widgets/plots/textlayout.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace pretext {

QString bestInWords(const SweepState &state)
{
    const auto best = std::ranges::min_element(state.trials, standsBefore);
    if (best == state.trials.end() || !best->result.over || best->result.failed)
        return {};
    QString text;
    for (const SweptSetting &setting : state.sweep.swept)
        if (const std::string value = settingIn(state.sweep.trials[best->trial].settings, setting.name); varies(setting) && !value.empty())
            text += (text.isEmpty() ? u""_qs : u", "_qs) + QString::fromStdString(setting.name + " " + value);
    const std::optional<double> knn = best->result.named("knn");
    return knn ? QObject::tr("Best: %1, with a kNN of %2.").arg(text, percentText(*knn)) : QObject::tr("Best: %1.").arg(text);
}

void SteadyTime::take(const std::filesystem::path &sweep, double seconds)
{
    constexpr double kShare = 0.1; // of what is new
    if (sweep != m_sweep || std::isnan(m_seconds) || std::isnan(seconds))
        m_seconds = seconds;
    else
        m_seconds += kShare * (seconds - m_seconds);
    m_sweep = sweep;
}

} // namespace pretext
