// `pretext share`: a run for others, as a text, its QR code, and a file.
#include "app/cli/cli.h"
#include "app/cli/trained.h"

#include "app/session.h"
#include "app/shared.h"
#include "core/engine/datamark.h"
#include "core/engine/model.h"
#include "core/files/shownpath.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>

namespace pretext {

namespace fs = std::filesystem;

namespace {

struct ShareOptions
{
    fs::path given, qr, out;
    std::string dataset;
    bool weights = false, force = false;
};

void requireEnding(const fs::path &path, const std::string &option, std::initializer_list<const char *> endings)
{
    if (!path.empty() && std::ranges::find(endings, path.extension().string()) == endings.end())
        throw UsageError(path.string() + ": " + option + " must end in " + *endings.begin() + (endings.size() > 1 ? " or .svg" : ""));
}

int shareRun(const ShareOptions &options)
{
    for (const fs::path &file : {options.qr, options.out})
        if (!file.empty())
            requireWritable(file, options.force);
    requireEnding(options.qr, "--qr", {".png", ".svg"});
    requireEnding(options.out, "--out", {".pretext"});
    if (options.weights && options.out.empty())
        throw UsageError("--weights is for the file; give --out FILE.pretext");
    requireRun(options.given);
    const fs::path checkpoint = findCheckpoint(options.given); // says what is wrong where it is none
    readCheckpointState(checkpoint);
    const fs::path run = fs::is_directory(options.given) ? options.given : fs::absolute(options.given).parent_path().parent_path();
    RunConfig config = loadConfig(run / "config.json", Contradictions::settle);
    if (options.dataset.empty())
        requireOwnData(config.dataset);
    const auto dataset = options.dataset.empty() ? openDataset(config.dataset, config.datasetOptions) : openNamed(options.dataset, config.datasetOptions);
    const Shared shared = sharedRun(run, *dataset);
    if (!options.qr.empty()) {
        std::error_code unmade; // which writing it says
        fs::create_directories(fs::absolute(options.qr).parent_path(), unmade);
        writeQr(QString::fromStdString(options.qr.string()), shared.text);
    }
    if (!options.out.empty()) {
        Session session;
        session.config = shared.config;
        session.data = markOf(*dataset);
        writeSession(QString::fromStdString(options.out.string()), session, options.weights ? checkpoint : fs::path());
    }
    std::cout << shared.text << "\n";
    for (const std::string &note : shared.notes)
        std::cout << note << "\n";
    if (!options.qr.empty())
        std::cout << shownPath(options.qr) << ": its QR code\n";
    if (!options.out.empty()) {
        std::cout << shownPath(options.out) << ": " << fs::file_size(options.out) << " bytes, " << (options.weights ? "with" : "without") << " weights\n";
    }
    return 0;
}

} // namespace

CommandAction shareCommand(CLI::App &command)
{
    auto options = std::make_shared<ShareOptions>();
    command.add_option("RUN", options->given, "Run folder (its newest checkpoint), or a checkpoint file of one")->required();
    command.add_option("--dataset", options->dataset, "Where the run's own data are now, by name or path (default: where they were)");
    command.add_option("--qr", options->qr, "Also write the text as a QR code, a .png or .svg");
    command.add_option("--out", options->out, "Also write a .pretext file, which pretext FILE.pretext opens");
    command.add_flag("--weights", options->weights, "With all that the checkpoint holds in that file: it goes on from there");
    command.add_flag("--force", options->force, "Replace files that are there already");
    command.footer(
        "Examples:\n"
        "  pretext share runs/first\n"
        "  pretext share runs/first --qr first.png\n"
        "  pretext share runs/first --out first.pretext --weights\n"
        "The first line is a pretext train line with what differs from the recipe, and a code that refuses other settings and other data. It begins the\n"
        "run again in a terminal; in quotes behind pretext, or by File > Open from text, in a window.\n"
        "A .pretext file without weights is a session, JSON; with weights a safetensors file, whose metadata \"session\" is that.");
    return [options] { return shareRun(*options); };
}

} // namespace pretext
