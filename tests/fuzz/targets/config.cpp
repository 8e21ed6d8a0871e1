// A config.json; the second part are lines of KNOB=VALUE as --set has them.
#include "tests/fuzz/target.h"

#include "core/engine/config.h"

#include <nlohmann/json.hpp>

#include <sstream>

namespace pretext::fuzz {

void read_config(std::string_view input)
{
    const Scratch scratch;
    const std::vector<std::string> parts = partsOf(input);
    RunConfig config = loadConfig(scratch.write("config.json", parts[0]));
    std::istringstream lines(parts.size() > 1 ? parts[1] : "");
    for (std::string line; std::getline(lines, line);)
        if (const size_t equals = line.find('='); equals != std::string::npos)
            config.knobs.setText(line.substr(0, equals), line.substr(equals + 1));
    const nlohmann::json json = toJson(config);
    require(toJson(configFromJson(nlohmann::json::parse(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)))) == json,
            "a config that does not come back as it was written");
}

} // namespace pretext::fuzz
