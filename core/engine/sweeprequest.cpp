#include "core/engine/sweeprequest.h"

#include "core/engine/runtext.h"
#include "core/engine/sweptsetting.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

namespace pretext {

namespace {

std::string trialNamed(const Settings &settings)
{
    std::string text;
    for (const auto &[name, value] : settings)
        text += (text.empty() ? "" : " ") + name + "=" + value;
    return text;
}

/// Runs `make`; what it refuses is said of the trial.
template<class Make>
auto ofTrial(const Settings &settings, const Make &make)
{
    try {
        return make();
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument(pretext::said("the trial %1: %2", {trialNamed(settings), forReader(error.what())}));
    }
}

/// The bases of all methods and encoders that are swept.
class Bases
{
public:
    Bases(const SweepRequest &request, const TrialBase &base)
    {
        const auto valuesOf = [&](const std::string &field) {
            const auto setting = std::ranges::find(request.settings, field, &std::pair<std::string, std::string>::first);
            return setting == request.settings.end() ? std::vector<std::string>{""} : valuesIn(setting->second);
        };
        for (const std::string &method : valuesOf("method"))
            for (const std::string &encoder : valuesOf("encoder")) {
                Settings named;
                if (!method.empty())
                    named.emplace_back("method", method);
                if (!encoder.empty())
                    named.emplace_back("encoder", encoder);
                m_all.push_back(named.empty() ? base(method, encoder) : ofTrial(named, [&] { return base(method, encoder); }));
                m_places[{method, encoder}] = m_all.size() - 1;
            }
    }

    const std::vector<RunConfig> &all() const { return m_all; }
    const RunConfig &of(const Settings &settings) const { return m_all[m_places.at({settingIn(settings, "method"), settingIn(settings, "encoder")})]; }

    Settings withoutLacking(Settings settings) const
    {
        const RunConfig &base = of(settings);
        std::erase_if(settings, [&](const auto &setting) { return !isSweptField(setting.first) && !base.knobs.find(setting.first); });
        return settings;
    }

private:
    std::vector<RunConfig> m_all;
    std::map<std::pair<std::string, std::string>, size_t> m_places;
};

RunConfig configOf(const Bases &bases, const Settings &settings, const Dataset &dataset)
{
    RunConfig config = bases.of(settings);
    for (const auto &[name, value] : settings)
        if (!setSweptField(config, name, value))
            config.knobs.setText(name, value);
    checkConfig(config, dataset);
    requireViewsWithinImages(config);
    return config;
}

} // namespace

TrialBase trialsOf(const RunConfig &config, const Dataset &dataset)
{
    return [config, &dataset](const std::string &method, const std::string &encoder) {
        const bool chosen = config.encoder != recommendedConfig(dataset, config.method).encoder;
        const std::string its = !encoder.empty() ? encoder : method.empty() || chosen ? config.encoder : "";
        RunConfig base = adapted(config, dataset, method.empty() ? config.method : method, its, dataset);
        base.dataset = config.dataset;
        base.init = config.init;
        base.steps = 0;
        base.minutes = 0;
        base.evaluateEvery = 0; // of its own
        return base;
    };
}

Sweep sweepOf(const SweepRequest &request, const Dataset &dataset, const TrialBase &base)
{
    std::set<std::string> known;
    for (const auto &[name, text] : request.settings)
        if (!known.insert(name).second)
            throw std::invalid_argument(pretext::said("%1 is there twice; give it once", {name}));
    if (request.settings.empty())
        throw std::invalid_argument(pretext::said("nothing is swept; name a setting and its values"));
    const Bases bases(request, base);
    Sweep sweep;
    for (const auto &[name, text] : request.settings)
        sweep.swept.push_back(sweptSettingOf(bases.all(), name, text));
    sweep.random = request.random;
    sweep.seed = request.seed;
    sweep.steps = request.steps;
    sweep.minutes = request.minutes;
    sweep.halving = request.halving;
    sweep.grace = request.grace;
    const auto own = [&](const Settings &settings) { return bases.withoutLacking(settings); };
    for (Settings &trial : sweep.random > 0 ? drawnFrom(sweep.swept, sweep.random, sweep.seed, own) : gridOf(sweep.swept, own)) {
        RunConfig config = ofTrial(trial, [&] { return configOf(bases, trial, dataset); });
        sweep.trials.push_back({std::move(trial), std::move(config)});
    }
    return sweep;
}

std::vector<std::string> leftOutInWords(const Sweep &sweep)
{
    std::vector<std::string> sentences;
    for (const SweptSetting &setting : sweep.swept) {
        std::set<std::string> lacking;
        for (const SweepTrial &trial : sweep.trials)
            if (settingIn(trial.settings, setting.name).empty())
                lacking.insert(setting.name.starts_with("encoder.") ? trial.config.encoder : trial.config.method);
        std::string names;
        for (const std::string &name : lacking)
            names += (names.empty() ? "" : ", ") + name;
        if (lacking.size() == 1)
            sentences.push_back(pretext::said("%1 is left out of the trials with %2, which has no such knob", {setting.name, names}));
        else if (!lacking.empty())
            sentences.push_back(pretext::said("%1 is left out of the trials with %2, which have no such knob", {setting.name, names}));
    }
    return sentences;
}

std::vector<std::string> wordsOf(const SweepRequest &request)
{
    std::vector<std::string> words;
    for (const auto &[name, text] : request.settings)
        words.insert(words.end(), {"--set", name + "=" + text});
    for (const auto &[option, value] : {std::pair("--random", request.random), std::pair("--halving", request.halving),
                                        std::pair("--stop-early", request.grace), std::pair("--steps", request.steps)})
        if (value > 0)
            words.insert(words.end(), {option, std::to_string(value)});
    if (request.steps == 0)
        words.insert(words.end(), {"--minutes", toText(KnobValue(request.minutes))});
    return words;
}

std::vector<std::string> sweepWords(const SweepRequest &request, const RunConfig &config, const Dataset &dataset)
{
    RunConfig base = config;
    base.steps = 0;
    base.minutes = 0;
    const auto isSwept = [&](const std::string &name) {
        return std::ranges::find(request.settings, name, &std::pair<std::string, std::string>::first) != request.settings.end();
    };
    std::vector<std::string> words;
    for (const auto &[option, value] : settingsInOptions(base, dataset))
        if (!isSwept(option == "--set" ? value.substr(0, value.find('=')) : option.substr(2))) {
            words.push_back(option);
            if (!value.empty())
                words.push_back(value);
        }
    for (std::string &word : wordsOf(request))
        words.push_back(std::move(word));
    return words;
}

std::string sweepLine(const SweepRequest &request, const RunConfig &config, const Dataset &dataset)
{
    std::vector<std::string> words{"pretext", "sweep"};
    for (std::string &word : sweepWords(request, config, dataset))
        words.push_back(std::move(word));
    return asShellLine(words);
}

} // namespace pretext
