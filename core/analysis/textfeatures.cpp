#include "core/analysis/textfeatures.h"

#include "core/data/tokens/rowmaker.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizedtext.h"

#include <algorithm>
#include <numeric>

namespace pretext {

namespace {

constexpr int64_t kTextBatch = 64; // rows

/// In batches, in evaluation mode, without gradients.
Matrix embedEach(TextEncoder &encoder, const Tokenizer &tokenizer, int64_t size, const std::function<std::string(int64_t)> &textAt,
                 const std::function<bool(double)> &progress)
{
    const NoGrad noGrad;
    const bool training = encoder.training();
    encoder.setTraining(false);
    Matrix result{0, encoder.dimension(), {}};
    for (int64_t first = 0; first < size; first += kTextBatch) {
        if (progress && !progress(double(first) / double(size)))
            break;
        EncodedTexts rows;
        for (int64_t i = first; i < std::min(size, first + kTextBatch); ++i)
            rows.push_back(framed(tokenizer.encode(textAt(i)), encoder.options().context));
        std::vector<size_t> all(rows.size());
        std::iota(all.begin(), all.end(), size_t(0));
        const std::vector<float> values = encoder.sentences(paddedRows(rows, all)).value().toHost();
        result.values.insert(result.values.end(), values.begin(), values.end());
        result.rows += static_cast<int64_t>(rows.size());
    }
    encoder.setTraining(training);
    return result;
}

} // namespace

EncodedTexts encodeTexts(const Tokenizer &tokenizer, const Dataset &dataset, Split split, int context)
{
    EncodedTexts texts;
    for (int64_t i = 0; i < dataset.size(split); ++i)
        texts.push_back(framed(tokenizer.encode(dataset.text(split, i)), context));
    return texts;
}

TokenInput paddedRows(const EncodedTexts &texts, std::span<const size_t> rows)
{
    size_t longest = 0;
    for (const size_t row : rows)
        longest = std::max(longest, texts[row].size());
    std::vector<int32_t> ids(rows.size() * longest, kPadding);
    for (size_t i = 0; i < rows.size(); ++i)
        std::copy(texts[rows[i]].begin(), texts[rows[i]].end(), ids.begin() + i * longest);
    return tokenInput(ids, static_cast<int64_t>(longest));
}

Matrix embedTexts(TextEncoder &encoder, const Tokenizer &tokenizer, const Dataset &dataset, Split split, int64_t limit,
                  const std::function<bool(double)> &progress)
{
    const int64_t size = limit > 0 ? std::min(limit, dataset.size(split)) : dataset.size(split);
    return embedEach(
        encoder, tokenizer, size, [&](int64_t i) { return dataset.text(split, i); }, progress);
}

Matrix embedTexts(TextEncoder &encoder, const Tokenizer &tokenizer, const std::vector<std::string> &texts)
{
    return embedEach(encoder, tokenizer, static_cast<int64_t>(texts.size()), [&](int64_t i) { return texts[i]; }, {});
}

std::pair<Matrix, Matrix> twoTextViews(TrainedEncoder &trained, const Dataset &dataset, int64_t count)
{
    const NoGrad noGrad;
    RunConfig config = trained.state.config;
    if (config.knobs.find("pack"))
        config.knobs.set("pack", false); // a view is of one sample, not of those that follow it, too
    TextEncoder &encoder = textEncoder(*trained.encoder);
    const auto held = std::make_shared<const TokenizedText>(dataset, Split::test, tokenizerOf(*trained.state.prepared), count);
    const std::unique_ptr<BatchMaker> maker = methodType(config.method).maker({nullptr, held}, config.knobs);
    Matrix views[2] = {{0, encoder.dimension(), {}}, {0, encoder.dimension(), {}}};
    encoder.setTraining(true); // for dropout
    for (int64_t first = 0; first < count; first += kTextBatch) {
        Batch batch;
        batch.views = 2;
        batch.indices.resize(std::min(kTextBatch, count - first));
        std::iota(batch.indices.begin(), batch.indices.end(), first);
        maker->begin(batch);
        for (size_t i = 0; i < batch.indices.size(); ++i)
            maker->make(batch, config.seed, static_cast<int64_t>(i));
        maker->finish(batch);
        TokenInput input = tokenInput(batch.tokens.ids, batch.tokens.length);
        input.seed = config.seed;
        input.step = first;
        input.dropout = static_cast<float>(config.knobs.real("encoder.dropout"));
        const std::vector<float> values = encoder.sentences(input).value().toHost();
        const size_t half = values.size() / 2;
        views[0].values.insert(views[0].values.end(), values.begin(), values.begin() + half);
        views[1].values.insert(views[1].values.end(), values.begin() + half, values.end());
        for (Matrix &view : views)
            view.rows += static_cast<int64_t>(batch.indices.size());
    }
    encoder.setTraining(false);
    return {std::move(views[0]), std::move(views[1])};
}

} // namespace pretext
