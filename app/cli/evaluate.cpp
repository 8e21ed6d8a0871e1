// `pretext evaluate`: how good a run's encoder is, beside what needs no learning.
#include "app/cli/cli.h"
#include "app/cli/table.h"
#include "app/cli/trained.h"

#include "core/analysis/evaluate.h"
#include "core/backend/backend.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <iostream>

namespace pretext {
namespace {

struct EvaluateOptions
{
    std::string run, dataset;
    bool withoutBaselines = false, json = false;
    int threads = 0;
};

std::string number(double value, int decimals)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

/// Language models: what they predict beside what counting predicts, and what they learn from a prompt.
void printTokens(const Evaluation &evaluation)
{
    std::vector<std::vector<std::string>> cells{{"held-out tokens", "loss", "perplexity", "accuracy %"}};
    for (const TokenScore &score : evaluation.tokens)
        cells.push_back({score.name, number(std::log(score.perplexity), 3), number(score.perplexity, 1), number(100 * score.accuracy, 1)});
    if (cells.size() > 1) {
        printTable(std::cout, cells);
        std::cout << evaluation.tokens.front().positions << " tokens of held-out texts; counts are of the training split, unigrams smoothed by adding one, "
                     "bigrams after Witten and Bell (1991) with the true neighbour\n";
    }
    for (size_t examples = 0; examples < evaluation.inContext.size(); ++examples)
        std::cout << (examples == 0 ? "answered rightly after 0, 1, ... examples: " : ", ") << number(100 * evaluation.inContext[examples], 1) << " %";
    if (!evaluation.inContext.empty())
        std::cout << "\n";
}

void printEvaluation(const Evaluation &evaluation)
{
    std::vector<std::vector<std::string>> cells{{"features", "dimension", "label", "kNN-20 %", "probe %", "R²"}};
    for (const EvaluationRow &row : evaluation.rows)
        cells.push_back({row.features, std::to_string(row.dimension), row.column, row.knn < 0 ? "" : number(100 * row.knn, 1),
                         row.probe < 0 ? "" : number(100 * row.probe, 1), row.r2 < -1 ? "" : number(row.r2, 2)});
    if (cells.size() > 1)
        printTable(std::cout, cells);
    printTokens(evaluation);
    std::cout << "alignment " << number(evaluation.alignment, 3) << " (0: both views of a sample are one point), uniformity "
              << number(evaluation.uniformity, 2) << " (the lower, the more even), effective rank " << number(evaluation.effectiveRank, 1)
              << " of " << evaluation.dimension << "\n";
    for (const std::string &note : evaluation.notes)
        std::cout << note << "\n";
}

nlohmann::json toJson(const EvaluationRow &row)
{
    nlohmann::json json{{"features", row.features}, {"dimension", row.dimension}, {"column", row.column}};
    if (row.knn >= 0)
        json.update({{"knn20", row.knn}, {"probe", row.probe}});
    else
        json["r2"] = row.r2;
    return json;
}

void printJson(const Evaluation &evaluation, const CheckpointState &state, const Dataset &dataset)
{
    nlohmann::json json{{"dataset", dataset.info().name}, {"step", state.step}, {"encoder", state.config.encoder},
                        {"alignment", evaluation.alignment}, {"uniformity", evaluation.uniformity},
                        {"effective_rank", evaluation.effectiveRank}, {"notes", evaluation.notes}, {"rows", nlohmann::json::array()}};
    for (const TokenScore &score : evaluation.tokens)
        json["tokens"].push_back({{"predictor", score.name}, {"perplexity", score.perplexity}, {"accuracy", score.accuracy}, {"tokens", score.positions}});
    if (!evaluation.inContext.empty())
        json["in_context"] = evaluation.inContext;
    for (const EvaluationRow &row : evaluation.rows)
        json["rows"].push_back(toJson(row));
    std::cout << json.dump(2) << std::endl;
}

int evaluateRun(const EvaluateOptions &options)
{
    setThreads(options.threads);
    TrainedEncoder trained = loadEncoder(options.run);
    const std::shared_ptr<const Dataset> dataset = fromCommandLine([&] { return dataFor(trained.state, options.dataset); });
    Evaluation evaluation;
    {
        ProgressLine progress;
        evaluation = evaluate(trained, *dataset, !options.withoutBaselines, std::ref(progress));
    }
    options.json ? printJson(evaluation, trained.state, *dataset) : printEvaluation(evaluation);
    return 0;
}

} // namespace

CommandAction evaluateCommand(CLI::App &command)
{
    auto options = std::make_shared<EvaluateOptions>();
    command.add_option("RUN", options->run, "Run folder (its newest checkpoint), or a checkpoint file")->required();
    command.add_option("--dataset", options->dataset, "Data by name or path (default: the run's own)");
    command.add_flag("--no-baselines", options->withoutBaselines, "The encoder alone, without untrained, PCA-64 and raw pixels, or TF-IDF");
    command.add_option("--threads", options->threads, "Threads; 0: all cores")->check(CLI::Range(0, 1024))->capture_default_str();
    command.add_flag("--json", options->json, "As JSON, accuracies in [0, 1] (default: a table, in percent)");
    command.footer("The encoder is in evaluation mode; samples are those of the held-out split, neighbours and the probe's fit are those of the\n"
                   "whole training split. kNN-20 votes with exp(cosine / 0.07). The probe is multinomial logistic regression on features\n"
                   "standardised on the training split, LBFGS, its L2 chosen on 5 000 held-out training samples. Continuous labels are\n"
                   "scored by the R² of ridge regression.\n\n"
                   "Examples:\n  pretext evaluate runs/first\n  pretext evaluate runs/first --json --no-baselines\n"
                   "  pretext evaluate runs/first/checkpoints/step-00000500.safetensors --dataset my-images/");
    return [options] { return evaluateRun(*options); };
}

} // namespace pretext
