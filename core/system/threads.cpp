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
    return cores == 1 ? pretext::said("%1 core", {cores}) : pretext::said("%1 cores", {cores});
}

std::string quotaText(double quota)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", quota);
    return text;
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
    if (asked > 0 && asked <= most)
        return {asked, said("as asked")};
    std::string reason = said("all cores");
    if (quota && most < cores)
        reason = said("the processor quota is %1 of %2", {quotaText(*quota), coresText(cores)});
    else if (cores < machine)
        reason = said("this process may use %1 of %2", {cores, coresText(machine)});
    else if (asked > 0)
        reason = said("there are %1", {coresText(cores)});
    return {most, asked > 0 ? said("%1 asked, but %2", {asked, reason}) : reason};
}

ThreadChoice chooseThreads(int asked)
{
    return chooseThreads(asked, coresOfThisProcess(), quotaOfThisProcess(), coresOfTheMachine());
}

std::string explainedThreads(int asked, int cores, std::optional<double> quota, int machine)
{
    const ThreadChoice choice = chooseThreads(asked, cores, quota, machine);
    const std::string computes = choice.count == 1 ? pretext::said("Computes on %1 thread: %2.", {choice.count, choice.reason})
                                                   : pretext::said("Computes on %1 threads: %2.", {choice.count, choice.reason});
    const std::string allowed =
        cores < machine ? pretext::said("this process may run on %1 of them (its affinity)", {cores}) : pretext::said("this process may run on all of them");
    const std::string limit =
        quota ? pretext::said("its control group gives it the time of %1", {quotaText(*quota)}) : pretext::said("its control group sets no processor quota");
    const std::string wanted = asked > 0 ? pretext::said("%1 were asked for (--threads)", {asked}) : pretext::said("no number was asked for (--threads)");
    return computes + ' ' + pretext::said("The machine has %1; %2; %3; %4.", {coresText(machine), allowed, limit, wanted});
}

std::string explainedThreads(int asked)
{
    return explainedThreads(asked, coresOfThisProcess(), quotaOfThisProcess(), coresOfTheMachine());
}

int threads()
{
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return 1;
#endif
}

void setThreads([[maybe_unused]] int count)
{
#ifdef _OPENMP
    omp_set_num_threads(count > 0 ? count : chooseThreads(0).count);
#endif
}

} // namespace pretext
