#include "core/engine/sweepstopping.h"

#include "core/engine/runfolder.h"
#include "core/files/json.h"
#include "core/files/safetensors.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace fs = std::filesystem;

namespace {

fs::path stopFileIn(const fs::path &run)
{
    return run / "stopped-early.json";
}

/// The best one up to the step.
double bestBy(const std::vector<TrialLook> &looks, int64_t step)
{
    double best = -1;
    for (const TrialLook &look : looks)
        if (look.step <= step)
            best = std::max(best, look.knn);
    return best;
}

double medianOf(std::vector<double> values)
{
    std::ranges::sort(values);
    const size_t half = values.size() / 2;
    return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace

std::vector<TrialLook> looksOf(const fs::path &run)
{
    std::vector<TrialLook> looks;
    std::error_code absent;
    if (!fs::exists(run / "metrics.csv", absent))
        return looks;
    try {
        const MetricsTable table = readMetrics(run / "metrics.csv");
        const auto column = size_t(std::ranges::find(table.columns, "evaluation/knn") - table.columns.begin());
        for (const std::vector<double> &row : table.rows)
            if (column < row.size() && !std::isnan(row[column]))
                looks.push_back({int64_t(row[0]), row[column]});
    } catch (const std::exception &) {
        looks.clear(); // whoever goes on with the trial says what is wrong with it
    }
    return looks;
}

std::optional<EarlyStop> stopsEarly(const std::vector<TrialLook> &own, const std::vector<std::vector<TrialLook>> &others, int64_t grace)
{
    if (own.empty() || int64_t(own.size()) <= grace)
        return {};
    const int64_t step = own.back().step;
    std::vector<double> best;
    for (const std::vector<TrialLook> &looks : others)
        if (!looks.empty() && looks.back().step >= step)
            best.push_back(bestBy(looks, step));
    if (best.size() < kLeastOthers)
        return {};
    const EarlyStop stop{step, bestBy(own, step), medianOf(best), int64_t(best.size())};
    return stop.best < stop.median ? std::optional(stop) : std::nullopt;
}

MedianRule::MedianRule(fs::path folder, const Sweep &sweep, size_t trial)
    : m_folder(std::move(folder))
    , m_trials(sweep.trials.size())
    , m_trial(trial)
    , m_grace(sweep.grace)
    , m_own(looksOf(trialFolder(m_folder, trial)))
{
}

std::optional<EarlyStop> MedianRule::looked(const TrialLook &look)
{
    std::erase_if(m_own, [&](const TrialLook &before) { return before.step >= look.step; }); // it was resumed at an earlier step
    m_own.push_back(look);
    return judge();
}

std::optional<EarlyStop> MedianRule::judge()
{
    std::vector<std::vector<TrialLook>> others;
    for (size_t trial = 0; trial < m_trials; ++trial) {
        if (trial == m_trial)
            continue;
        std::error_code absent;
        const fs::path run = trialFolder(m_folder, trial);
        const uintmax_t bytes = fs::file_size(run / "metrics.csv", absent);
        if (absent)
            continue;
        Read &known = m_others[trial];
        if (known.bytes != bytes)
            known = {bytes, looksOf(run)};
        others.push_back(known.looks);
    }
    return stopsEarly(m_own, others, m_grace);
}

void markStoppedEarly(const fs::path &run, const EarlyStop &stop)
{
    const nlohmann::json object{{"step", stop.step}, {"knn", stop.best}, {"median", stop.median}, {"others", stop.others}};
    const std::string text = object.dump(1) + "\n";
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(stopFileIn(run), {bytes, bytes + text.size()});
}

std::optional<EarlyStop> stoppedEarly(const fs::path &run)
{
    std::error_code absent;
    if (!fs::exists(stopFileIn(run), absent))
        return {};
    try {
        const nlohmann::json object = readJson(stopFileIn(run));
        return EarlyStop{object.at("step").get<int64_t>(), object.at("knn").get<double>(), object.at("median").get<double>(),
                         object.at("others").get<int64_t>()};
    } catch (const std::exception &) {
        return {}; // damaged: the rule is asked again
    }
}

} // namespace pretext
