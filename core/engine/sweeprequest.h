// A sweep as it is asked for, on the command line or in the window's form, and the trials that come of it: the same for both.
#pragma once

#include "core/engine/sweep.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pretext {

struct SweepRequest
{
    std::vector<std::pair<std::string, std::string>> settings; // as they are written: "temperature", "0.05,0.1"; each once
    int64_t random = 0;                                        // trials that are drawn, by `seed`; 0: every combination
    uint64_t seed = 1;
    int64_t steps = 0; // of a whole trial; 0: as many as take `minutes`
    double minutes = 0;
    int64_t halving = 0, grace = 0; // as in Sweep
};

/// What trials of this method and encoder have in common, before what is swept; empty names are not swept. Throws std::invalid_argument where the two do not go
/// together.
using TrialBase = std::function<RunConfig(const std::string &method, const std::string &encoder)>;
/// The base of trials that have what a config says: another method or encoder comes with its recipe, and with what was changed of the config's own. The
/// data must outlive it.
TrialBase trialsOf(const RunConfig &config, const Dataset &dataset);

/// Every trial's config is made and checked. A knob that a trial's method or encoder does not have is left out of that trial, and trials that are the same
/// without it are one; a knob that no trial has is refused. Throws std::invalid_argument naming the setting or the trial, and what is wrong.
Sweep sweepOf(const SweepRequest &request, const Dataset &dataset, const TrialBase &base);
/// A sentence for each setting that some trials leave out: "temperature is left out of the trials with byol, which has no such knob".
std::vector<std::string> leftOutInWords(const Sweep &sweep);

/// "--set", "temperature=0.05,0.1", "--steps", "300": what says it on the command line.
std::vector<std::string> wordsOf(const SweepRequest &request);
/// The whole line, which makes the same trials as sweepOf() does of trialsOf(config): "pretext sweep --method simclr --dataset shapes --set ...".
std::string sweepLine(const SweepRequest &request, const RunConfig &config, const Dataset &dataset);
/// The same without the two words in front, unquoted.
std::vector<std::string> sweepWords(const SweepRequest &request, const RunConfig &config, const Dataset &dataset);

} // namespace pretext
