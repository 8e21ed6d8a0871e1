#include "core/analysis/textfeatures.h"

#include "core/data/text/rowmaker.h"
#include "core/data/text/tokenizedtext.h"

#include <algorithm>
#include <numeric>

namespace pretext {

namespace {

constexpr int64_t kBatch = 64; // rows

/// The dataset must outlive it.
class SpreadSubset : public Dataset
{
public:
    SpreadSubset(const Dataset &dataset, int64_t train, int64_t test)
        : m_dataset(dataset), m_train(std::min(train, dataset.size(Split::train))), m_test(std::min(test, dataset.size(Split::test)))
    {
    }
    const DatasetInfo &info() const override { return m_dataset.info(); }
    int64_t size(Split split) const override { return split == Split::train ? m_train : m_test; }
    std::string text(Split split, int64_t index) const override { return m_dataset.text(split, at(split, index)); }
    float label(Split split, int64_t index, int column) const override { return m_dataset.label(split, at(split, index), column); }

private:
    int64_t at(Split split, int64_t index) const { return index * m_dataset.size(split) / size(split); }

    const Dataset &m_dataset;
    int64_t m_train, m_test;
};

} // namespace

Matrix embedTexts(TextEncoder &encoder, const Tokenizer &tokenizer, const Dataset &dataset, Split split, int64_t limit,
                  const std::function<bool(double)> &progress)
{
    const NoGrad noGrad;
    const bool training = encoder.training();
    encoder.setTraining(false);
    const int64_t size = limit > 0 ? std::min(limit, dataset.size(split)) : dataset.size(split);
    Matrix result{0, encoder.dimension(), {}};
    for (int64_t first = 0; first < size; first += kBatch) {
        if (progress && !progress(double(first) / double(size)))
            break;
        std::vector<std::vector<int32_t>> rows;
        size_t longest = 0;
        for (int64_t i = first; i < std::min(size, first + kBatch); ++i) {
            rows.push_back(framed(tokenizer.encode(dataset.text(split, i)), encoder.context()));
            longest = std::max(longest, rows.back().size());
        }
        std::vector<int32_t> ids(rows.size() * longest, kPadding);
        for (size_t row = 0; row < rows.size(); ++row)
            std::copy(rows[row].begin(), rows[row].end(), ids.begin() + row * longest);
        const std::vector<float> values = encoder.sentences(tokenInput(ids, static_cast<int64_t>(longest))).value().toHost();
        result.values.insert(result.values.end(), values.begin(), values.end());
        result.rows += static_cast<int64_t>(rows.size());
    }
    encoder.setTraining(training);
    return result;
}

std::pair<Matrix, Matrix> twoTextViews(TrainedEncoder &trained, const Dataset &dataset, int64_t count)
{
    const NoGrad noGrad;
    const RunConfig &config = trained.state.config;
    TextEncoder &encoder = textEncoder(*trained.encoder);
    const auto held = std::make_shared<const TokenizedText>(dataset, Split::test, trained.state.tokenizer, count);
    const std::unique_ptr<BatchMaker> maker = methodType(config.method).maker({nullptr, held}, config.knobs);
    Matrix views[2] = {{0, encoder.dimension(), {}}, {0, encoder.dimension(), {}}};
    encoder.setTraining(true); // for dropout
    for (int64_t first = 0; first < count; first += kBatch) {
        Batch batch;
        batch.views = 2;
        batch.indices.resize(std::min(kBatch, count - first));
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

std::shared_ptr<const Dataset> spreadSubset(const Dataset &dataset, int64_t train, int64_t test)
{
    return std::make_shared<SpreadSubset>(dataset, train, test);
}

} // namespace pretext
