// A run as a short text that somebody can read, run and paste: the `pretext train` line with what differs from the recipe, and at its end a code by which
// other settings, as of another version's recipe, and other data are noticed.
#pragma once

#include "core/engine/config.h"
#include "core/engine/datamark.h"

#include <string>
#include <utility>
#include <vector>

namespace pretext {

/// "pretext train --method simclr --dataset shapes --seed 3 --steps 600 --set temperature=0.5 --code 7K3QF2M-Q9XB5", words in quotes where a shell needs
/// them. `config` as the run began, with the threads and the precision that it settled on, which make the numbers the same bit for bit. A planned end that was
/// moved and a run that was forked have no place in it.
std::string runText(const RunConfig &config, const Dataset &dataset);
/// Its options and their values, without the code: those of the config that differ from the recipe, --method, --dataset and --seed always.
std::vector<std::pair<std::string, std::string>> settingsInOptions(const RunConfig &config, const Dataset &dataset);
/// Words in one line, in quotes where a shell needs them.
std::string asShellLine(const std::vector<std::string> &words);
/// The words of such a text, as a shell would read them; the dashes, quotes and spaces that programs for slides put in their place are those they stand for.
/// Throws std::invalid_argument where it is none, or is cut off before its code.
std::vector<std::string> wordsOfRunText(const std::string &text);
/// Whether it begins as one.
bool isRunText(const std::string &text);

/// "7K3QF2M-Q9XB5": seven letters of what the run's bits depend on but threads and precision, five of its data.
std::string runCode(const RunConfig &config, const DataMark &data);
/// Which half of the code is not theirs, in a sentence; empty: none. The code without the run's length, for a line that leaves it open, is taken as well. Throws
/// std::invalid_argument where it is no code.
std::string differenceFromCode(const std::string &code, const RunConfig &config, const Dataset &dataset);

} // namespace pretext
