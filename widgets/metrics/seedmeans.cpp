#include "widgets/metrics/seedmeans.h"

#include <QFileInfo>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pretext {

namespace {

std::vector<RunSettings> settingsOf(const std::vector<std::shared_ptr<OverlaidRun>> &runs)
{
    std::vector<RunSettings> settings;
    for (const auto &run : runs)
        settings.emplace_back(*run);
    return settings;
}

constexpr int kMostToldApart = 4; // settings in a label

bool areAlike(const OverlaidRun &a, const OverlaidRun &b)
{
    return std::ranges::all_of(differences({a, b}), [](const KnobDifference &difference) { return difference.name == QLatin1String("seed"); });
}

/// Per run the places in its history of the steps that all of them took.
std::vector<std::vector<size_t>> commonSteps(const std::vector<std::shared_ptr<OverlaidRun>> &runs)
{
    std::vector<std::vector<size_t>> places(runs.size());
    std::vector<size_t> at(runs.size());
    for (;;) {
        double latest = -1;
        for (size_t run = 0; run < runs.size(); ++run) {
            if (at[run] >= runs[run]->history.size())
                return places;
            latest = std::max(latest, runs[run]->history.steps[at[run]]);
        }
        bool together = true;
        for (size_t run = 0; run < runs.size(); ++run)
            if (runs[run]->history.steps[at[run]] < latest) {
                ++at[run];
                together = false;
            }
        for (size_t run = 0; together && run < runs.size(); ++run)
            places[run].push_back(at[run]++);
    }
}

void fill(SeedMean &group)
{
    const auto places = commonSteps(group.runs);
    for (const size_t place : places.front())
        for (ScalarHistory *history : {&group.mean, &group.low, &group.high})
            history->steps.push_back(group.runs.front()->history.steps[place]);
    for (const auto &[channel, first] : group.runs.front()->history.columns) {
        if (!std::ranges::all_of(group.runs, [&, &name = channel](const auto &run) { return run->history.columns.contains(name); }))
            continue;
        for (size_t i = 0; i < places.front().size(); ++i) {
            double sum = 0, low = std::numeric_limits<double>::infinity(), high = -low;
            for (size_t run = 0; run < group.runs.size(); ++run) {
                const double value = group.runs[run]->history.columns.at(channel)[places[run][i]];
                sum += value;
                low = std::isnan(value) ? value : std::min(low, value); // a mean of all, or none
                high = std::isnan(value) ? value : std::max(high, value);
            }
            group.mean.columns[channel].push_back(sum / double(group.runs.size()));
            group.low.columns[channel].push_back(std::isnan(sum) ? sum : low);
            group.high.columns[channel].push_back(std::isnan(sum) ? sum : high);
        }
    }
}

} // namespace

std::vector<SeedMean> meansOverSeeds(const std::vector<std::shared_ptr<OverlaidRun>> &runs)
{
    std::vector<SeedMean> groups;
    for (const auto &run : runs) {
        const auto alike = std::ranges::find_if(groups, [&](const SeedMean &group) { return areAlike(*group.runs.front(), *run); });
        if (alike == groups.end())
            groups.push_back({{run}, {}, {}, {}});
        else if (const auto same = std::ranges::find(alike->runs, run->config.seed, [](const auto &other) { return other->config.seed; });
                 same == alike->runs.end())
            alike->runs.push_back(run);
        else if (run->history.size() > (*same)->history.size())
            *same = run; // a copy tells nothing of other seeds, but may be the longer one
    }
    for (SeedMean &group : groups)
        if (group.runs.size() > 1)
            fill(group);
    return groups;
}

std::vector<size_t> groupsOf(const std::vector<std::shared_ptr<OverlaidRun>> &runs)
{
    const std::vector<SeedMean> groups = meansOverSeeds(runs);
    std::vector<size_t> places;
    for (const auto &run : runs)
        places.push_back(size_t(std::ranges::find_if(groups, [&](const SeedMean &group) { return areAlike(*group.runs.front(), *run); }) - groups.begin()));
    return places;
}

std::vector<QString> labelsOf(const std::vector<std::shared_ptr<OverlaidRun>> &runs, bool seeds)
{
    const std::vector<RunSettings> settings = settingsOf(runs);
    std::vector<QStringList> told(runs.size());
    if (runs.size() > 1)
        for (const KnobDifference &difference : differences(settings))
            for (size_t run = 0; run < runs.size(); ++run)
                if (const QString &value = difference.values[run]; !value.isEmpty() && (seeds || difference.name != QLatin1String("seed")))
                    told[run] << difference.name + u' ' + (difference.name == QLatin1String("data") ? QFileInfo(value).fileName() : value);
    std::vector<QString> labels;
    for (size_t run = 0; run < runs.size(); ++run)
        labels.push_back(told[run].isEmpty() || told[run].size() > kMostToldApart ? runs[run]->name : told[run].join(QStringLiteral(", ")));
    const std::vector<QString> shared = labels;
    for (size_t run = 0; run < runs.size(); ++run) // two runs of the same settings
        if (std::ranges::count(shared, shared[run]) > 1 && shared[run] != runs[run]->name)
            labels[run] += QStringLiteral(", ") + runs[run]->name;
    return labels;
}

} // namespace pretext
