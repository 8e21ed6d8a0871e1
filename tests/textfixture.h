// A snapshot of a masked language model as a trainer would publish it, made without one: rows of a little text with every kind of mark, the
// predictions, the accuracies in bins, and an answer.
#pragma once

#include "core/engine/snapshot.h"
#include "core/tensor/random.h"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace pretext::test {

inline TokenPrediction makePrediction(int row, int position, const std::string &truth, Random &random)
{
    TokenPrediction prediction;
    prediction.row = row;
    prediction.position = position;
    prediction.truth = truth;
    float left = 1;
    for (const char *piece : {"▁sun", "▁moon", "▁the", "月", "."}) {
        const float share = left * (0.2f + 0.5f * random.uniform());
        prediction.candidates.push_back({piece, share});
        left -= share;
    }
    prediction.probability = 0.01f;
    prediction.loss = -std::log(prediction.probability);
    prediction.rank = 17;
    return prediction;
}

inline TokenRowView makeRow(int64_t sample, TokenPredictions &predictions, int row, Random &random)
{
    TokenRowView view;
    view.sample = sample;
    view.text = "the sun shines . 月出";
    view.original = {"[CLS]", "▁the", "▁sun", "▁shines", "▁.", "月", "出", "[SEP]"};
    const TokenAction actions[] = {TokenAction::kept,      TokenAction::kept,   TokenAction::masked, TokenAction::replaced,
                                   TokenAction::unchanged, TokenAction::masked, TokenAction::kept,   TokenAction::kept};
    for (int t = 0; t < int(view.original.size()); ++t) {
        const bool predicted = actions[t] != TokenAction::kept;
        view.given.push_back({t,
                              actions[t] == TokenAction::masked     ? "[MASK]"
                              : actions[t] == TokenAction::replaced ? "▁calls"
                                                                    : view.original[t],
                              actions[t], t});
        view.targets.push_back(predicted ? view.original[t] : std::string());
        if (predicted)
            predictions.push_back(makePrediction(row, t, view.original[t], random));
    }
    return view;
}

inline std::shared_ptr<Snapshot> makeTextSnapshot(int rows, int64_t step = 1)
{
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->modality = Modality::text;
    snapshot->step = step;
    Random random{uint64_t(step)};
    TokenRowViews views;
    TokenPredictions predictions;
    for (int row = 0; row < rows; ++row) {
        snapshot->indices.push_back(1000 + row);
        snapshot->labels.push_back(row % 2);
        views.push_back(makeRow(1000 + row, predictions, row, random));
    }
    Answer answer{};
    answer.question.text = "the sun shines . 月出";
    answer.question.masked = {2};
    answer.row = makeRow(-1, answer.predictions, 0, random);
    answer.row.targets.clear();
    AttentionView attention;
    attention.pieces = answer.row.original;
    attention.layers = 1;
    attention.heads = 2;
    const size_t cells = attention.pieces.size() * attention.pieces.size();
    attention.weights.assign(2 * cells, 1.f / float(attention.pieces.size()));
    attention.visible.assign(cells, 1);
    snapshot->channels["tokens/rows"] = std::move(views);
    snapshot->channels["tokens/predictions"] = std::move(predictions);
    snapshot->channels["tokens/attention"] = attention;
    snapshot->channels["tokens/positions"] = AccuracyBins{{"0–7", "8–15"}, {0.3f, 0}, {12, 0}};
    snapshot->channels["tokens/frequencies"] = AccuracyBins{{"1 in 10", "1 in 100", "rarer"}, {0.9f, 0.4f, 0.1f}, {5, 9, 2}};
    snapshot->channels["answer/sentence"] = std::move(answer);
    snapshot->scalars["loss/total"] = 4.0;
    return snapshot;
}

/// Every number that can be is NaN.
inline std::shared_ptr<Snapshot> makeNanTextSnapshot(int rows)
{
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    auto snapshot = makeTextSnapshot(rows);
    const auto spoil = [](TokenPredictions &predictions) {
        for (TokenPrediction &prediction : predictions) {
            prediction.probability = prediction.loss = kNan;
            for (Candidate &candidate : prediction.candidates)
                candidate.probability = kNan;
        }
    };
    for (auto &[name, value] : snapshot->channels) {
        if (auto *predictions = std::get_if<TokenPredictions>(&value))
            spoil(*predictions);
        if (auto *answer = std::get_if<Answer>(&value))
            spoil(answer->predictions);
        if (auto *bins = std::get_if<AccuracyBins>(&value))
            bins->accuracy.assign(bins->accuracy.size(), kNan);
        if (auto *attention = std::get_if<AttentionView>(&value))
            attention->weights.assign(attention->weights.size(), kNan);
    }
    for (auto &[name, value] : snapshot->scalars)
        value = kNan;
    return snapshot;
}

} // namespace pretext::test
