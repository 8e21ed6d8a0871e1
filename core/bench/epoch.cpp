// Training end to end: views made beside the steps, the trainer's loop and its records. A step is a batch of 256 of 60 000 images; an epoch has 234.
#include "core/bench/images.h"
#include "core/bench/row.h"

#include "core/backend/backend.h"
#include "core/engine/job.h"
#include "core/system/threads.h"

#include <stdexcept>

namespace pretext::bench {

namespace {

constexpr int kEpochImages = 60000;

class Training : public Work
{
public:
    explicit Training(Precision precision)
    {
        TrainerOptions options;
        options.dataset = blobs(kEpochImages);
        options.config = blobConfig(*options.dataset, 16);
        options.config.threads = threads();
        options.config.precision = nameOf(precision);
        options.startPaused = true;
        m_job = std::make_unique<Job>(std::move(options), std::make_unique<Lanes>());
    }

    std::vector<double> steps(int count) override
    {
        Lanes &lanes = m_job->lanes();
        lanes.commands.post(StepOnce{count});
        std::vector<double> milliseconds;
        while (static_cast<int>(milliseconds.size()) < count) {
            for (const ScalarRow &row : lanes.log.drain().rows) {
                milliseconds.push_back(1000 * (row.seconds - m_seconds));
                m_seconds = row.seconds;
            }
            if (const Status status = lanes.status.latest(); status.state == TrainerState::failed)
                throw std::runtime_error(status.failure);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return milliseconds;
    }

private:
    double m_seconds = 0;
    std::unique_ptr<Job> m_job;
};

} // namespace

/// Many steps a round, so that the few batches which wait ready at its beginning do not count.
std::vector<Row> epochRows()
{
    return {{.name = "epoch",
             .help = "A batch of an epoch end to end, views included, ResNet-8 of width 16 (x 234: an epoch of 60 000)",
             .steps = 20,
             .make = [](const Row &row) -> std::unique_ptr<Work> { return std::make_unique<Training>(row.precision); }}};
}

} // namespace pretext::bench
