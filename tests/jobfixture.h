// A job that takes no time: small, on a data set that needs no file, waiting for its first step.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/job.h"

namespace pretext::test {

inline TrainerOptions shapesJob(const std::filesystem::path &out = {})
{
    TrainerOptions options;
    options.dataset = openDataset("shapes");
    options.config = makeConfig("simclr", "mlp", "shapes", options.dataset->info());
    options.config.batch = 8;
    options.startPaused = true;
    options.loaderAhead = 0;
    options.out = out;
    return options;
}

} // namespace pretext::test
