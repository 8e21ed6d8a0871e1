// `pretext datasets`: the data sets that install or draw themselves by name, what paths can be opened, and the augmentations' knobs.
#include "app/cli/cli.h"
#include "app/cli/table.h"

#include "core/data/augment/augment.h"
#include "core/data/dataset.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace pretext {

namespace {

constexpr ImageShape kColour{32, 32, 3}; // defaults of colour augmentations show best on a colour image

void printDatasetsJson()
{
    nlohmann::json json{{"datasets", nlohmann::json::array()}, {"augmentations", toJson(augmentationKnobs(kColour))}};
    for (const DatasetType &type : datasetTypes())
        json["datasets"].push_back({{"name", type.name}, {"help", type.help}, {"available", type.available()}});
    std::cout << json.dump(2) << std::endl;
}

void printDatasets()
{
    std::vector<std::vector<std::string>> rows{{"data set", "here", "what it is"}};
    for (const DatasetType &type : datasetTypes())
        rows.push_back({type.name, type.available() ? "yes" : "no", type.help});
    rows.push_back({"PATH", "", "a folder of images (sub-folders are labels), IDX files (plain or .gz), CIFAR-10 or -100 binary files"});
    rows.push_back({"PATH", "", "images as NumPy saves them: .npy (labels beside it, X.labels.npy), .npz (x_train, y_train, x_test, y_test, or images and labels)"});
    rows.push_back({"PATH", "", "a .zip, .tar, .tar.gz, .tar.xz, .tar.bz2 or .tar.zst of any of these: the folder that it holds"});
    rows.push_back({"PATH", "", "a text file (.txt, UTF-8: a line or a paragraph a sample), a table (.csv, .tsv; FILE#COLUMN names the text), plain or .gz, a folder of .txt"});
    printTable(std::cout, rows);
    std::cout << "\nAugmentations, set with train --set KNOB=VALUE (defaults for a colour image of 32 x 32)\n";
    printKnobs(std::cout, augmentationKnobs(kColour));
}

} // namespace

CommandAction datasetsCommand(CLI::App &command)
{
    auto json = std::make_shared<bool>(false);
    command.add_flag("--json", *json, "As JSON (default: a table)");
    command.footer("Examples:\n  pretext datasets\n  pretext datasets --json");
    return [json] {
        *json ? printDatasetsJson() : printDatasets();
        return 0;
    };
}

} // namespace pretext
