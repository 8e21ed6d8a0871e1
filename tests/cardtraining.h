// Toy runs on a card, which here is CUDA on the host (tests/cudahost), with what each step asked of it.
#pragma once

#include "core/engine/lanes.h"
#include "tests/cudahost/cudahost.h"
#include "tests/toydata.h"
#include "tests/toytext.h"

#include <functional>
#include <map>
#include <set>

namespace pretext {

inline TrainerOptions cardOptions(const std::string &method, const std::string &encoder, const std::string &device, int64_t steps,
                                  const std::filesystem::path &out = {})
{
    TrainerOptions options = toyOptions(steps, out);
    options.config = toyConfig(steps, method, encoder);
    options.config.device = device;
    options.config.precision = "f32";
    options.dataset = encoder == "transformer" ? std::make_shared<ToyText>() : toyImagesFor(method);
    return options;
}

struct CardTraining
{
    std::vector<double> losses;
    std::vector<Event> events;
    Status status;
    std::map<int64_t, cudahost::Calls> calls; // by the end of each step
    std::vector<SnapshotPtr> snapshots;
};

/// With a snapshot of what is wanted whenever there can be one. `after` is told of each step on the trainer's thread, before the next.
inline CardTraining trainOnCard(const TrainerOptions &options, std::set<std::string> wanted = {}, std::function<void(Lanes &, int64_t)> after = {})
{
    Lanes lanes;
    CardTraining trained;
    lanes.snapshotSeconds = wanted.empty() ? 1e9 : 0;
    lanes.wanted.set(std::move(wanted));
    lanes.notify = [&] {
        const int64_t step = lanes.status.latest().step;
        if (after && !trained.calls.contains(step))
            after(lanes, step);
        trained.calls[step] = cudahost::calls();
        if (const auto fresh = lanes.snapshots.takeFresh(); fresh && *fresh)
            trained.snapshots.push_back(*fresh);
    };
    trained.status = trainToy(options, lanes);
    Log::Drained all = lanes.log.drain();
    for (const ScalarRow &row : all.rows)
        for (const auto &[name, value] : row.values)
            if (name == "loss/total")
                trained.losses.push_back(value);
    trained.events = std::move(all.events);
    return trained;
}

} // namespace pretext
