// Two trainers in lock-step, as side by side in the window, without one: what they make of the machine beside one alone, or a run and what is forked from
// it trained together to a step, which tests/harness/pairs kills.
#include "core/engine/job.h"
#include "core/engine/resuming.h"
#include "core/engine/turns.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace pretext;

namespace {

using Clock = std::chrono::steady_clock;

void sleep(double seconds)
{
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

/// Those that rest take turns from now on, and go on together.
struct Together
{
    std::shared_ptr<Turns> turns;
    std::vector<std::unique_ptr<Job>> jobs;

    explicit Together(std::vector<TrainerOptions> all)
    {
        if (all.size() > 1)
            turns = std::make_shared<Turns>(int(all.size()));
        for (TrainerOptions &options : all) {
            options.startPaused = true;
            jobs.push_back(std::make_unique<Job>(std::move(options), std::make_unique<Lanes>()));
            if (turns)
                jobs.back()->lanes().commands.post(TakeTurns{turns, int(jobs.size()) - 1});
        }
    }
    Status status(size_t job) const { return jobs[job]->lanes().status.latest(); }
    bool all(TrainerState state) const
    {
        for (size_t job = 0; job < jobs.size(); ++job)
            if (status(job).state != state)
                return false;
        return true;
    }
    void failIfOneDid() const
    {
        for (size_t job = 0; job < jobs.size(); ++job)
            if (status(job).state == TrainerState::failed) {
                std::fprintf(stderr, "bench_pair: %s\n", status(job).failure.c_str());
                std::exit(1);
            }
    }
    void play()
    {
        const auto ready = [this](size_t job) { return status(job).state == TrainerState::paused || status(job).state == TrainerState::ended; };
        for (size_t job = 0; job < jobs.size(); ++job)
            while (!ready(job)) {
                failIfOneDid();
                sleep(0.01);
            }
        std::vector<int> places;
        for (size_t job = 0; job < jobs.size(); ++job)
            places.push_back(int(job));
        if (turns)
            turns->expect(places);
        for (const auto &job : jobs)
            job->lanes().commands.post(Play{});
    }
    int64_t steps() const
    {
        int64_t sum = 0;
        for (size_t job = 0; job < jobs.size(); ++job)
            sum += status(job).step;
        return sum;
    }
};

TrainerOptions jobOn(const std::string &data)
{
    TrainerOptions options;
    options.dataset = openDataset(data);
    options.config = recommendedConfig(*options.dataset);
    return options;
}

/// Samples a second, of all together.
double rate(size_t trainers, const TrainerOptions &options, double seconds)
{
    Together together(std::vector<TrainerOptions>(trainers, options));
    together.play();
    while (together.steps() < int64_t(4 * trainers))
        sleep(0.01);
    const auto begun = Clock::now();
    const int64_t before = together.steps();
    sleep(seconds);
    return double((together.steps() - before) * options.config.batch) / std::chrono::duration<double>(Clock::now() - begun).count();
}

int compare(const std::string &data, double seconds, int rounds)
{
    const TrainerOptions options = jobOn(data);
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
        const double one = rate(1, options, seconds), two = rate(2, options, seconds), again = rate(1, options, seconds);
        ratios.push_back(two / ((one + again) / 2));
        std::printf("%s: one trainer %.0f and %.0f samples/s, two side by side %.0f together: %.3f\n", data.c_str(), one, again, two, ratios.back());
        std::fflush(stdout);
    }
    std::ranges::sort(ratios);
    std::printf("%s: two side by side make %.3f of one trainer's samples per second (median of %d)\n", data.c_str(), ratios[ratios.size() / 2], rounds);
    return 0;
}

/// A fork of RUN@STEP, or that fork as it was left.
TrainerOptions forked(const RunAtStep &parent, const std::string &run, double temperature, int64_t steps)
{
    TrainerOptions options = isFreeForRun(run) ? forkOf(parent.run, parent.step).options : resumptionOf(run).options;
    options.out = run;
    options.config.steps = steps;
    if (options.config.knobs.real("temperature") != temperature)
        options.knobs = {{"temperature", temperature}};
    options.checkpointSeconds = 0.1; // so that there is something to be lost
    return options;
}

/// Both begin, or go on from their newest checkpoints, until each is at its planned end.
int train(const std::vector<std::string> &words)
{
    const RunAtStep parent = runAtStepNamed(words[1]);
    std::vector<TrainerOptions> all;
    for (const auto &[run, temperature] : {std::pair(words[2], 0.1), {words[3], 0.5}}) {
        TrainerOptions options = forked(parent, run, temperature, std::atoll(words[4].c_str()));
        options.dataset = all.empty() ? openDataset(options.config.dataset, options.config.datasetOptions) : all.front().dataset;
        all.push_back(std::move(options));
    }
    Together together(std::move(all));
    together.play();
    while (!together.all(TrainerState::ended)) {
        together.failIfOneDid();
        sleep(0.002);
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    std::vector<std::string> words(argv + 1, argv + argc);
    const auto value = [&](const char *name, const char *standard) -> std::string {
        const auto at = std::ranges::find(words, name);
        return at == words.end() || at + 1 == words.end() ? standard : *(at + 1);
    };
    try {
        if (words.size() == 5 && words[0] == "--train")
            return train(words);
        if (std::ranges::find(words, "--help") == words.end())
            return compare(value("--data", "fashion-mnist"), std::atof(value("--seconds", "10").c_str()), std::atoi(value("--rounds", "3").c_str()));
        std::printf("bench_pair [--data NAME] [--seconds N] [--rounds N]   samples per second of one trainer and of two side by side\n"
                    "bench_pair --train RUN@STEP LEFT RIGHT STEPS          two forks, of temperature 0.1 and 0.5, side by side to STEPS, or on from where\n"
                    "                                                      they were left\n");
        return 0;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "bench_pair: %s\n", error.what());
        return 1;
    }
}
