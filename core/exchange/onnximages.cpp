// The ONNX exporter: records the encoder's tape on two blank images in evaluation mode, writes it as a graph, has the onnx checker and shape
// inference look at it, and runs the written file with OpenCV on held-out images beside our own forward.
#include "core/exchange/onnximages.h"

#include "core/analysis/alike.h"
#include "core/analysis/features.h"
#include "core/exchange/onnxgraph.h"
#include "core/exchange/onnxmodel.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>
#include <opencv2/dnn.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

namespace pretext {
namespace {

constexpr const char *kInput = "pixel_values", *kOutput = "embedding";

/// Encoder, and projector where there is one, as one module in evaluation mode.
class Exported : public Module
{
public:
    Exported(Encoder &encoder, Module *projector) : m_encoder(encoder), m_readout(encoder), m_projector(projector)
    {
        if (projector)
            projector->setTraining(false);
    }

protected:
    Variable forward(const Variable &x) override { return m_projector ? (*m_projector)(m_encoder(x)) : m_readout(x); }

private:
    Encoder &m_encoder;
    Readout m_readout;
    Module *m_projector;
};

void describe(onnx::ModelProto &model, const CheckpointState &state, const DatasetInfo &data, bool projector)
{
    addMetadata(model, "preprocessing", preprocessingText(state));
    addMetadata(model, "method", state.config.method);
    addMetadata(model, "encoder", state.config.encoder);
    addMetadata(model, "dataset", state.config.dataset);
    addMetadata(model, "step", std::to_string(state.step));
    addMetadata(model, "with_projector", projector ? "true" : "false");
    if (!data.columns.empty())
        addMetadata(model, "classes", nlohmann::json(data.columns.front().classes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

onnx::ModelProto makeModelProto(Exported &module, const CheckpointState &state)
{
    const Preprocessing &before = preprocessingOf(*state.prepared);
    onnx::ModelProto model =
        newOnnxModel(state.config.encoder, "Images to embeddings. pixel_values: pixels in [0, 1]; their normalisation is part of the graph.");

    const NoGrad noGrad;
    const GraphRecording recording;
    const Variable pixels(Tensor::zeros({2, before.shape.height, before.shape.width, before.shape.channels}));
    const Variable embedding = module(pixels);
    OnnxGraph graph(*model.mutable_graph());
    graph.addInput(kInput, pixels, before.mean, before.deviation);
    graph.addOutput(kOutput, embedding);
    return model;
}

/// [n, H, W, C] as a [n, C, H, W] blob.
cv::Mat blobOf(std::span<const float> pixels, ImageShape shape)
{
    const int size = shape.height * shape.width * shape.channels, n = int(pixels.size()) / size;
    const int extents[] = {n, shape.channels, shape.height, shape.width};
    cv::Mat blob(4, extents, CV_32F);
    float *out = blob.ptr<float>();
    for (int i = 0; i < n; ++i)
        for (int c = 0; c < shape.channels; ++c)
            for (int p = 0; p < shape.height * shape.width; ++p)
                *out++ = pixels[size_t(i) * size + p * shape.channels + c];
    return blob;
}

/// Runs the written file on `samples` in batches of `batch`, beside `expected`.
void compareBatches(cv::dnn::Net &net, const std::vector<float> &pixels, const Matrix &expected, int batch, ImageShape shape, ExportReport &report)
{
    const int size = shape.height * shape.width * shape.channels;
    for (int first = 0; first + batch <= expected.rows; first += batch) {
        net.setInput(blobOf(std::span(pixels).subspan(size_t(first) * size, size_t(batch) * size), shape));
        const cv::Mat y = net.forward();
        report.compare(std::span(expected.values).subspan(size_t(first * expected.columns), size_t(batch * expected.columns)), {y.ptr<float>(), y.total()});
    }
}

ExportReport compare(const std::filesystem::path &file, Exported &module, const Preprocessing &preprocessing, const Dataset &samples)
{
    const int64_t count = std::min<int64_t>(8, samples.size(Split::test));
    const std::vector<float> pixels = pixelsOf(samples, Split::test, 0, count);
    const Matrix expected = embedPixels(module, preprocessing, pixels);
    requireFinite(expected);
    ExportReport report{
        file.string(), 0, 0,
        said(count == 1 ? PRETEXT_SAID("OpenCV at batch 1 and 4, on %1 held-out image") : PRETEXT_SAID("OpenCV at batch 1 and 4, on %1 held-out images"),
             {count})};
    report.alike = count > 1 && allAlike(expected);
    try {
        cv::dnn::Net net = cv::dnn::readNetFromONNX(file.string());
        net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
        for (int batch : {1, 4})
            compareBatches(net, pixels, expected, batch, preprocessing.shape, report);
    } catch (const cv::Exception &error) {
        throw std::runtime_error(file.string() + ": " + said("was written, but OpenCV cannot run it: %1", {error.err}));
    }
    requireAgreement(report);
    return report;
}

} // namespace

ExportReport exportImageOnnx(Encoder &encoder, const CheckpointState &state, const Dataset &samples, const std::filesystem::path &out, Module *projector,
                             const Written &written)
{
    const Preprocessing &before = preprocessingOf(*state.prepared);
    if (samples.info().image != before.shape)
        throw std::invalid_argument("[onnx] " + said("the images of %1 have another size or colour than the encoder was made for", {samples.info().name}));
    requireFinite(encoder);
    if (projector)
        requireFinite(*projector, "");
    Exported module(encoder, projector);
    onnx::ModelProto model = makeModelProto(module, state);
    describe(model, state, samples.info(), projector != nullptr);
    checkOnnxModel(model);
    writeOnnxModel(out, model);
    if (written)
        written(out);
    const ExportReport report = compare(out, module, before, samples);
    requireAsWritten(out, model);
    return report;
}

} // namespace pretext
