#include "widgets/sweeps/sweepplan.h"

#include "core/engine/sweptsetting.h"
#include "core/nn/encoder.h"
#include "core/ssl/method.h"
#include "widgets/scalarhistory.h"

#include <QLocale>
#include <QObject>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

QString stepsInWords(const Sweep &sweep, const QString &trials)
{
    const QLocale locale;
    const std::vector<Rung> rungs = rungsOf(sweep);
    QString text = QObject::tr("%1 of %2 steps", "trials").arg(trials, locale.toString(qlonglong(rungs.front().steps)));
    for (size_t i = 1; i < rungs.size(); ++i)
        text = QObject::tr("%1, the best %2 to %3").arg(text, locale.toString(qlonglong(rungs[i].trials)), locale.toString(qlonglong(rungs[i].steps)));
    return text;
}

/// How many whole trials take as long as all of them do.
double wholeTrials(Sweep sweep)
{
    sweep.steps = 1'000'000'000;
    const std::vector<Rung> rungs = rungsOf(sweep);
    return double(stepsInAll(rungs)) / double(rungs.back().steps);
}

QString lengthInWords(const Sweep &sweep, double secondsPerStep)
{
    const qsizetype count = qsizetype(sweep.trials.size());
    const QString trials = count == 1 ? QObject::tr("1 trial") : QObject::tr("%1 trials").arg(QLocale().toString(count));
    if (sweep.steps == 0)
        return QObject::tr("%1 of as many steps as take %2 min each: %3.")
            .arg(trials, QLocale().toString(sweep.minutes), aboutSoLong(60 * sweep.minutes * wholeTrials(sweep)));
    const QString steps = stepsInWords(sweep, trials);
    if (!(secondsPerStep > 0))
        return QObject::tr("%1.").arg(steps);
    return QObject::tr("%1: %2 at the pace of this window's run.").arg(steps, aboutSoLong(secondsPerStep * double(stepsInAll(rungsOf(sweep)))));
}

} // namespace

QString planInWords(const Sweep &sweep, double secondsPerStep)
{
    QString text = lengthInWords(sweep, secondsPerStep);
    for (const std::string &sentence : leftOutInWords(sweep))
        text += u' ' + QString::fromStdString(sentence) + u'.';
    return text;
}

QString aboutSoLong(double seconds)
{
    const auto rounded = [](double value, qint64 by) { return std::max<qint64>(by, qint64(std::llround(value / double(by))) * by); };
    if (seconds < 55)
        return QObject::tr("about %1 s").arg(rounded(seconds, 10));
    if (const double minutes = seconds / 60; minutes < 57.5)
        return QObject::tr("about %1 min").arg(rounded(minutes, minutes < 9.5 ? 1 : 5));
    const qint64 halves = qint64(std::llround(seconds / 1800));
    if (halves >= 20)
        return QObject::tr("about %1 h").arg(halves / 2);
    return halves % 2 ? QObject::tr("about %1 h 30 min").arg(halves / 2) : QObject::tr("about %1 h").arg(halves / 2);
}

double steadySecondsPerStep(const ScalarHistory &history)
{
    constexpr size_t kLeast = 5, kSamples = 1001;
    const size_t steps = history.size() < 2 ? 0 : history.size() - 1, stride = std::max<size_t>(1, steps / kSamples);
    std::vector<double> lasted;
    for (size_t i = 1; i <= steps; i += stride)
        lasted.push_back(history.seconds[i] - history.seconds[i - 1]);
    if (lasted.size() < kLeast)
        return 0;
    const auto middle = lasted.begin() + std::ptrdiff_t(lasted.size() / 2);
    std::ranges::nth_element(lasted, middle);
    return std::max(0., *middle);
}

std::vector<std::string> sweepableSettings(const RunConfig &config)
{
    std::vector<std::string> names(kSweptFields.begin(), kSweptFields.end());
    for (const Knob &knob : config.knobs.declarations())
        names.push_back(knob.name);
    return names;
}

std::vector<std::string> namesFor(const RunConfig &config, const std::string &setting)
{
    std::vector<std::string> names;
    const MethodType &method = methodType(config.method);
    if (setting == "method") {
        for (const MethodType &type : methodTypes())
            if (trainsOn(type, modalityOf(config)) && (!type.labels || method.labels))
                names.push_back(type.name);
    } else if (setting == "encoder") {
        for (const EncoderType &type : encoderTypes())
            if (type.modality == modalityOf(config) && suits(method, type))
                names.push_back(type.name);
    } else if (setting == "precision") {
        names = {"f32", "bf16"};
    } else if (const Knob *knob = config.knobs.find(setting); knob && knob->kind == KnobKind::choice) {
        names = knob->choices;
    } else if (knob && knob->kind == KnobKind::boolean) {
        names = {"false", "true"};
    }
    return names;
}

namespace {

constexpr size_t kSuggested = 3; // of methods and encoders, of which there are many

std::vector<std::string> someEncoders(const RunConfig &config)
{
    std::vector<std::string> names = namesFor(config, "encoder");
    std::ranges::stable_partition(names, [&](const std::string &name) { return name == config.encoder; });
    names.resize(std::min(names.size(), kSuggested));
    return names;
}

/// The run's own, and the first of other families that its encoder suits.
std::vector<std::string> someMethods(const RunConfig &config)
{
    std::vector<std::string> names{config.method};
    std::vector<Family> families{methodType(config.method).family};
    for (const std::string &name : namesFor(config, "method")) {
        const MethodType &type = methodType(name);
        if (names.size() < kSuggested && std::ranges::find(families, type.family) == families.end() && suits(type, encoderType(config.encoder))) {
            names.push_back(name);
            families.push_back(type.family);
        }
    }
    return names;
}

} // namespace

std::string valuesAround(const RunConfig &config, const std::string &setting)
{
    const auto joined = [](const std::vector<std::string> &values) {
        std::string text;
        for (const std::string &value : values)
            text += (text.empty() ? "" : ",") + value;
        return text;
    };
    if (setting == "seed")
        return "1,2,3";
    if (setting == "batch")
        return joined({std::to_string(std::max<int64_t>(2, config.batch / 2)), std::to_string(config.batch), std::to_string(2 * config.batch)});
    if (setting == "method")
        return joined(someMethods(config));
    if (setting == "encoder")
        return joined(someEncoders(config));
    if (const std::vector<std::string> names = namesFor(config, setting); !names.empty())
        return joined(names);
    const Knob *knob = config.knobs.find(setting);
    if (!knob)
        return {};
    const double value = config.knobs.real(setting);
    std::vector<std::string> values;
    for (const double step : {-1., 0., 1., 2.}) {
        const double wish = knob->logarithmic && value > 0 ? value * std::pow(2, step) : value + step * (knob->maximum - knob->minimum) / 5;
        const double kept = std::clamp(knob->kind == KnobKind::integer ? std::round(wish) : std::round(wish * 1e6) / 1e6, knob->minimum, knob->maximum);
        if (const std::string text = toText(KnobValue(kept)); std::ranges::find(values, text) == values.end())
            values.push_back(text);
    }
    return joined(values);
}

} // namespace pretext
