// `pretext train`: a run of the engine from the command line.
#include "app/cli/cli.h"

#include "core/engine/config.h"

#include <CLI/CLI.hpp>

namespace pretext {

CommandAction trainCommand(CLI::App &command)
{
    auto config = std::make_shared<RunConfig>();
    command.add_option("--method", config->method, "Method by name; see pretext methods")->capture_default_str();
    return [config] { return 1; };
}

} // namespace pretext
