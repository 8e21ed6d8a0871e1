#include "core/engine/profile.h"

#include "core/files/said.h"

#include <cstdio>

namespace pretext {

namespace {

using ProfileRow = std::vector<std::string>;

std::string aligned(const char *format, double value)
{
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

ProfileRow profileRow(const Profile &profile, const std::string &phase, const std::string &operation, double milliseconds)
{
    const double steps = double(profile.steps);
    return {phase, operation, aligned("%8.2f", milliseconds / steps), aligned("%5.1f %%", 100 * milliseconds / profile.milliseconds)};
}

ProfileRow operationRow(const Profile &profile, const OperationProfile &operation)
{
    ProfileRow row = profileRow(profile, "", operation.name, operation.milliseconds);
    row.push_back(aligned("%7.1f", double(operation.calls) / double(profile.steps)));
    if (operation.flop > 0 && operation.milliseconds > 0)
        row.push_back(aligned("%7.0f", operation.flop / operation.milliseconds / 1e6));
    return row;
}

} // namespace

std::vector<std::vector<std::string>> profileTable(const Profile &profile, double leastShare)
{
    std::vector<ProfileRow> rows{
        {pretext::said("phase"), pretext::said("operation"), pretext::said(" ms/step"), pretext::said("  share"), pretext::said("calls/step"), "GFLOP/s"}};
    if (profile.steps == 0 || profile.milliseconds <= 0)
        return rows;
    for (const PhaseProfile &phase : profile.phases) {
        rows.push_back(profileRow(profile, pretext::said(phase.name.c_str()), "", phase.milliseconds));
        double outside = phase.milliseconds;
        for (const OperationProfile &operation : phase.operations) {
            outside -= operation.milliseconds;
            if (operation.milliseconds >= leastShare * profile.milliseconds)
                rows.push_back(operationRow(profile, operation));
        }
        if (!phase.operations.empty() && outside >= leastShare * profile.milliseconds)
            rows.push_back(profileRow(profile, "", pretext::said("between operations"), outside));
    }
    rows.push_back(profileRow(profile, pretext::said("step"), "", profile.milliseconds));
    return rows;
}

} // namespace pretext
