// `pretext encoders`: the encoders there are, with every knob.
#include "app/cli/cli.h"
#include "app/cli/table.h"

#include "core/data/modalitytype.h"
#include "core/nn/encoder.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace pretext {

namespace {

void printEncodersJson()
{
    nlohmann::json json{{"encoders", nlohmann::json::array()}};
    for (const EncoderType &type : encoderTypes())
        json["encoders"].push_back({{"name", type.name}, {"help", type.help}, {"data", modalityType(type.modality).name}, {"knobs", toJson(type.knobs())}});
    std::cout << json.dump(2) << std::endl;
}

void printEncoders()
{
    for (const EncoderType &type : encoderTypes()) {
        printWrapped(std::cout, type.name + ": " + type.help, 2);
        printKnobs(std::cout, type.knobs());
    }
}

} // namespace

CommandAction encodersCommand(CLI::App &command)
{
    auto json = std::make_shared<bool>(false);
    command.add_flag("--json", *json, "As JSON (default: a table)");
    command.footer("Examples:\n  pretext encoders\n  pretext encoders --json");
    return [json] {
        *json ? printEncodersJson() : printEncoders();
        return 0;
    };
}

} // namespace pretext
