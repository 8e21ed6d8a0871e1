// A snapshot as a trainer would publish it, made without one: N samples of a few classes, their views, embeddings that cluster by class,
// and the similarity that follows from them.
#pragma once

#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/engine/snapshot.h"
#include "core/ssl/share.h"
#include "core/tensor/random.h"

#include <cmath>
#include <limits>
#include <memory>

namespace pretext::test {

inline Image patternImage(int label, uint32_t sample, int side, int channels)
{
    Random random(7, uint32_t(label), sample);
    Image image{side, side, channels, std::vector<uint8_t>(size_t(side) * side * channels)};
    for (size_t i = 0; i < image.pixels.size(); ++i) {
        const int x = int(i / channels) % side, y = int(i / channels) / side;
        const bool inside = std::hypot(x - side / 2., y - side / 2.) < side * (0.15 + 0.03 * label);
        image.pixels[i] = uint8_t(inside ? 200 + random.below(56) : random.below(60));
    }
    return image;
}

inline Matrix cosineOf(const Matrix &rows)
{
    Matrix cosine{rows.rows, rows.rows, std::vector<float>(size_t(rows.rows * rows.rows))};
    for (int64_t i = 0; i < rows.rows; ++i)
        for (int64_t j = 0; j < rows.rows; ++j) {
            double dot = 0;
            for (int64_t d = 0; d < rows.columns; ++d)
                dot += double(rows.at(i, d)) * rows.at(j, d);
            cosine.values[size_t(i * rows.rows + j)] = float(dot);
        }
    return cosine;
}

/// Of 4 x 4 patches behind a class token: every token attends to those behind more than to those before.
inline AttentionView patchAttention()
{
    constexpr size_t kSide = 17;
    AttentionView view{{"class"}, 2, 2, std::vector<float>(4 * kSide * kSide), std::vector<uint8_t>(kSide * kSide, 1), 4, 4};
    for (int patch = 0; patch < 16; ++patch)
        view.pieces.push_back(std::to_string(patch / 4 + 1) + ", " + std::to_string(patch % 4 + 1));
    for (size_t i = 0; i < view.weights.size(); ++i)
        view.weights[i] = float(i % kSide + 1) / 153;
    return view;
}

/// One of four answers for each sample, of which the even ones are answered right.
inline void addTask(Snapshot &snapshot, int pairs)
{
    Guesses guesses{.task = "Which quarter?", .answers = {"first", "second", "third", "fourth"}};
    for (int pair = 0; pair < pairs; ++pair) {
        guesses.targets.push_back(pair % 4);
        for (int i = 0; i < 4; ++i)
            guesses.probabilities.push_back(i == (pair % 2 == 0 ? pair % 4 : (pair + 1) % 4) ? 0.7f : 0.1f);
    }
    snapshot.channels["targets/guesses"] = std::move(guesses);
}

/// Eight prototypes, of which four have one view in four each, and every view is foretold to be shared alike.
inline void addPrototypes(Snapshot &snapshot, int pairs)
{
    Matrix shares{2 * pairs, 8, std::vector<float>(size_t(16) * pairs, 0.f)}, foretold{2 * pairs, 8, std::vector<float>(size_t(16) * pairs, 0.125f)};
    for (int row = 0; row < 2 * pairs; ++row)
        shares.values[size_t(row) * 8 + size_t(row % pairs % 4)] = 1;
    snapshot.channels["prototypes/shares"] = std::move(shares);
    snapshot.channels["prototypes/foretold"] = std::move(foretold);
}

inline std::shared_ptr<Snapshot> makeSnapshot(int pairs, int64_t step = 1, int dimension = 8, int classes = 4)
{
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->step = step;
    snapshot->knobs["temperature"] = 0.2;
    Matrix embeddings{2 * pairs, dimension, std::vector<float>(size_t(2) * pairs * dimension)};
    ImageBatch originals, views(size_t(2) * pairs);
    std::vector<ViewRecord> records(size_t(2) * pairs);
    for (int pair = 0; pair < pairs; ++pair) {
        const int label = pair % classes;
        snapshot->indices.push_back(1000 + pair);
        snapshot->labels.push_back(label);
        originals.push_back(patternImage(label, uint32_t(pair), 16, 1));
        for (int view = 0; view < 2; ++view) {
            const int row = pair + view * pairs;
            Random random{uint64_t(step), uint32_t(row)};
            views[row] = patternImage(label, uint32_t(row + pairs), 16, 1);
            records[row].add("crop", {0.1f, 0.2f, 0.6f, 0.5f});
            if (view)
                records[row].add("rotation", {20});
            double square = 0;
            for (int d = 0; d < dimension; ++d) {
                float &z = embeddings.values[size_t(row) * dimension + d];
                z = (d == label % dimension ? 2.f : 0.f) + 0.5f * Random(3, uint32_t(pair), uint32_t(d)).normal() + 0.4f * random.normal();
                square += double(z) * z;
            }
            for (int d = 0; d < dimension; ++d)
                embeddings.values[size_t(row) * dimension + d] /= float(std::sqrt(square));
        }
    }
    const Matrix cosine = cosineOf(embeddings);
    snapshot->channels["similarity/softmax"] = softmaxRows(cosine, 0.2f);
    snapshot->channels["similarity/gradient"] = gradientShare(cosine, 0.2f);
    snapshot->channels["similarity"] = cosine;
    snapshot->channels["embeddings"] = std::move(embeddings);
    snapshot->channels["views/originals"] = std::move(originals);
    snapshot->channels["views/pixels"] = std::move(views);
    snapshot->channels["views/records"] = std::move(records);
    snapshot->channels["patches/attention"] = patchAttention();
    Matrix output{pairs, 256, std::vector<float>(size_t(pairs) * 256, 0.5f)}, error{pairs, 16, std::vector<float>(size_t(pairs) * 16, 0.25f)};
    for (size_t patch = 0; patch < error.values.size(); patch += 4)
        error.values[patch] = std::numeric_limits<float>::quiet_NaN(); // seen
    snapshot->channels["reconstruction/output"] = std::move(output);
    snapshot->channels["reconstruction/error"] = std::move(error);
    addTask(*snapshot, pairs);
    addPrototypes(*snapshot, pairs);
    snapshot->channels["similarity/teacher"] = cosine;
    snapshot->scalars["loss/total"] = 1.0;
    return snapshot;
}

/// The same of sentences: rows with every kind of corruption, and the attention of two layers of two heads.
inline std::shared_ptr<Snapshot> makeSentencePairs(int pairs, int64_t step = 1)
{
    auto snapshot = makeSnapshot(pairs, step);
    snapshot->modality = Modality::text;
    snapshot->prepared = preparedText(std::make_shared<const Tokenizer>(
        TokenizerKind::word, std::vector<std::string>{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁the", "▁lord", "▁is", "▁my", "▁shepherd", "不", "知"}));
    snapshot->knobs["encoder.dropout"] = 0.0;
    for (const char *channel : {"views/originals", "views/pixels", "views/records", "patches/attention", "reconstruction/output", "reconstruction/error"})
        snapshot->channels.erase(channel);
    const std::vector<std::string> words = {"[CLS]", "▁the", "▁lord", "▁is", "▁my", "▁shepherd", "不", "知", "[SEP]"};
    const TokenAction actions[] = {TokenAction::kept, TokenAction::masked, TokenAction::replaced, TokenAction::unchanged, TokenAction::moved};
    TokenRowViews rows(size_t(2) * pairs);
    for (int row = 0; row < 2 * pairs; ++row) {
        rows[row].sample = 1000 + row % pairs;
        rows[row].text = "the lord is my shepherd 不知 " + std::to_string(row % pairs);
        rows[row].original = words;
        for (size_t t = 0; t < words.size(); ++t)
            if (t != size_t(3 + row % 3)) // deleted
                rows[row].given.push_back({int32_t(t), words[t], actions[(t + row) % 5], int(t)});
        rows[row].given.insert(rows[row].given.begin() + 2, {9, "▁o", TokenAction::inserted, -1});
        rows[row].targets.assign(rows[row].given.size(), "");
    }
    snapshot->channels["tokens/rows"] = std::move(rows);
    const size_t side = words.size();
    AttentionView view{words, 2, 2, std::vector<float>(4 * side * side), std::vector<uint8_t>(side * side)};
    for (size_t i = 0; i < view.weights.size(); ++i) {
        const size_t from = i / side % side, to = i % side;
        view.weights[i] = to <= from ? 1.f / float(from + 1) : 0.f;
        view.visible[i % (side * side)] = to <= from;
    }
    snapshot->channels["tokens/attention"] = std::move(view);
    return snapshot;
}

inline void spoil(Snapshot &snapshot)
{
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    for (auto &[name, value] : snapshot.channels) {
        if (auto *matrix = std::get_if<Matrix>(&value))
            matrix->values.assign(matrix->values.size(), kNan);
        if (auto *attention = std::get_if<AttentionView>(&value))
            attention->weights.assign(attention->weights.size(), kNan);
        if (auto *guesses = std::get_if<Guesses>(&value))
            guesses->probabilities.assign(guesses->probabilities.size(), kNan);
    }
    for (auto &[name, value] : snapshot.scalars)
        value = kNan;
}

/// Every number that can be is NaN.
inline std::shared_ptr<Snapshot> makeNanSnapshot(int pairs)
{
    auto snapshot = makeSnapshot(pairs);
    spoil(*snapshot);
    return snapshot;
}

inline std::shared_ptr<Snapshot> makeNanSentencePairs(int pairs)
{
    auto snapshot = makeSentencePairs(pairs);
    spoil(*snapshot);
    return snapshot;
}

} // namespace pretext::test
