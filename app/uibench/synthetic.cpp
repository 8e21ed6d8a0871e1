#include "app/uibench/synthetic.h"

#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/ssl/share.h"
#include "core/tensor/random.h"

#include <cmath>

namespace pretext::uibench {

namespace {

constexpr float kTemperature = 0.2f;
constexpr int kPictureSide = 28, kClasses = 10, kProjected = 16, kTextRows = 64, kLayers = 4, kHeads = 4, kCandidates = 5;

Image noisyPicture(Random &random)
{
    Image image{kPictureSide, kPictureSide, 1, std::vector<uint8_t>(kPictureSide * kPictureSide)};
    for (uint8_t &pixel : image.pixels)
        pixel = uint8_t(random.below(256));
    return image;
}

/// Rows near their class' direction, of length 1.
Matrix projections(int pairs, Random &random)
{
    Matrix z{2 * pairs, kProjected, std::vector<float>(size_t(2 * pairs) * kProjected)};
    for (int row = 0; row < 2 * pairs; ++row) {
        float *values = z.values.data() + size_t(row) * kProjected, square = 0;
        for (int d = 0; d < kProjected; ++d) {
            values[d] = 0.4f * random.normal() + float(row % pairs % kClasses == d);
            square += values[d] * values[d];
        }
        for (int d = 0; d < kProjected; ++d)
            values[d] /= std::sqrt(square);
    }
    return z;
}

Matrix cosines(const Matrix &z)
{
    Matrix all{z.rows, z.rows, std::vector<float>(size_t(z.rows * z.rows))};
    for (int64_t row = 0; row < z.rows; ++row)
        for (int64_t column = 0; column < z.rows; ++column) {
            float sum = 0;
            for (int d = 0; d < kProjected; ++d)
                sum += z.values[size_t(row * kProjected + d)] * z.values[size_t(column * kProjected + d)];
            all.values[size_t(row * z.rows + column)] = sum;
        }
    return all;
}

const std::vector<std::string> &vocabulary()
{
    static const std::vector<std::string> words = [] {
        std::vector<std::string> all{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
        for (const char *start : {"▁mor", "▁the", "▁an", "▁wal", "▁sun", "▁riv", "▁hou", "▁under"})
            for (const char *end : {"", "ning", "re", "king", "light", "ers", "se", "standing"})
                all.push_back(std::string(start) + end);
        return all;
    }();
    return words;
}

const std::string &someWord(Random &random)
{
    const std::vector<std::string> &words = vocabulary();
    return words[5 + random.below(uint32_t(words.size() - 5))];
}

TokenPrediction somePrediction(int row, int position, const std::string &truth, Random &random)
{
    TokenPrediction prediction;
    prediction.row = row;
    prediction.position = position;
    prediction.truth = truth;
    prediction.probability = 0.1f * random.uniform() + 1e-4f;
    prediction.loss = -std::log(prediction.probability);
    prediction.rank = int(random.below(kCandidates));
    for (int i = 0; i < kCandidates; ++i)
        prediction.candidates.push_back({someWord(random), 0.5f / float(i + 1)});
    return prediction;
}

TokenRowView maskedRow(int row, int tokens, TokenPredictions &predictions, Random &random)
{
    TokenRowView view;
    view.sample = row;
    for (int t = 0; t < tokens; ++t) {
        const std::string word = t == 0 ? "[CLS]" : t == tokens - 1 ? "[SEP]" : someWord(random);
        const bool masked = t > 0 && t < tokens - 1 && random.chance(0.15f);
        view.text += word.starts_with("▁") ? " " + word.substr(3) : "";
        view.original.push_back(word);
        view.given.push_back({t, masked ? "[MASK]" : word, masked ? TokenAction::masked : TokenAction::kept, t});
        view.targets.push_back(masked ? word : "");
        if (masked)
            predictions.push_back(somePrediction(row, t, word, random));
    }
    return view;
}

AttentionView attentionOf(const std::vector<std::string> &pieces, Random &random)
{
    const size_t side = pieces.size();
    AttentionView view{pieces, kLayers, kHeads, std::vector<float>(kLayers * kHeads * side * side), std::vector<uint8_t>(side * side, 1)};
    for (float &weight : view.weights)
        weight = 2 * random.uniform() / float(side);
    return view;
}

class FewPictures : public Dataset
{
public:
    explicit FewPictures(int64_t heldOut) : m_heldOut(heldOut)
    {
        m_info.name = "few";
        m_info.image = {kPictureSide, kPictureSide, 1};
        m_info.columns = {{"label", {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}}};
        m_info.mean = {0.5f};
        m_info.deviation = {0.25f};
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? 200 : m_heldOut; }
    float label(Split, int64_t index, int) const override { return float(index % kClasses); }
    Image image(Split split, int64_t index) const override
    {
        Random random(uint64_t(split == Split::train), uint32_t(index));
        return noisyPicture(random);
    }

private:
    DatasetInfo m_info;
    int64_t m_heldOut;
};

} // namespace

std::shared_ptr<const Dataset> fewPictures(int64_t heldOut)
{
    return std::make_shared<FewPictures>(heldOut);
}

SnapshotPtr imagesOf(int pairs, int64_t step)
{
    auto snapshot = std::make_shared<Snapshot>();
    Random random{uint64_t(step)};
    snapshot->step = step;
    snapshot->knobs["temperature"] = double(kTemperature);
    ImageBatch originals, views;
    std::vector<ViewRecord> records(size_t(2) * pairs);
    for (int pair = 0; pair < pairs; ++pair) {
        snapshot->indices.push_back(pair);
        snapshot->labels.push_back(pair % kClasses);
        originals.push_back(noisyPicture(random));
    }
    for (ViewRecord &record : records) {
        views.push_back(noisyPicture(random));
        record.add("crop", {0.1f, 0.2f, 0.6f, 0.5f});
        if (random.chance(0.5f))
            record.add("flip");
        record.add("jitter", {random.uniform(0.6f, 1.4f)});
    }
    Matrix z = projections(pairs, random);
    const Matrix cosine = cosines(z);
    snapshot->channels["similarity/softmax"] = softmaxRows(cosine, kTemperature);
    snapshot->channels["similarity/gradient"] = gradientShare(cosine, kTemperature);
    snapshot->channels["similarity"] = cosine;
    snapshot->channels["embeddings"] = std::move(z);
    snapshot->channels["views/originals"] = std::move(originals);
    snapshot->channels["views/pixels"] = std::move(views);
    snapshot->channels["views/records"] = std::move(records);
    return snapshot;
}

SnapshotPtr textOf(int tokens, int64_t step)
{
    auto snapshot = std::make_shared<Snapshot>();
    Random random{uint64_t(step)};
    snapshot->step = step;
    snapshot->knobs["encoder.context"] = double(tokens);
    snapshot->prepared = preparedText(std::make_shared<const Tokenizer>(TokenizerKind::word, vocabulary()));
    snapshot->modality = snapshot->prepared->modality();
    TokenRowViews rows;
    TokenPredictions predictions;
    for (int row = 0; row < kTextRows; ++row) {
        snapshot->indices.push_back(row);
        snapshot->labels.push_back(row % 2);
        rows.push_back(maskedRow(row, tokens, predictions, random));
    }
    snapshot->channels["tokens/attention"] = attentionOf(rows.front().original, random);
    snapshot->channels["tokens/rows"] = std::move(rows);
    snapshot->channels["tokens/predictions"] = std::move(predictions);
    snapshot->channels["tokens/positions"] = AccuracyBins{{"0–127", "128–255", "256–383", "384–511"}, {0.3f, 0.4f, 0.4f, 0.3f}, {90, 90, 90, 90}};
    snapshot->channels["tokens/frequencies"] = AccuracyBins{{"1 in 10", "1 in 100", "rarer"}, {0.9f, 0.4f, 0.1f}, {50, 90, 20}};
    return snapshot;
}

std::vector<ScalarRow> stepsOf(int64_t first, int64_t last)
{
    std::vector<ScalarRow> rows;
    for (int64_t step = first; step < last; ++step) {
        Random random(5, uint32_t(step));
        const double falling = 5 * std::exp(-double(step) / 2e5);
        rows.push_back({step,
                        0.1 * double(step),
                        {{"loss/total", 1 + falling + 0.3 * random.normal()},
                         {"gradient/norm", 2 + 0.5 * random.normal()},
                         {"learning_rate", 1e-3},
                         {"accuracy/masked", 0.5 - 0.1 * falling}}});
    }
    return rows;
}

} // namespace pretext::uibench
