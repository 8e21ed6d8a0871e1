// `pretext export`: the encoder for other tools, read back and compared before it says "exported".
#include "app/cli/cli.h"
#include "app/cli/trained.h"

#include "core/analysis/features.h"
#include "core/backend/backend.h"
#include "core/exchange/export.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <iostream>

namespace pretext {
namespace {

struct ExportOptions
{
    std::string run, format, dataset;
    std::filesystem::path out;
    bool withProjector = false, force = false;
    int64_t limit = 0;
};

ExportReport exportTsv(const ExportOptions &options, TrainedEncoder &trained, const Dataset &dataset)
{
    const Preprocessing preprocessing{trained.state.mean, trained.state.deviation, trained.state.shape};
    Matrix embeddings = embed(*trained.encoder, preprocessing, dataset, Split::test, options.limit);
    std::vector<std::string> labels;
    if (!dataset.info().columns.empty() && !dataset.info().columns.front().classes.empty())
        for (int label : classLabels(dataset, Split::test, 0, options.limit))
            labels.push_back(dataset.info().columns.front().classes.at(label));
    return writeTsv(options.out, embeddings, labels);
}

ExportReport exportAs(const ExportOptions &options, TrainedEncoder &trained)
{
    Module *projector = options.withProjector ? &trained.method->heads() : nullptr;
    if (options.format == "safetensors")
        return exportSafetensors(*trained.encoder, trained.state, options.out, projector);
    const std::shared_ptr<const Dataset> dataset = fromCommandLine([&] { return dataFor(trained.state, options.dataset); });
    return options.format == "onnx" ? exportOnnx(*trained.encoder, trained.state, *dataset, options.out, projector)
                                    : exportTsv(options, trained, *dataset);
}

void checkFormat(const ExportOptions &options)
{
    if (options.format == "huggingface")
        throw UsageError("--format huggingface: is for text encoders; an image encoder goes out as onnx, safetensors or tsv");
    if (options.format != "onnx" && options.format != "safetensors" && options.format != "tsv")
        throw UsageError("--format " + options.format + ": is not a format; there are onnx, safetensors and tsv");
    if (options.format == "tsv" && options.withProjector)
        throw UsageError("--with-projector: a tsv holds embeddings, not the encoder; leave it out");
}

int exportRun(const ExportOptions &options)
{
    checkFormat(options);
    requireWritable(options.out, options.force);
    if (options.format == "tsv")
        requireWritable(tsvLabelFile(options.out), options.force);
    TrainedEncoder trained = loadEncoder(options.run);
    const ExportReport report = exportAs(options, trained);
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "largest difference %.2g, of values up to %.3g", report.largestDifference, report.scale);
    std::cout << report.file << ": exported; compared with " << report.checkedWith << ": " << numbers << std::endl;
    if (!(report.largestDifference <= 1e-3 * report.scale))
        throw std::runtime_error(report.file + ": what was written does not compute what the encoder does (" + numbers + "); do not use it");
    return 0;
}

} // namespace

CommandAction exportCommand(CLI::App &command)
{
    auto options = std::make_shared<ExportOptions>();
    command.add_option("RUN", options->run, "Run folder (its newest checkpoint), or a checkpoint file")->required();
    command.add_option("--format", options->format,
                       "onnx: for ONNX Runtime and OpenCV; safetensors: the weights, with what is needed to build the encoder again;\n"
                       "tsv: embeddings of the held-out split for an embedding projector")->required();
    command.add_option("--out", options->out, "The file to write")->required();
    command.add_flag("--with-projector", options->withProjector, "Encoder and projector (default: the encoder alone)");
    command.add_option("--dataset", options->dataset, "Images to compare on, or whose embeddings a tsv holds (default: the run's own data)");
    command.add_option("--limit", options->limit, "tsv: the first N samples; 0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
    command.add_flag("--force", options->force, "Replace a file that is there already");
    command.footer("ONNX: opset 13, dynamic batch, input pixel_values [batch, channels, height, width] in [0, 1], output embedding; the graph\n"
                   "normalises the pixels itself, and its metadata states the preprocessing, the classes of the data, method and step.\n\n"
                   "Examples:\n  pretext export runs/first --format onnx --out encoder.onnx\n"
                   "  pretext export runs/first --format safetensors --with-projector --out encoder.safetensors\n"
                   "  pretext export runs/first --format tsv --limit 2000 --out vectors.tsv");
    return [options] { return exportRun(*options); };
}

} // namespace pretext
