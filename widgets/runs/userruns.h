// This user's runs: where the system keeps a program's data.
#pragma once

#include "core/engine/runstore.h"

#include <optional>

namespace pretext {

RunStore userRuns();
/// The same where a command may list runs there: none without a home, and where PRETEXT_UNLISTED is set in the environment.
std::optional<RunStore> userRunsIfAny();

} // namespace pretext
