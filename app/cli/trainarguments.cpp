#include "app/cli/trainarguments.h"

#include "app/cli/cli.h"
#include "app/cli/trained.h"
#include "core/data/dataset.h"
#include "core/engine/resuming.h"

#include <algorithm>
#include <ctime>

namespace pretext {

namespace fs = std::filesystem;

std::string absoluteIfPath(const std::string &nameOrPath)
{
    std::error_code none;
    const bool named = std::any_of(datasetTypes().begin(), datasetTypes().end(), [&](const DatasetType &type) { return type.name == nameOrPath; });
    const std::string file = nameOrPath.substr(0, nameOrPath.rfind('#')); // of "FILE.csv#COLUMN"
    return !named && (fs::exists(nameOrPath, none) || fs::exists(file, none)) ? fs::absolute(nameOrPath).lexically_normal().string() : nameOrPath;
}

fs::path runNamedByDate(const std::string &method)
{
    const std::time_t now = std::time(nullptr);
    char date[32];
    std::strftime(date, sizeof date, "%Y-%m-%d-%H%M%S", std::localtime(&now));
    return fs::path("runs") / (std::string(date) + "-" + method);
}

namespace {

std::pair<std::string, std::string> splitKnob(const std::string &text)
{
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        throw UsageError("--set " + text + ": write it as KNOB=VALUE; pretext methods lists the knobs");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

} // namespace

bool isOption(const std::string &name)
{
    constexpr const char *kOptions[] = {"batch", "dataset", "device", "encoder", "method", "minutes", "precision", "seed", "size", "steps", "threads"};
    return std::ranges::find(kOptions, name) != std::end(kOptions);
}

std::vector<std::pair<std::string, std::string>> knobsIn(const std::vector<std::string> &settings)
{
    std::vector<std::pair<std::string, std::string>> knobs;
    for (const std::string &text : settings) {
        knobs.push_back(splitKnob(text));
        const auto sameKnob = [&](const auto &other) { return other.first == knobs.back().first; };
        if (std::find_if(knobs.begin(), knobs.end() - 1, sameKnob) != knobs.end() - 1)
            throw UsageError("--set " + text + ": " + knobs.back().first + " is set twice; set it once");
    }
    return knobs;
}

void requireStep(const fs::path &run, int64_t step, const std::string &option)
{
    if (const int64_t last = fs::is_directory(run) ? lastStepOf(run) : step; step > last)
        throw UsageError(option + " " + run.string() + "@" + std::to_string(step) + ": the run is at step " + std::to_string(last));
}

void requireNewRun(const fs::path &out)
{
    std::error_code none;
    const bool folder = fs::is_directory(out, none);
    if (fs::exists(out, none) && !(folder && isFreeForRun(out)))
        throw UsageError("--out " + out.string()
                         + (folder ? ": is there already and not empty; --resume goes on with a run, another --out begins a new one"
                                   : ": is there already and no folder; choose another --out"));
    folder ? requireWritableFolder(out, out) : requireFolderFor(out);
}

} // namespace pretext
