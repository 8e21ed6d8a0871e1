#include "app/cli/scores.h"

#include "app/cli/table.h"
#include "core/analysis/knn.h"
#include "core/analysis/scoretables.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iostream>

namespace pretext {

namespace {

nlohmann::json toJson(const EvaluationRow &row, int neighbours)
{
    nlohmann::json json{{"features", row.features}, {"dimension", row.dimension}, {"column", row.column}, {"alike", row.alike}};
    if (row.knn >= 0)
        json["knn"] = row.knn;
    if (row.knn >= 0 && neighbours == 20)
        json["knn20"] = row.knn;
    if (row.probe >= 0)
        json["probe"] = row.probe;
    if (row.r2 >= -1)
        json["r2"] = row.r2;
    return json;
}

nlohmann::json toJson(const FinetuneRow &row, int steps)
{
    nlohmann::json json{{"start", row.start}, {"column", row.column}, {"steps", steps}, {"accuracy", nlohmann::json::array()}};
    for (size_t i = 0; i < row.accuracy.size(); ++i)
        json["accuracy"].push_back({{"labels_per_class", kLabelsPerClass[i] > 0 ? nlohmann::json(kLabelsPerClass[i]) : nlohmann::json("all")},
                                    {"accuracy", row.accuracy[i]}});
    return json;
}

} // namespace

void printEvaluation(const Evaluation &evaluation)
{
    for (const ScoreTable &table : tablesOf(evaluation)) {
        std::vector<std::vector<std::string>> cells{table.header};
        for (const std::vector<ScoreCell> &row : table.rows) {
            cells.emplace_back();
            for (const ScoreCell &cell : row)
                cells.back().push_back(cell.text);
        }
        printTable(std::cout, cells);
        std::cout << table.below << (table.below.empty() ? "\n" : "\n\n");
    }
    std::cout << geometryOf(evaluation) << "\n";
    for (const std::string &note : evaluation.notes)
        std::cout << note << "\n";
}

nlohmann::json toJson(const Evaluation &evaluation)
{
    nlohmann::json json{{"alignment", evaluation.alignment}, {"uniformity", evaluation.uniformity}, {"effective_rank", evaluation.effectiveRank},
                        {"collapsed", evaluation.collapsed}, {"complete", evaluation.complete},
                        {"neighbours", {{"k", evaluation.neighbours}, {"temperature", double(std::lround(1000 * KnnOptions{}.temperature)) / 1000}, {"bank", evaluation.bank}}},
                        {"notes", evaluation.notes}, {"rows", nlohmann::json::array()}};
    for (const EvaluationRow &row : evaluation.rows)
        json["rows"].push_back(toJson(row, evaluation.neighbours));
    for (const FinetuneRow &row : evaluation.finetuned)
        json["finetuning"].push_back(toJson(row, evaluation.finetuneSteps));
    for (const TokenScore &score : evaluation.tokens)
        json["tokens"].push_back({{"predictor", score.name}, {"loss", std::log(score.perplexity)}, {"perplexity", score.perplexity},
                                  {"accuracy", score.accuracy}, {"tokens", score.positions}});
    for (const InContextScore &score : evaluation.inContext)
        json["in_context"].push_back({{"examples", score.examples}, {"accuracy", score.accuracy}, {"prompts", score.prompts}, {"chance", kInContextChance}});
    for (const RetrievalRow &row : evaluation.retrieval)
        json["retrieval"].push_back({{"features", row.features}, {"verses", row.verses}, {"kjv_to_web", {{"at1", row.at1}, {"at5", row.at5}}},
                                     {"web_to_kjv", {{"at1", row.backAt1}, {"at5", row.backAt5}}}});
    return json;
}

} // namespace pretext
