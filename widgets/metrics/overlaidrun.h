// Another run beside the running one: its curves, and the knobs in which the two differ.
#pragma once

#include "core/engine/config.h"
#include "widgets/scalarhistory.h"

#include <QString>

#include <filesystem>
#include <memory>
#include <vector>

namespace pretext {

struct OverlaidRun
{
    QString name;
    RunConfig config;
    ScalarHistory history;
};

/// Reads config.json and metrics.csv; throws naming what is wrong. Not for the window's thread.
std::shared_ptr<OverlaidRun> readRun(const std::filesystem::path &folder);

struct KnobDifference { QString name; std::vector<QString> values; }; // one a config, in the order given; empty where not declared
/// What differs between the configs: method, encoder, data, batch, seed and every knob.
std::vector<KnobDifference> differences(const std::vector<const RunConfig *> &configs);

} // namespace pretext
