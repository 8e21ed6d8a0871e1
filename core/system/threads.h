// How many threads to compute on, and why.
#pragma once

#include <optional>
#include <string>

namespace pretext {

struct ThreadChoice
{
    int count = 1;
    std::string reason; // in a few words: "all cores", "the processor quota is 1.5 of 8 cores"
};

/// The least of what is asked for (0: any number), the cores this process may run on, and the processors' time its control groups give it, rounded up.
ThreadChoice chooseThreads(int asked);
/// `machine`: its cores, where the process may not run on all of them.
ThreadChoice chooseThreads(int asked, int cores, std::optional<double> quota, int machine = 0);
/// Every limit in sentences, and which of them decides.
std::string explainedThreads(int asked);
std::string explainedThreads(int asked, int cores, std::optional<double> quota, int machine);

} // namespace pretext
