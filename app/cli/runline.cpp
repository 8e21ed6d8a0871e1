#include "app/cli/runline.h"

#include "app/cli/givenoptions.h"
#include "app/cli/newconfig.h"
#include "app/cli/trainoptions.h"
#include "core/engine/runtext.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pretext {

RunConfig configOfRunText(const std::string &text, std::shared_ptr<const Dataset> &dataset)
{
    std::vector<std::string> words = wordsOfRunText(text);
    CLI::App command;
    TrainArguments arguments;
    const auto given = givenOptions(command);
    addTraining(command, arguments);
    words.erase(words.begin(), words.begin() + 2);
    std::ranges::reverse(words); // as the parser takes them
    try {
        command.parse(words);
    } catch (const CLI::ParseError &error) {
        throw std::invalid_argument(said("the text cannot be read, by this version at least: %1", {shortened(error.what(), 300)}));
    }
    const std::string other = givenBeside(*given, {"--method", "--dataset", "--encoder", "--batch", "--seed", "--steps", "--minutes", "--size", "--grey",
                                                   "--imbalance", "--init", "--threads", "--device", "--precision", "--set", "--evaluate-every", "--code"});
    if (!other.empty())
        throw std::invalid_argument(said("%1 has no place in the text of a run", {other}));
    const std::string code = std::exchange(arguments.code, {}).value(); // whoever pasted the text has set no option
    const RunConfig config = newConfig(arguments, dataset, false);
    if (const std::string difference = differenceFromCode(code, config, *dataset); !difference.empty())
        throw std::invalid_argument(said("%1; copy the text anew from where it was shared", {difference}));
    return config;
}

} // namespace pretext
