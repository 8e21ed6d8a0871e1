#include "core/ssl/patchattention.h"

#include "core/nn/patchencoder.h"
#include "core/ssl/shown.h"

#include <algorithm>
#include <span>

namespace pretext {

namespace {

/// "class", and "2, 3" of the patch in row 2 and column 3, counted from 1.
std::vector<std::string> namesOf(const PatchEncoder &encoder)
{
    std::vector<std::string> names(size_t(encoder.classTokens()), "class");
    for (int row = 1; row <= encoder.grid().rows; ++row)
        for (int column = 1; column <= encoder.grid().columns; ++column)
            names.push_back(std::to_string(row) + ", " + std::to_string(column));
    return names;
}

Variable viewOf(const Batch &batch, int64_t row)
{
    const ImageShape shape = batch.shape;
    const size_t size = size_t(shape.height) * shape.width * shape.channels;
    return Variable(Tensor::fromHost(hostPixels(batch, size_t(row) * size, size).values, {1, shape.height, shape.width, shape.channels}));
}

} // namespace

Shown shownAttentionOf(PatchEncoder &encoder, const Variable &image)
{
    AttentionView view{.pieces = namesOf(encoder),
                       .layers = encoder.layers(),
                       .heads = encoder.heads(),
                       .weights = {},
                       .visible = {},
                       .gridRows = encoder.grid().rows,
                       .gridColumns = encoder.grid().columns};
    view.visible.assign(view.pieces.size() * view.pieces.size(), 1);
    std::vector<Tensor> layers;
    for (int layer = 0; layer < view.layers; ++layer)
        layers.push_back(encoder.attention(image, layer));
    return shownAttention(std::move(view), std::move(layers));
}

AttentionView attentionOf(PatchEncoder &encoder, const Variable &image)
{
    return std::get<AttentionView>(shownAttentionOf(encoder, image).now());
}

void offerPatchAttention(Encoder &encoder, const Batch &batch, Recorder &recorder)
{
    auto *patches = dynamic_cast<PatchEncoder *>(&encoder);
    if (!patches)
        return;
    const auto offer = [&](const std::string &channel, int64_t row) {
        recorder.heavy(channel, [patches, &batch, row] { return shownAttentionOf(*patches, viewOf(batch, row)); });
    };
    offer("patches/attention", 0);
    const std::vector<ViewBlock> blocks = viewBlocks(batch); // those of the first kind, where they are as large as the images
    const bool whole = !blocks.empty() && blocks.front().shape == batch.shape;
    const int64_t views = whole ? blocks.front().count * int64_t(batch.indices.size()) : 0;
    for (int64_t row = 0; row < std::min(kViewsWithAttention, views); ++row)
        offer("patches/attention/" + std::to_string(row), row);
    for (int64_t row = 0; row < std::min(int64_t(batch.indices.size()), views); ++row)
        offer("patches/attention/sample/" + std::to_string(batch.indices[size_t(row)]), row);
}

} // namespace pretext
