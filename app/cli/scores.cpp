#include "app/cli/scores.h"

#include "app/cli/table.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <iostream>

namespace pretext {

namespace {

using Cells = std::vector<std::vector<std::string>>;

std::string decimal(double value, int decimals)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::string percent(double share) { return decimal(100 * share, 1); }

void printIfFilled(const Cells &cells, const std::string &below = {})
{
    if (cells.size() < 2)
        return;
    printTable(std::cout, cells);
    std::cout << below << (below.empty() ? "\n" : "\n\n");
}

void printFeatures(const Evaluation &evaluation)
{
    Cells cells{{"features", "dimension", "label", "kNN-20 %", "probe %", "R²"}};
    for (const EvaluationRow &row : evaluation.rows)
        cells.push_back({row.features, std::to_string(row.dimension), row.column, row.knn < 0 ? "" : percent(row.knn),
                         row.probe < 0 ? "" : percent(row.probe), row.r2 < -1 ? "" : decimal(row.r2, 2)});
    printIfFilled(cells);
}

void printFinetuning(const Evaluation &evaluation)
{
    Cells cells{{"labels per class, %", "label"}};
    for (int labels : kLabelsPerClass)
        cells[0].push_back(labels > 0 ? std::to_string(labels) : "all");
    for (const FinetuneRow &row : evaluation.finetuned) {
        cells.push_back({row.start, row.column});
        for (double accuracy : row.accuracy)
            cells.back().push_back(percent(accuracy));
    }
    printIfFilled(cells, "Fine-tuning trains encoder and a linear layer from the run's weights, supervised training from its initial ones: "
                             + std::to_string(evaluation.finetuneSteps) + " steps of AdamW on batches of " + std::to_string(kFinetuneBatch)
                             + " texts, one drawing of the labels, judged on at most " + std::to_string(kFinetuneJudged) + " held-out texts.");
}

/// Language models: what they predict beside what counting predicts.
void printPrediction(const Evaluation &evaluation)
{
    Cells cells{{"held-out tokens", "loss", "perplexity", "accuracy %"}};
    for (const TokenScore &score : evaluation.tokens)
        cells.push_back({score.name, decimal(std::log(score.perplexity), 3), decimal(score.perplexity, 1), percent(score.accuracy)});
    if (evaluation.tokens.empty())
        return;
    printIfFilled(cells, std::to_string(evaluation.tokens.front().positions)
                             + " tokens of held-out texts. Counts are of training texts, unigrams smoothed by adding one, bigrams after Witten and Bell (1991); "
                               "they are shown the true neighbour.");
}

void printInContext(const Evaluation &evaluation)
{
    Cells cells{{"examples in the prompt"}, {"answered rightly, %"}};
    for (const InContextScore &score : evaluation.inContext) {
        cells[0].push_back(std::to_string(score.examples));
        cells[1].push_back(percent(score.accuracy));
    }
    if (evaluation.inContext.empty())
        return;
    printIfFilled(cells, std::to_string(evaluation.inContext.front().prompts) + " held-out prompts, each about an operator and a pair of numbers that never stood "
                             "together in training; without an example, chance is " + percent(kInContextChance) + " %.");
}

void printRetrieval(const Evaluation &evaluation)
{
    Cells cells{{"the verse's other translation", "KJV to WEB @1 %", "@5 %", "WEB to KJV @1 %", "@5 %"}};
    for (const RetrievalRow &row : evaluation.retrieval)
        cells.push_back({row.features, percent(row.at1), percent(row.at5), percent(row.backAt1), percent(row.backAt5)});
    if (evaluation.retrieval.empty())
        return;
    printIfFilled(cells, "Each of " + std::to_string(evaluation.retrieval.front().verses) + " held-out verses is looked for among all of them by cosine.");
}

nlohmann::json toJson(const EvaluationRow &row)
{
    nlohmann::json json{{"features", row.features}, {"dimension", row.dimension}, {"column", row.column}};
    if (row.knn >= 0)
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
    printFeatures(evaluation);
    printFinetuning(evaluation);
    printPrediction(evaluation);
    printInContext(evaluation);
    printRetrieval(evaluation);
    std::cout << "alignment " << decimal(evaluation.alignment, 3) << " (0: both views of a sample are one point), uniformity "
              << decimal(evaluation.uniformity, 2) << " (the lower, the more even), effective rank " << decimal(evaluation.effectiveRank, 1)
              << " of " << evaluation.dimension << "\n";
    for (const std::string &note : evaluation.notes)
        std::cout << note << "\n";
}

nlohmann::json toJson(const Evaluation &evaluation)
{
    nlohmann::json json{{"alignment", evaluation.alignment}, {"uniformity", evaluation.uniformity}, {"effective_rank", evaluation.effectiveRank},
                        {"notes", evaluation.notes}, {"rows", nlohmann::json::array()}};
    for (const EvaluationRow &row : evaluation.rows)
        json["rows"].push_back(toJson(row));
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
