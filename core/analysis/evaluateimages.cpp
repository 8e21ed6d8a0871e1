#include "core/analysis/evaluateimages.h"

#include "core/analysis/segmentation.h"
#include "core/data/preparedimages.h"
#include "core/files/said.h"

namespace pretext {

EncodedRows imageRows(const TrainedEncoder &trained, const Dataset &dataset, Split split)
{
    const KnobSet &knobs = trained.state.config.knobs;
    const float dropout = knobs.find("encoder.dropout") ? float(knobs.real("encoder.dropout")) : 0;
    const auto embed = [&dataset, split, dropout, preprocessing = preprocessingOf(*trained.state.prepared),
                        seed = trained.state.config.seed](Encoder &encoder, const std::vector<size_t> &rows, int step) {
        encoder.setDropout({dropout, {seed, uint32_t(step), 0}});
        return encoder(Variable(imageRows(preprocessing, dataset, split, rows)));
    };
    return {size_t(dataset.size(split)), embed};
}

void describeSegmentation(TrainedEncoder &trained, const Dataset &dataset, bool baselines, Judge &judge, Evaluation &result)
{
    const int classes = int(dataset.info().maskClasses.size());
    const auto add = [&](const std::string &name, const PixelFeatures &pixels) {
        judge.stopIfCancelled();
        if (pixels.train.rows == 0)
            return;
        SegmentationRow row = segmentation(name, pixels, classes, judge.working(said("%1: probe for every pixel", {name})));
        judge.stopIfCancelled();
        result.segmentation.push_back(std::move(row));
        judge.tell();
    };
    const auto working = [&](const std::string &name) { return judge.working(said("%1: features of every pixel", {name})); };
    add("encoder", mapFeatures(*trained.encoder, trained.state, dataset, working("encoder")));
    if (!baselines || result.segmentation.empty())
        return;
    const Model initial = makeModel(trained.state.config, trained.state.input());
    add("untrained", mapFeatures(*initial.encoder, trained.state, dataset, working("untrained")));
    add("3 x 3 pixels", neighbourhoods(dataset));
}

void describeImageFinetuning(TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result)
{
    constexpr int kBatch = 64, kJudged = 2000;
    describeFinetuning(trained, imageRows(trained, dataset, Split::train), imageRows(trained, dataset, Split::test),
                       {.steps = steps, .batch = kBatch, .judged = kJudged}, judge, result);
}

} // namespace pretext
