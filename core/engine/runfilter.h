// Which runs of a list are meant: conditions on what they are (temperature<0.2, method=byol, tag=good) and words that their texts hold.
#pragma once

#include "core/engine/runsummary.h"

#include <string>
#include <vector>

namespace pretext {

struct RunCondition
{
    std::string name; // as valueOf() takes it
    enum Comparison { equal, different, less, lessOrEqual, more, moreOrEqual } comparison = equal;
    std::string value; // of knn and probe also in percent: 80, 80% and 0.8 are the same
};

struct RunFilter
{
    std::vector<RunCondition> conditions; // all of them hold
    std::vector<std::string> words;       // all of them stand in name, folder, method, data, encoder, tags or note, whatever their case

    bool accepts(const RunSummary &run) const;
};

/// NAME=VALUE, or with != < <= > >=. Throws std::invalid_argument where it is none.
RunCondition runConditionOf(const std::string &text);
/// Words and conditions between blanks, as they are typed into one line; blanks around a sign are part of a condition.
RunFilter runFilterOf(const std::string &typed);

/// Where no run has a value of that name: a sentence with what may have been meant; else empty.
std::string unknownName(const std::string &name, const std::vector<RunSummary> &runs);
/// The first that is not understood, in a sentence with what may have been meant: the name of a condition that is a value of no run, a value that is no number
/// where those of the runs are, or no state; a word that was to be a condition. Empty where there is none.
std::string misunderstoodIn(const RunFilter &filter, const std::vector<RunSummary> &runs);

} // namespace pretext
