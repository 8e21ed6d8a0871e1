#include "core/engine/job.h"

#include "core/engine/trainer.h"
#include "core/files/messagetext.h"
#include "core/system/describe.h"

namespace pretext {

void runTrainer(const TrainerOptions &options, Lanes &lanes, std::stop_token stop, bool stayAfterEnd)
{
    Trainer trainer(options, lanes, stop, stayAfterEnd);
    try {
        trainer.run();
    } catch (const std::exception &error) {
        trainer.fail(forReader(describe(error)));
    } catch (...) {
        trainer.fail("something that is no exception was thrown");
    }
}

Job::Job(TrainerOptions options, std::unique_ptr<Lanes> lanes)
    : m_options(std::move(options))
    , m_lanes(std::move(lanes))
    , m_thread([this](std::stop_token stop) { runTrainer(m_options, *m_lanes, stop, true); })
{
}

Job::~Job() = default;

} // namespace pretext
