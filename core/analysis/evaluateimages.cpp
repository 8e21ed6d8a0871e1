#include "core/analysis/evaluateimages.h"

#include "core/data/preparedimages.h"

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

void describeImageFinetuning(TrainedEncoder &trained, const Dataset &dataset, int steps, Judge &judge, Evaluation &result)
{
    constexpr int kBatch = 64, kJudged = 2000;
    describeFinetuning(trained, imageRows(trained, dataset, Split::train), imageRows(trained, dataset, Split::test),
                       {.steps = steps, .batch = kBatch, .judged = kJudged}, judge, result);
}

} // namespace pretext
