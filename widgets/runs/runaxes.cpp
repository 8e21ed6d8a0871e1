#include "widgets/runs/runaxes.h"

#include "core/files/said.h"
#include "core/knobs/number.h"
#include "widgets/said.h"

#include <QFileInfo>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

namespace pretext {

namespace {

struct RunResult
{
    const char *key, *title;
    bool percent;
};

const RunResult kRunResults[] = {
    {"step", PRETEXT_SAID("Step"), false}, {"loss", PRETEXT_SAID("Loss"), false}, {"probe", PRETEXT_SAID("Probe"), true}, {"knn", PRETEXT_SAID("kNN"), true}};

/// What the methods and encoders of the runs declare, by name.
std::map<std::string, Knob> declaredOf(const std::vector<RunSummary> &runs)
{
    constexpr ImageShape kAnyImage{1, 28, 28};
    std::set<std::pair<std::string, std::string>> kinds;
    for (const RunSummary &run : runs)
        kinds.emplace(run.method, run.encoder);
    std::map<std::string, Knob> declared;
    for (const auto &[method, encoder] : kinds)
        try {
            for (const Knob &knob : knobsOf(method, encoder, kAnyImage))
                declared.emplace(knob.name, knob);
        } catch (const std::exception &) { // of another version of the program
        }
    return declared;
}

/// Numbers where all are, else their names in the order of the declaration or of the alphabet; nothing where the runs do not differ.
std::optional<ParallelAxis> axisOf(const std::vector<RunSummary> &runs, const std::string &key, const Knob *declared)
{
    ParallelAxis axis{QString::fromStdString(key), std::vector<double>(runs.size(), std::numeric_limits<double>::quiet_NaN())};
    std::set<double> numbers;
    std::set<std::string> texts;
    std::vector<RunValue> values;
    for (const RunSummary &run : runs) {
        values.push_back(valueOf(run, key));
        if (const double *number = std::get_if<double>(&values.back()))
            numbers.insert(*number);
        else if (const std::string *text = std::get_if<std::string>(&values.back()))
            texts.insert(*text);
    }
    if (numbers.size() + texts.size() < 2)
        return {};
    axis.logarithmic = declared && declared->logarithmic && (numbers.empty() || *numbers.begin() > 0);
    std::vector<std::string> names(texts.begin(), texts.end());
    if (declared && !declared->choices.empty())
        std::ranges::stable_sort(names, {}, [&](const std::string &name) { return std::ranges::find(declared->choices, name) - declared->choices.begin(); });
    for (const std::string &name : names)
        axis.names << (key == "data" ? QFileInfo(QString::fromStdString(name)).fileName() : QString::fromStdString(name));
    for (const double number : names.empty() ? std::set<double>() : numbers) // beside texts they are names
        axis.names << QString::fromStdString(toText(KnobValue(number)));
    for (size_t i = 0; i < runs.size(); ++i) {
        const double *number = std::get_if<double>(&values[i]);
        const std::string *text = std::get_if<std::string>(&values[i]);
        if (number)
            axis.values[i] = names.empty() ? *number : double(names.size()) + double(std::distance(numbers.begin(), numbers.find(*number)));
        else if (text)
            axis.values[i] = double(std::ranges::find(names, *text) - names.begin());
    }
    return axis;
}

} // namespace

std::vector<ParallelAxis> axesOf(const std::vector<RunSummary> &runs)
{
    std::vector<ParallelAxis> axes;
    const auto add = [&](const std::string &key, const Knob *declared) {
        if (std::optional<ParallelAxis> axis = axisOf(runs, key, declared))
            axes.push_back(std::move(*axis));
    };
    for (const char *key : {"method", "data", "encoder", "batch", "seed"})
        add(key, nullptr);
    const std::map<std::string, Knob> declared = declaredOf(runs);
    std::map<std::string, std::set<std::string>> knobs; // and two of their values
    for (const RunSummary &run : runs)
        for (const auto &[name, value] : run.knobs)
            if (std::set<std::string> &known = knobs[name]; known.size() < 2)
                known.insert(value);
    for (const auto &[name, known] : knobs)
        if (const auto knob = declared.find(name); known.size() > 1)
            add(name, knob == declared.end() ? nullptr : &knob->second);
    for (const RunResult &result : kRunResults) {
        ParallelAxis axis{translated(result.title), {}, {}, false, result.percent};
        for (const RunSummary &run : runs) {
            const RunValue value = valueOf(run, result.key);
            const double *number = std::get_if<double>(&value);
            axis.values.push_back(number ? *number : std::numeric_limits<double>::quiet_NaN());
        }
        const auto first = std::ranges::find_if(axis.values, [](double value) { return !std::isnan(value); });
        if (first != axis.values.end() && std::ranges::any_of(axis.values, [&](double value) { return value != *first; }))
            axes.push_back(std::move(axis));
    }
    return axes;
}

} // namespace pretext
