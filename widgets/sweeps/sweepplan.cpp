#include "widgets/sweeps/sweepplan.h"

#include "core/engine/sweptsetting.h"

#include <QLocale>
#include <QObject>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace pretext {

QStringList SweepPlan::arguments() const
{
    QStringList all;
    for (const auto &[name, text] : settings)
        all << "--set" << QString::fromStdString(name + "=" + text);
    for (const auto &[option, value] :
         {std::pair("--random", random), std::pair("--halving", halving), std::pair("--stop-early", stopEarly), std::pair("--steps", steps)})
        if (value > 0)
            all << option << QString::number(value);
    if (steps == 0)
        all << "--minutes" << QString::number(minutes);
    return all;
}

Sweep SweepPlan::sweep(const RunConfig &base) const
{
    Sweep sweep;
    std::set<std::string> known;
    for (const auto &[name, text] : settings) {
        if (!known.insert(name).second)
            throw std::invalid_argument(QObject::tr("%1 is there twice; take one row away").arg(QString::fromStdString(name)).toStdString());
        sweep.swept.push_back(sweptSettingOf(base, name, text));
    }
    if (sweep.swept.empty())
        throw std::invalid_argument(QObject::tr("What is to be swept? Add a setting and its values.").toStdString());
    sweep.random = random;
    sweep.halving = halving;
    sweep.grace = stopEarly;
    sweep.steps = steps;
    sweep.minutes = minutes;
    sweep.trials.resize(random > 0 ? drawnFrom(sweep.swept, random, base.seed).size() : gridOf(sweep.swept).size());
    rungsOf(sweep);
    return sweep;
}

QString SweepPlan::inWords(const RunConfig &base, double secondsPerStep) const
{
    const Sweep planned = sweep(base);
    std::vector<Rung> rungs = rungsOf(planned);
    const QLocale locale;
    QString text = planned.trials.size() == 1 ? QObject::tr("1 trial") : QObject::tr("%1 trials").arg(locale.toString(qulonglong(planned.trials.size())));
    if (steps > 0) {
        text = QObject::tr("%1 of %2 steps", "trials").arg(text, locale.toString(qlonglong(rungs.front().steps)));
        for (size_t i = 1; i < rungs.size(); ++i)
            text = QObject::tr("%1, the best %2 to %3").arg(text, locale.toString(qlonglong(rungs[i].trials)), locale.toString(qlonglong(rungs[i].steps)));
        if (secondsPerStep > 0)
            return QObject::tr("%1: about %2 at the pace of this window's run.").arg(text, durationInWords(secondsPerStep * double(stepsInAll(rungs))));
        return QObject::tr("%1.").arg(text);
    }
    double whole = 0; // trials' worth of minutes
    Sweep shares = planned;
    shares.steps = 1'000'000'000;
    rungs = rungsOf(shares);
    whole = double(stepsInAll(rungs)) / double(rungs.back().steps);
    return QObject::tr("%1 of as many steps as take %2 each: about %3.").arg(text, durationInWords(60 * minutes), durationInWords(60 * minutes * whole));
}

QString durationInWords(double seconds)
{
    const qint64 whole = qint64(std::ceil(seconds));
    if (whole < 60)
        return QObject::tr("%1 s").arg(whole);
    if (whole < 3600)
        return QObject::tr("%1 min").arg((whole + 59) / 60);
    return QObject::tr("%1 h %2 min").arg(whole / 3600).arg(whole % 3600 / 60);
}

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
    const Knob *knob = config.knobs.find(setting);
    if (!knob)
        return {};
    if (knob->kind == KnobKind::boolean)
        return "false,true";
    if (knob->kind == KnobKind::choice)
        return joined(knob->choices);
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
