// `pretext export`: the encoder for other tools, read back and compared before it says "exported".
#include "app/cli/cli.h"
#include "app/cli/numberoption.h"
#include "app/cli/trained.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/backend/backend.h"
#include "core/exchange/export.h"
#include "core/exchange/huggingface.h"
#include "core/exchange/modalityexport.h"
#include "core/exchange/projectorfiles.h"

#include <CLI/CLI.hpp>

#include <algorithm>
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

ProjectorReport exportTsv(const ExportOptions &options, TrainedEncoder &trained, const Dataset &dataset)
{
    requireFinite(*trained.encoder);
    const Matrix embeddings = fromCommandLine([&] { return readSamples(*trained.encoder, *trained.state.prepared, dataset, Split::test, options.limit); });
    return writeProjectorFiles(options.out, embeddings, dataset, Split::test);
}

/// Of a tsv with the width of its pictures, 0 of all else.
ProjectorReport exportAs(const ExportOptions &options, TrainedEncoder &trained)
{
    Module *projector = options.withProjector ? trained.method->projector() : nullptr;
    if (options.format == "huggingface")
        return {exportHuggingFace(trained, options.out)};
    if (options.format == "safetensors")
        return {exportSafetensors(*trained.encoder, trained.state, options.out, projector)};
    const std::shared_ptr<const Dataset> dataset = dataFor(trained.state, options.dataset);
    if (options.format == "onnx")
        return {exportOnnx(*trained.encoder, trained.state, *dataset, options.out, projector)};
    return exportTsv(options, trained, *dataset);
}

void checkFormat(const ExportOptions &options)
{
    const std::vector<std::string> formats{"onnx", "safetensors", "huggingface", "tsv"};
    if (std::find(formats.begin(), formats.end(), options.format) == formats.end())
        throw UsageError("--format " + options.format + ": is not a format; there are onnx, safetensors, huggingface and tsv");
    if (options.limit > 0 && options.format != "tsv")
        throw UsageError("--limit: is how many embeddings a tsv holds; --format " + options.format + " holds the encoder");
    if (!options.dataset.empty() && (options.format == "safetensors" || options.format == "huggingface"))
        throw UsageError("--dataset: --format " + options.format + " holds the encoder and is compared without data; leave it out");
    if (options.format == "tsv" && options.withProjector)
        throw UsageError("--with-projector: a tsv holds embeddings, not the encoder; leave it out");
}

/// What the encoder's kind of data rules out.
void checkFormatFits(const ExportOptions &options, const CheckpointState &state)
{
    if (options.format == "tsv")
        return; // of whatever can be embedded
    const ModalityExport &kind = exportOf(state);
    const std::string of = std::string("an encoder of ") + toText(state.prepared->modality());
    if (options.format == "huggingface" && !kind.huggingFace)
        throw UsageError("--format huggingface: is for encoders of text; " + of + " goes out as onnx, safetensors or tsv");
    if (options.withProjector && !kind.projector)
        throw UsageError("--with-projector: " + of + " goes out alone" + (kind.huggingFace ? ", or with its vocabulary head as --format huggingface" : "")
                         + "; leave it out");
}

int exportRun(const ExportOptions &options)
{
    checkFormat(options);
    if (options.format == "huggingface")
        requireNewFolder(options.out);
    else
        requireWritable(options.out, options.force);
    if (options.format == "tsv") {
        requireWritable(tsvLabelFile(options.out), options.force);
        requireWritable(spriteFile(options.out), options.force);
    }
    requireRun(options.run);
    TrainedEncoder trained = loadAndTell(options.run);
    checkFormatFits(options, trained.state);
    if (options.withProjector && !trained.method->projector())
        throw UsageError("--with-projector: " + trained.state.config.method + " trains no projector; leave it out");
    const auto [report, pictures] = exportAs(options, trained);
    tellCheckpoint(trained);
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "largest difference %.2g, of values up to %.3g", report.largestDifference, report.scale);
    std::cout << report.file << ": exported; compared with " << report.checkedWith << ": " << numbers << std::endl;
    if (pictures > 0)
        std::cout << spriteFile(options.out).string() << ": a picture of each sample, " << pictures << " pixels wide" << std::endl;
    if (report.alike)
        std::cout << "these embeddings are all alike: the encoder has collapsed, or the samples are all alike" << std::endl;
    return 0;
}

} // namespace

CommandAction exportCommand(CLI::App &command)
{
    auto options = std::make_shared<ExportOptions>();
    command.add_option("RUN", options->run, "Run folder (its newest checkpoint), or a checkpoint file")->required();
    command
        .add_option("--format", options->format,
                    "onnx: for ONNX Runtime, of images also OpenCV; safetensors: the weights, with what is needed to build the encoder again;\n"
                    "huggingface: of text, a folder for the transformers libraries; tsv: embeddings of the held-out split for TensorBoard's Projector, with "
                    "labels and a sheet of pictures")
        ->required();
    command.add_option("--out", options->out, "The file to write, or the folder")->required();
    command.add_flag("--with-projector", options->withProjector, "Encoder and projector (default: the encoder alone)");
    command.add_option("--dataset", options->dataset, "Images or texts to compare on, or whose embeddings a tsv holds (default: the run's own data)");
    addNumber(command, "--limit", options->limit, "tsv: the first N samples; 0: all (default 0)", int64_t(0));
    command.add_flag("--force", options->force, "Replace a file that is there already");
    command.footer("ONNX: opset 13, dynamic batch, input pixel_values [batch, channels, height, width] in [0, 1], output embedding; the graph\n"
                   "normalises the pixels itself, and its metadata states the preprocessing, the classes of the data, method and step. Of text:\n"
                   "inputs input_ids and attention_mask, outputs embedding and last_hidden_state, and the tokenizer in the metadata.\n"
                   "huggingface: config, tokenizer and ONNX graph; mlm with encoder.norm=post goes out as BERT, clm with encoder.norm=pre as GPT-2,\n"
                   "each with its head and its weights as model.safetensors; other encoders as the graph alone, or BERT without a head.\n"
                   "tsv: NAME.tsv, NAME.metadata.tsv, of images NAME.sprite.png, and projector_config.pbtxt, by which TensorBoard finds them.\n\n"
                   "Examples:\n  pretext export runs/first --format onnx --out encoder.onnx\n"
                   "  pretext export runs/first --format safetensors --with-projector --out encoder.safetensors\n"
                   "  pretext export runs/kjv --format huggingface --out kjv-bert\n"
                   "  pretext export runs/first --format tsv --limit 2000 --out vectors.tsv");
    return [options] { return exportRun(*options); };
}

} // namespace pretext
