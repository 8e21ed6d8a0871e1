// `pretext embed`: a data split's embeddings as a NumPy file, labels beside it.
#include "app/cli/cli.h"
#include "app/cli/numberoption.h"
#include "app/cli/trained.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/backend/backend.h"
#include "core/data/counted.h"
#include "core/exchange/export.h"
#include "core/system/threads.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace pretext {
namespace {

namespace fs = std::filesystem;

struct EmbedOptions
{
    std::vector<std::string> runs;
    std::string dataset, ensemble, split = "test";
    fs::path out;
    int64_t limit = 0;
    int threads = 0;
    bool force = false;
};

int embedRun(const EmbedOptions &options)
{
    if (options.out.extension() != ".npy")
        throw UsageError(options.out.string() + ": --out must end in .npy");
    const fs::path labelFile = fs::path(options.out).replace_extension(".labels.npy");
    requireWritable(options.out, options.force);
    requireWritable(labelFile, options.force);
    setThreads(chooseThreads(options.threads).count);
    const LoadedEnsemble loaded = loadEnsemble(options.runs, options.ensemble);
    const std::shared_ptr<const Dataset> dataset = dataFor(loaded.encoders.front().state, options.dataset);
    const Split split = options.split == "train" ? Split::train : Split::test;
    for (const TrainedEncoder &trained : loaded.encoders)
        requireFinite(*trained.encoder);
    Matrix embeddings;
    {
        ProgressLine line;
        embeddings = fromCommandLine(
            [&] { return readSamples(loaded.ensemble, *dataset, split, options.limit, [&](double share) { return line("embedding", share); }); });
    }
    requireFinite(embeddings);
    writeNpy(options.out, embeddings);
    for (const TrainedEncoder &trained : loaded.encoders)
        tellCheckpoint(trained);
    std::cout << options.out.string() << ": " << embeddings.rows << " x " << embeddings.columns << ", float32\n";
    if (embeddings.rows > 1 && allAlike(embeddings))
        std::cout << "these embeddings are all alike: the encoder has collapsed, or the samples are all alike\n";
    const std::vector<LabelColumn> &columns = dataset->info().columns;
    if (columns.empty() || columns.front().classes.empty()) {
        std::cout << dataset->info().name << " has no class labels, so no " << labelFile.filename().string() << " was written\n";
        return 0;
    }
    const std::vector<int> labels = classLabels(*dataset, split, 0, options.limit);
    writeNpy(labelFile, std::vector<int32_t>(labels.begin(), labels.end()));
    std::cout << labelFile.string() << ": " << counted(int64_t(labels.size()), "label") << ", int32, 0.." << columns.front().classes.size() - 1 << "\n";
    return 0;
}

} // namespace

CommandAction embedCommand(CLI::App &command)
{
    auto options = std::make_shared<EmbedOptions>();
    command.add_option("RUN", options->runs, "Run folder (its newest checkpoint), or a checkpoint file; several embed as one")->required();
    addEnsemble(command, options->ensemble);
    command.add_option("--dataset", options->dataset, "Data by name or path (default: the run's own)");
    command.add_option("--split", options->split, "Which split")->check(CLI::IsMember({"train", "test"}))->capture_default_str();
    addNumber(command, "--limit", options->limit, "The first N samples; 0: all (default 0)", int64_t(0));
    command.add_option("--out", options->out, "The file to write, float32, N x D, C order; labels go to NAME.labels.npy")->required();
    addNumber(command, "--threads", options->threads, "0 .. 1024; 0 means all cores (default 0)", 0, 1024);
    command.add_flag("--force", options->force, "Replace files that are there already");
    command.footer("Examples:\n  pretext embed runs/first --out z.npy\n  pretext embed runs/first --dataset my-images/ --split train --limit 1000 --out z.npy\n"
                   "  pretext embed runs/first runs/second --ensemble concatenate --out z.npy\n"
                   "  python3 -c \"import numpy; print(numpy.load('z.npy').shape, numpy.load('z.labels.npy')[:10])\"");
    return [options] { return embedRun(*options); };
}

} // namespace pretext
