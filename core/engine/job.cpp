#include "core/engine/job.h"

#include "core/backend/backend.h"
#include "core/engine/trainer.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"
#include "core/system/describe.h"
#include "core/system/heap.h"
#include "core/system/lowpriority.h"

namespace pretext {

void runTrainer(const TrainerOptions &options, Lanes &lanes, std::stop_token stop, bool stayAfterEnd)
{
    Trainer trainer(options, lanes, stop, stayAfterEnd);
    try {
        trainer.run();
    } catch (const std::exception &error) {
        trainer.fail(forReader(describe(error)));
    } catch (...) {
        trainer.fail(said("something that is no exception was thrown"));
    }
    trainer.leave();
}

Job::Job(TrainerOptions options, std::unique_ptr<Lanes> lanes)
    : m_options(std::move(options))
    , m_lanes(std::move(lanes))
    , m_thread([this](std::stop_token stop) {
        if (m_options.lowPriority) // before it has a team, which inherits it
            lowerPriorityOfThisThread();
        runTrainer(m_options, *m_lanes, stop, true);
    })
{
}

/// What it held goes back to the system: the program may never train anything as large again.
Job::~Job()
{
    m_thread.request_stop();
    m_thread.join();
    for (const Device device : {Device::cpu, Device::cuda})
        if (available(device) && backend(device).giveBack)
            backend(device).giveBack();
    trimHeap();
}

} // namespace pretext
