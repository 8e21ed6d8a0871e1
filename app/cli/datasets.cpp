// `pretext datasets`: the data sets that install or draw themselves by name, what paths can be opened, and the augmentations' knobs.
#include "app/cli/cli.h"
#include "app/cli/table.h"
#include "app/cli/told.h"
#include "app/cli/trained.h"

#include "core/data/augment/augment.h"
#include "core/data/counted.h"
#include "core/data/dataset.h"
#include "core/engine/config.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace pretext {

namespace {

constexpr ImageShape kColour{32, 32, 3}; // defaults of colour augmentations show best on a colour image

/// The augmentations that SimCLR's recipe sets otherwise than by default, for the data named and for a user's own.
struct RecipeFor
{
    std::string data;
    std::vector<std::pair<std::string, KnobValue>> knobs;
};
std::vector<RecipeFor> augmentationRecipes()
{
    std::vector<RecipeFor> recipes;
    for (const DataKind &kind : dataKinds(methodType("simclr"))) {
        const KnobSet defaults(augmentationKnobs(kind.info.image));
        RecipeFor made{kind.title, {}};
        for (const auto &[knob, value] : methodType("simclr").recipe(kind.info).knobs)
            if (defaults.find(knob) && defaults.value(knob) != value)
                made.knobs.emplace_back(knob, value);
        recipes.push_back(std::move(made));
    }
    return recipes;
}

void printRecipes()
{
    std::cout << "\nSimCLR's recipe sets otherwise, on\n";
    for (const RecipeFor &recipe : augmentationRecipes()) {
        std::string text = "  " + recipe.data + ":";
        for (const auto &[knob, value] : recipe.knobs)
            text += " " + knob + "=" + toText(value);
        printWrapped(std::cout, text + (recipe.knobs.empty() ? " none" : ""), 4);
    }
}

void printDatasetsJson()
{
    nlohmann::json json{{"datasets", nlohmann::json::array()}, {"augmentations", toJson(augmentationKnobs(kColour))}};
    for (const DatasetType &type : datasetTypes())
        json["datasets"].push_back({{"name", type.name}, {"help", type.help}, {"available", type.available()}});
    const KnobSet declared(augmentationKnobs(kColour));
    for (const RecipeFor &recipe : augmentationRecipes()) {
        nlohmann::json knobs = nlohmann::json::object();
        for (const auto &[knob, value] : recipe.knobs)
            knobs[knob] = toJson(*declared.find(knob), value);
        json["recipes"].push_back({{"data", recipe.data}, {"knobs", knobs}});
    }
    std::cout << json.dump(2) << std::endl;
}

void printDatasets()
{
    std::vector<std::vector<std::string>> rows{{"data set", "here", "what it is"}};
    for (const DatasetType &type : datasetTypes())
        rows.push_back({type.name, type.available() ? "yes" : "no", type.help});
    rows.push_back({"PATH", "", "a folder of images (sub-folders are labels), IDX files (plain or .gz), CIFAR-10 or -100 binary files"});
    rows.push_back(
        {"PATH", "", "images as NumPy saves them: .npy (labels beside it, X.labels.npy), .npz (x_train, y_train, x_test, y_test, or images and labels)"});
    rows.push_back({"PATH", "", "a .zip, .tar, .tar.gz, .tar.xz, .tar.bz2 or .tar.zst of any of these: the folder that it holds"});
    rows.push_back(
        {"PATH", "",
         "a text file (.txt, UTF-8: a line or a paragraph a sample), a table (.csv, .tsv; FILE#COLUMN names the text), plain or .gz, a folder of .txt"});
    printWrappedTable(std::cout, rows);
    std::cout << "\n";
    printWrapped(std::cout, "train --imbalance R makes any of them that has labels long-tailed: its first class keeps R times as many samples to train on as "
                            "its last.");
    std::cout << "\n";
    printWrapped(std::cout, "Augmentations, set with train --set KNOB=VALUE (defaults for a colour image of 32 x 32)");
    printKnobs(std::cout, augmentationKnobs(kColour));
    printRecipes();
}

struct DatasetsOptions
{
    std::string data;
    bool json = false;
};

void printDataJson(const Dataset &dataset, const RunConfig &recipe)
{
    const DatasetInfo &info = dataset.info();
    nlohmann::json json{{"data", info.name},
                        {"train", dataset.size(Split::train)},
                        {"held_out", dataset.size(Split::test)},
                        {"skipped", info.skipped},
                        {"note", info.note},
                        {"recipe", toJson(recipe)}};
    for (const LabelColumn &column : info.columns)
        json["labels"].push_back({{"name", column.name}, {"classes", column.classes}});
    std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

/// What `train` would say of it, with nothing else on its command line.
void describeData(const DatasetsOptions &options)
{
    const std::shared_ptr<const Dataset> dataset = openNamed(options.data, {});
    RunConfig recipe = recommendedConfig(*dataset);
    recipe.dataset = dataset->info().name;
    if (options.json)
        return printDataJson(*dataset, recipe);
    std::cout << dataInWords(*dataset) << "\nheld out: " << dataset->size(Split::test) << "\n";
    for (const LabelColumn &column : dataset->info().columns)
        std::cout << "label " << column.name << ": " << (column.classes.empty() ? "a number" : counted(int64_t(column.classes.size()), "class", "classes"))
                  << "\n";
    std::cout << recipeInWords(recipe) << std::endl;
}

} // namespace

CommandAction datasetsCommand(CLI::App &command)
{
    auto options = std::make_shared<DatasetsOptions>();
    command.add_option("DATA", options->data, "A name or a path: what is read of it, how it is divided, and the recipe that train begins with");
    command.add_flag("--json", options->json, "As JSON (default: a table)");
    command.footer("Examples:\n  pretext datasets\n  pretext datasets ~/pictures\n  pretext datasets --json");
    return [options] {
        if (!options->data.empty())
            describeData(*options);
        else
            options->json ? printDatasetsJson() : printDatasets();
        return 0;
    };
}

} // namespace pretext
