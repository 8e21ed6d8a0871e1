#include "widgets/workbench.h"

namespace pretext {

Run *Workbench::add()
{
    auto *run = new Run(this);
    m_runs.push_back(run);
    m_requests[run] = new Request(
        run, [this](const RunConfig &config) { return m_makeRunPath ? m_makeRunPath(config) : std::filesystem::path(); }, this);
    return run;
}

void Workbench::stop()
{
    for (Run *run : m_runs)
        run->stop();
}

} // namespace pretext
