#include "core/system/threads.h"

#include "core/files/said.h"
#include "core/system/controlgroup.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace pretext {

namespace {

int coresOfThisProcess()
{
#ifdef _OPENMP
    return omp_get_num_procs();
#else
    return 1;
#endif
}

std::string coresText(int cores)
{
    return std::to_string(cores) + (cores == 1 ? " core" : " cores");
}

int coresOfTheMachine()
{
    return std::max(static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)), coresOfThisProcess());
}

const std::optional<double> &quotaOfThisProcess()
{
    static const std::optional<double> quota = processorQuota();
    return quota;
}

} // namespace

ThreadChoice chooseThreads(int asked, int cores, std::optional<double> quota, int machine)
{
    const int most = quota ? std::clamp(static_cast<int>(std::min(std::ceil(*quota), 1e6)), 1, cores) : cores; // a whole thread for a part of a core
    char limit[64] = "";
    if (quota && most < cores)
        std::snprintf(limit, sizeof limit, "the processor quota is %.3g of %s", *quota, coresText(cores).c_str());
    if (asked > 0 && asked <= most)
        return {asked, PRETEXT_SAID("as asked")};
    const std::string bound = cores < machine ? "this process may use " + std::to_string(cores) + " of " + coresText(machine) : std::string();
    const std::string reason = *limit ? limit : !bound.empty() ? bound : asked > 0 ? "there are " + coresText(cores) : PRETEXT_SAID("all cores");
    return {most, asked > 0 ? std::to_string(asked) + " asked, but " + reason : reason};
}

ThreadChoice chooseThreads(int asked)
{
    return chooseThreads(asked, coresOfThisProcess(), quotaOfThisProcess(), coresOfTheMachine());
}

std::string explainedThreads(int asked, int cores, std::optional<double> quota, int machine)
{
    const ThreadChoice choice = chooseThreads(asked, cores, quota, machine);
    char limit[64] = "sets no processor quota";
    if (quota)
        std::snprintf(limit, sizeof limit, "gives it the time of %.3g", *quota);
    return "Computes on " + std::to_string(choice.count) + (choice.count == 1 ? " thread: " : " threads: ") + choice.reason + ". The machine has "
           + coresText(machine) + "; this process may run on " + (cores < machine ? std::to_string(cores) + " of them (its affinity)" : "all of them")
           + "; its control group " + limit + "; "
           + (asked > 0 ? std::to_string(asked) + " were asked for (--threads)." : "no number was asked for (--threads).");
}

std::string explainedThreads(int asked)
{
    return explainedThreads(asked, coresOfThisProcess(), quotaOfThisProcess(), coresOfTheMachine());
}

} // namespace pretext
