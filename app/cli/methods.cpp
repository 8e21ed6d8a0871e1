// `pretext methods`: the self-supervised methods there are, with every knob, and the optimizer's, which every method takes.
#include "app/cli/cli.h"
#include "app/cli/table.h"

#include "core/data/modalitytype.h"
#include "core/engine/config.h"
#include "core/engine/tokenizing.h"
#include "core/nn/optimizer.h"
#include "core/ssl/method.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace pretext {

namespace {

/// "image", or "image, sound".
std::string namesOfKinds(const MethodType &type)
{
    std::string names;
    for (const Modality kind : kindsOf(type))
        names += (names.empty() ? "" : ", ") + modalityType(kind).name;
    return names;
}

nlohmann::json methodToJson(const MethodType &type)
{
    return {{"name", type.name},
            {"title", type.title},
            {"help", type.help},
            {"family", titleOf(type.family)},
            {"views", viewCount(type.views(KnobSet(type.knobs({}))))},
            {"data", namesOfKinds(type)},
            {"knobs", toJson(type.knobs({}))}};
}

void printMethodsJson()
{
    nlohmann::json json{{"methods", nlohmann::json::array()}, {"optimizer", toJson(optimizerKnobs())}};
    for (const MethodType &type : methodTypes())
        json["methods"].push_back(methodToJson(type));
    std::cout << json.dump(2) << std::endl;
}

/// The default session is what `pretext` opens and `pretext train` starts from; it sets some knobs apart from their defaults.
void printDefaultSession()
{
    const RunConfig session = defaultConfig(*openDefaultDataset());
    std::string text =
        "The default session, from which pretext train starts, is " + session.method + " with " + session.encoder + " on " + session.dataset + " and sets";
    const char *separator = " ";
    for (const Knob &knob : session.knobs.declarations()) {
        if (session.knobs.value(knob.name) == knob.defaultValue)
            continue;
        text += separator + knob.name + '=' + toText(session.knobs.value(knob.name));
        separator = ", ";
    }
    std::cout << "\n";
    printWrapped(std::cout, text + ".");
}

void printMethods()
{
    for (const MethodGroup &group : methodGroups()) {
        printWrapped(std::cout, std::string(titleOf(group.family)) + ". " + helpOf(group.family));
        std::cout << "\n";
        for (const MethodType *type : group.methods) {
            printWrapped(std::cout, type->name + ": " + type->title + ", for " + kindsSaid(*type) + ". " + type->help, 2);
            if (const std::vector<Knob> knobs = type->knobs({}); !knobs.empty())
                printKnobs(std::cout, knobs);
        }
        std::cout << "\n";
    }
    printWrapped(std::cout,
                 "Every method also takes the optimizer's knobs, the encoder's (pretext encoders), and the augmentations' (pretext datasets) or, for "
                 "text, the tokenizer's.");
    printKnobs(std::cout, tokenizerKnobs());
    printKnobs(std::cout, optimizerKnobs());
    printDefaultSession();
}

} // namespace

CommandAction methodsCommand(CLI::App &command)
{
    auto json = std::make_shared<bool>(false);
    command.add_flag("--json", *json, "As JSON (default: a table)");
    command.footer("Examples:\n  pretext methods\n  pretext methods --json");
    return [json] {
        *json ? printMethodsJson() : printMethods();
        return 0;
    };
}

} // namespace pretext
