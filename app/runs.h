// Where the window's own runs lie and how they are called: DATE-METHOD each, in the user's data folder.
#pragma once

#include "core/engine/config.h"

#include <QDateTime>

#include <filesystem>
#include <set>

namespace pretext {

std::filesystem::path runsRoot();
/// "ROOT/2026-03-01-141503-simclr", with "-2" and so on where that exists, or was `given` to a run that has yet to make it.
std::filesystem::path newRunPath(const std::filesystem::path &root, const RunConfig &config, const QDateTime &now,
                                 const std::set<std::filesystem::path> &given = {});

} // namespace pretext
