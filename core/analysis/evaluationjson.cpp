#include "core/analysis/evaluationjson.h"

#include "core/analysis/judge.h"
#include "core/analysis/knn.h"
#include "core/files/safetensors.h"
#include "core/files/shownpath.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostConfused = 100; // classes, of which JSON has the matrix

nlohmann::json toJson(const EvaluationRow &row, int neighbours)
{
    nlohmann::json json{{"features", row.features}, {"dimension", row.dimension}, {"column", row.column}, {"alike", row.alike}};
    if (row.of > 0)
        json["first_look"] = row.of;
    if (row.knn >= 0)
        json["knn"] = row.knn;
    if (row.knn >= 0 && neighbours == 20)
        json["knn20"] = row.knn;
    if (row.probe >= 0)
        json["probe"] = row.probe;
    if (row.r2 >= -1)
        json["r2"] = row.r2;
    for (const ClassScore &score : row.classes) {
        nlohmann::json one{{"class", score.name}, {"trained", score.trained}, {"held_out", score.heldOut}};
        if (score.heldOut > 0)
            one.update({{"knn", score.knn}, {"probe", score.probe}});
        json["classes"].push_back(std::move(one));
    }
    if (const size_t classes = row.classes.size(); !row.guesses.truth.empty() && classes <= kMostConfused) {
        json["confusion"]["knn"] = confusion(row.guesses.truth, row.guesses.knn, classes);
        json["confusion"]["probe"] = confusion(row.guesses.truth, row.guesses.probe, classes);
    }
    return json;
}

nlohmann::json toJson(const FinetuneRow &row, int steps)
{
    nlohmann::json json{{"start", row.start}, {"column", row.column}, {"steps", steps}, {"accuracy", nlohmann::json::array()}};
    for (size_t i = 0; i < row.accuracy.size(); ++i)
        json["accuracy"].push_back(
            {{"labels_per_class", kLabelsPerClass[i] > 0 ? nlohmann::json(kLabelsPerClass[i]) : nlohmann::json("all")}, {"accuracy", row.accuracy[i]}});
    return json;
}

nlohmann::json toJson(const Health &health)
{
    nlohmann::json json{{"samples", health.samples}, {"dimension", health.dimension}, {"alike", health.alike}};
    const std::pair<const char *, std::optional<double>> values[] = {
        {"deviation", health.deviation}, {"length", health.length},       {"effective_rank", health.effectiveRank}, {"rankme", health.rankMe},
        {"alpha_req", health.alphaReq},  {"alignment", health.alignment}, {"uniformity", health.uniformity}};
    for (const auto &[name, value] : values)
        if (value)
            json[name] = *value;
    json["spectrum"] = health.spectrum;
    json["deviations"] = health.deviations;
    return json;
}

nlohmann::json toJson(const EncoderHealth &health, const Diagnosis &diagnosis)
{
    nlohmann::json json{{"finding", nameOf(diagnosis.finding)}, {"sentence", diagnosis.sentence}, {"embedding", toJson(health.embedding)}};
    if (health.projection)
        json["projection"] = toJson(*health.projection);
    return json;
}

} // namespace

nlohmann::json toJson(const Evaluation &evaluation)
{
    nlohmann::json json{
        {"complete", evaluation.complete},
        {"neighbours", {{"k", evaluation.neighbours}, {"temperature", double(std::lround(1000 * KnnOptions{}.temperature)) / 1000}, {"bank", evaluation.bank}}},
        {"notes", evaluation.notes},
        {"rows", nlohmann::json::array()}};
    if (evaluation.dimension > 0) // else it was stopped before
        json.update({{"alignment", evaluation.alignment},
                     {"uniformity", evaluation.uniformity},
                     {"effective_rank", evaluation.effectiveRank},
                     {"collapsed", evaluation.collapsed},
                     {"whitened", evaluation.whitened}});
    if (evaluation.of > 0)
        json["first_look"] = evaluation.of; // the numbers of embeddings are those of one
    if (evaluation.health)
        json["health"] = toJson(*evaluation.health, evaluation.diagnosis);
    for (const EvaluationRow &row : evaluation.rows)
        json["rows"].push_back(toJson(row, evaluation.neighbours));
    for (const SegmentationRow &row : evaluation.segmentation)
        json["segmentation"].push_back({{"features", row.features}, {"dimension", row.dimension}, {"mean_iou", row.meanIoU}, {"accuracy", row.accuracy}});
    for (const FinetuneRow &row : evaluation.finetuned)
        json["finetuning"].push_back(toJson(row, evaluation.finetuning.steps));
    for (const TokenScore &score : evaluation.tokens)
        json["tokens"].push_back({{"predictor", score.name},
                                  {"loss", std::log(score.perplexity)},
                                  {"perplexity", score.perplexity},
                                  {"accuracy", score.accuracy},
                                  {"tokens", score.positions}});
    for (const InContextScore &score : evaluation.inContext)
        json["in_context"].push_back({{"examples", score.examples}, {"accuracy", score.accuracy}, {"prompts", score.prompts}, {"chance", kInContextChance}});
    for (const RetrievalRow &row : evaluation.retrieval)
        json["retrieval"].push_back({{"features", row.features},
                                     {"verses", row.verses},
                                     {"kjv_to_web", {{"at1", row.at1}, {"at5", row.at5}}},
                                     {"web_to_kjv", {{"at1", row.backAt1}, {"at5", row.backAt5}}}});
    return json;
}

nlohmann::json toJson(const Evaluation &evaluation, const TrainedEncoder &judged, const std::string &data)
{
    nlohmann::json json = toJson(evaluation);
    json.update({{"checkpoint", shownPath(judged.checkpoint)},
                 {"step", judged.state.step},
                 {"encoder", judged.state.config.encoder},
                 {"method", judged.state.config.method},
                 {"dataset", data}});
    return json;
}

void keepEvaluation(const Evaluation &evaluation, const TrainedEncoder &judged, const std::string &data)
{
    const fs::path folder = fs::absolute(judged.checkpoint).parent_path(), run = folder.parent_path();
    std::error_code absent;
    if (folder.filename() != "checkpoints" || !fs::exists(run / "config.json", absent))
        return;
    const std::string text = toJson(evaluation, judged, data).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    const auto *bytes = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(run / "evaluation.json", {bytes, bytes + text.size()});
}

} // namespace pretext
