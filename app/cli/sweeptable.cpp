#include "app/cli/sweeptable.h"

#include "app/cli/table.h"
#include "core/data/counted.h"
#include "core/files/shownpath.h"
#include "core/knobs/number.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <ostream>

namespace pretext {

namespace {

std::string numberIn(const char *pattern, double value)
{
    char text[64];
    std::snprintf(text, sizeof text, pattern, value);
    return text;
}

/// In per cent.
std::string shareOf(const TrialResult &result, const char *name)
{
    const std::optional<double> share = result.named(name);
    return share ? numberIn("%.1f", 100 * *share) : "";
}

/// Nothing of one that took all its steps.
std::string stateInWords(const TrialResult &result)
{
    if (result.early)
        return "stopped early at step " + std::to_string(result.step);
    return result.over && !result.failed ? std::string() : stateOf(result);
}

nlohmann::json valueOf(const std::string &text)
{
    if (text == "true" || text == "false")
        return text == "true";
    if (const std::optional<int64_t> whole = wholeNumber<int64_t>(text))
        return *whole;
    const std::optional<double> real = realNumber(text);
    return real ? nlohmann::json(*real) : nlohmann::json(text);
}

} // namespace

std::string settingsInWords(const Sweep &sweep, size_t trial)
{
    std::string text;
    for (size_t i = 0; i < sweep.swept.size(); ++i)
        if (const std::string value = settingIn(sweep.trials.at(trial).settings, sweep.swept[i].name); varies(sweep.swept[i]) && !value.empty())
            text += (text.empty() ? "" : ", ") + sweep.swept[i].name + " " + value;
    return text;
}

std::string sweepInWords(const Sweep &sweep)
{
    const std::vector<Rung> rungs = rungsOf(sweep);
    std::string text;
    for (const Rung &rung : rungs)
        text += (text.empty() ? "" : ", the best " + std::to_string(rung.trials) + " to ") + (text.empty() ? counted(rung.trials, "trial") + " of " : "")
                + counted(rung.steps, "step");
    return text;
}

std::string resultInWords(const TrialResult &result)
{
    std::string text = "step " + std::to_string(result.step);
    for (const auto &[name, words] : {std::pair("knn", "kNN"), std::pair("probe", "probe")})
        if (const std::string share = shareOf(result, name); !share.empty())
            text += std::string(", ") + words + " " + share;
    if (result.loss)
        text += ", loss " + numberIn("%.4g", *result.loss);
    return text + (result.early ? ", stopped early" : "");
}

void printStandings(std::ostream &out, const Sweep &sweep, const std::vector<TrialStanding> &standings)
{
    std::vector<std::vector<std::string>> rows{{"trial"}};
    for (size_t i = 0; i < sweep.swept.size(); ++i)
        if (varies(sweep.swept[i]))
            rows[0].push_back(sweep.swept[i].name);
    for (const char *column : {"step", "kNN", "probe", "loss", "state"})
        rows[0].push_back(column);
    for (const auto &[trial, result] : standings) {
        std::vector<std::string> row{trialFolder({}, trial).string()};
        for (size_t i = 0; i < sweep.swept.size(); ++i)
            if (varies(sweep.swept[i]))
                row.push_back(settingIn(sweep.trials[trial].settings, sweep.swept[i].name));
        row.insert(row.end(), {std::to_string(result.step), shareOf(result, "knn"), shareOf(result, "probe"), result.loss ? numberIn("%.4g", *result.loss) : "",
                               stateInWords(result)});
        rows.push_back(std::move(row));
    }
    if (std::ranges::all_of(standings, [](const TrialStanding &standing) { return stateInWords(standing.result).empty(); }))
        for (auto &row : rows)
            row.pop_back();
    printTable(out, rows);
    if (const TrialStanding &best = standings.front(); best.result.over && !best.result.failed)
        out << "\nbest: " << trialFolder({}, best.trial).string() << ", " << settingsInWords(sweep, best.trial) << std::endl;
}

nlohmann::json standingsToJson(const std::filesystem::path &folder, const Sweep &sweep, const std::vector<TrialStanding> &standings)
{
    nlohmann::json trials = nlohmann::json::array();
    for (const auto &[trial, result] : standings) {
        nlohmann::json settings = nlohmann::json::object(), results = nlohmann::json::object();
        for (const auto &[name, value] : sweep.trials[trial].settings)
            settings[name] = valueOf(value);
        for (const auto &[name, value] : result.results)
            results[name] = value;
        nlohmann::json row{{"trial", trial + 1},       {"path", shownPath(trialFolder(folder, trial))},
                           {"settings", settings},     {"step", result.step},
                           {"state", stateOf(result)}, {"results", results}};
        if (result.loss)
            row["loss"] = *result.loss;
        trials.push_back(std::move(row));
    }
    nlohmann::json rungs = nlohmann::json::array();
    for (const Rung &rung : rungsOf(sweep))
        rungs.push_back({{"steps", rung.steps}, {"trials", rung.trials}});
    return {{"sweep", shownPath(folder)}, {"rungs", rungs}, {"trials", trials}};
}

} // namespace pretext
