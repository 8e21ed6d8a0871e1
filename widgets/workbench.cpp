#include "widgets/workbench.h"

#include <utility>

namespace pretext {

Workbench::~Workbench()
{
    delete m_sideBySide; // it speaks to the runs when it goes
}

Run *Workbench::add()
{
    auto *run = new Run(this);
    m_runs.push_back(run);
    m_requests[run] = new Request(
        run, [this](const RunConfig &config) { return m_makeRunPath ? m_makeRunPath(config) : std::filesystem::path(); }, this);
    return run;
}

void Workbench::putBeside(TrainerOptions options)
{
    endSideBySide();
    if (!m_right) {
        m_right = add();
        emit besideAdded(m_right);
    }
    m_right->start(std::move(options));
    m_sideBySide = new SideBySide(requestOf(current()), requestOf(m_right), this);
    emit sideBySideChanged();
}

void Workbench::endSideBySide()
{
    if (!m_sideBySide)
        return;
    emit sideBySideEnds();
    delete std::exchange(m_sideBySide, nullptr);
    m_right->stop();
    emit sideBySideChanged();
}

void Workbench::stop()
{
    if (m_sideBySide)
        m_sideBySide->settle();
    for (Run *run : m_runs)
        run->stop();
}

} // namespace pretext
