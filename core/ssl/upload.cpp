#include "core/ssl/upload.h"

#include <span>

namespace pretext {

void uploadViews(StepInput &input)
{
    const Batch &batch = input.batch;
    if (batch.planned)
        for (const Tensor &kind : batch.planned->made())
            input.views.emplace_back(kind);
    if (batch.pixels.empty())
        return;
    const int64_t n = static_cast<int64_t>(batch.indices.size());
    for (const ViewBlock &block : viewBlocks(batch)) {
        const ImageShape shape = block.shape;
        const std::span<const float> pixels = std::span(batch.pixels).subspan(block.pixels, block.count * n * block.values());
        input.views.emplace_back(Tensor::fromHost(pixels, Shape{block.count * n, shape.height, shape.width, shape.channels}));
    }
}

void uploadTokens(StepInput &input, int64_t step, const TokenizedText &text)
{
    const Batch &batch = input.batch;
    const int64_t rows = batch.views * static_cast<int64_t>(batch.indices.size());
    input.text = &text;
    input.tokens = {.ids = Tensor::fromHost(batch.tokens.ids, Shape{rows, batch.tokens.length}),
                    .lengths = Tensor::fromHost(batch.tokens.lengths, Shape{rows}),
                    .seed = input.seed,
                    .step = step};
    if (input.knobs.find("encoder.dropout"))
        input.tokens.dropout = static_cast<float>(input.knobs.real("encoder.dropout"));
    if (!batch.tokens.prefixes.empty())
        input.tokens.prefixes = Tensor::fromHost(batch.tokens.prefixes, Shape{rows});
}

} // namespace pretext
