#include "core/system/threads.h"

#include "core/system/controlgroup.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

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

} // namespace

ThreadChoice chooseThreads(int asked, int cores, std::optional<double> quota)
{
    const int most = quota ? std::clamp(static_cast<int>(std::min(std::ceil(*quota), 1e6)), 1, cores) : cores; // a whole thread for a part of a core
    char limit[64] = "";
    if (quota && most < cores)
        std::snprintf(limit, sizeof limit, "the processor quota is %.3g of %s", *quota, coresText(cores).c_str());
    if (asked > 0 && asked <= most)
        return {asked, "as asked"};
    const std::string reason = *limit ? limit : asked > 0 ? "there are " + coresText(cores) : "all cores";
    return {most, asked > 0 ? std::to_string(asked) + " asked, but " + reason : reason};
}

ThreadChoice chooseThreads(int asked)
{
    static const std::optional<double> quota = processorQuota();
    return chooseThreads(asked, coresOfThisProcess(), quota);
}

} // namespace pretext
