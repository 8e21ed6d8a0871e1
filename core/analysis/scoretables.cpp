#include "core/analysis/scoretables.h"

#include "core/analysis/knn.h"
#include "core/data/counted.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace pretext {

namespace {

std::string decimalOf(double value, int decimals)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return std::atof(text) == 0 && text[0] == '-' ? text + 1 : text; // no minus before a zero
}

ScoreCell shareCell(double share)
{
    return {decimalOf(100 * share, 1), share};
}

/// How kNN votes, and which features have nothing to tell samples by.
std::string aboutFeatures(const Evaluation &evaluation)
{
    std::string alike, text;
    bool votes = false;
    for (const EvaluationRow &row : evaluation.rows) {
        votes |= row.knn >= 0;
        if (row.alike && (", " + alike + ",").find(", " + row.features + ",") == std::string::npos)
            alike += (alike.empty() ? "" : ", ") + row.features;
    }
    if (votes)
        text = "kNN: the " + (evaluation.neighbours == 1 ? "nearest" : std::to_string(evaluation.neighbours) + " nearest") + " of "
               + counted(evaluation.bank, "training sample") + (evaluation.neighbours == 1 ? " votes" : " vote") + " with exp(cosine / "
               + decimalOf(KnnOptions{}.temperature, 2) + ").";
    if (!alike.empty())
        text += (text.empty() ? "" : " ") + ("Of all training samples alike: " + alike)
                + "; all that can be told from what is alike is the most frequent class, or the mean.";
    return text;
}

ScoreTable featureTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::features,
                     {"features", "dimension", "label", "kNN-" + std::to_string(evaluation.neighbours) + " %", "probe %"},
                     {},
                     aboutFeatures(evaluation)};
    const auto hasR2 = [](const EvaluationRow &row) { return row.r2 >= -1; };
    const bool factors = evaluation.hasFactors || std::any_of(evaluation.rows.begin(), evaluation.rows.end(), hasR2);
    if (factors)
        table.header.push_back("R²");
    for (const EvaluationRow &row : evaluation.rows) {
        table.rows.push_back({{row.features},
                              {std::to_string(row.dimension)},
                              {row.column},
                              row.knn < 0 ? ScoreCell{} : shareCell(row.knn),
                              row.probe < 0 ? ScoreCell{} : shareCell(row.probe)});
        if (factors)
            table.rows.back().push_back(hasR2(row) ? ScoreCell{decimalOf(row.r2, 2), row.r2} : ScoreCell{});
    }
    return table;
}

ScoreTable finetuningTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::finetuning, {"labels per class, %", "label"}, {}, {}};
    for (int labels : kLabelsPerClass)
        table.header.push_back(labels > 0 ? std::to_string(labels) : "all");
    for (const FinetuneRow &row : evaluation.finetuned) {
        table.rows.push_back({{row.start}, {row.column}});
        for (double accuracy : row.accuracy)
            table.rows.back().push_back(shareCell(accuracy));
    }
    table.below = "Encoder, untrained and TF-IDF: linear probes on frozen features. Fine-tuning trains encoder and a linear layer from the run's weights, "
                  "supervised training from its initial ones: "
                  + std::to_string(evaluation.finetuneSteps) + " steps of AdamW on batches of " + std::to_string(kFinetuneBatch)
                  + " texts, one drawing of the labels; these two are judged on at most " + std::to_string(kFinetuneJudged) + " held-out texts.";
    return table;
}

/// Language models: what they predict beside what counting predicts.
ScoreTable predictionTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::tokens, {"held-out tokens", "loss", "perplexity", "accuracy %"}, {}, {}};
    for (const TokenScore &score : evaluation.tokens)
        table.rows.push_back({{score.name}, {decimalOf(std::log(score.perplexity), 3)}, {decimalOf(score.perplexity, 1)}, shareCell(score.accuracy)});
    if (!evaluation.tokens.empty())
        table.below = counted(evaluation.tokens.front().positions, "token")
                      + " of held-out texts. Counts are of training texts, unigrams smoothed by adding one, bigrams after Witten and Bell (1991); "
                        "they are shown the true neighbour.";
    return table;
}

ScoreTable inContextTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::inContext, {"examples in the prompt"}, {}, {}, true};
    if (evaluation.inContext.empty())
        return table;
    table.rows.push_back({{"answered rightly, %"}});
    for (const InContextScore &score : evaluation.inContext) {
        table.header.push_back(std::to_string(score.examples));
        table.rows.back().push_back(shareCell(score.accuracy));
    }
    table.below = counted(evaluation.inContext.front().prompts, "held-out prompt")
                  + ", each about an operator and a pair of numbers that never stood "
                    "together in training; without an example, chance is "
                  + decimalOf(100 * kInContextChance, 1) + " %.";
    return table;
}

ScoreTable retrievalTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::retrieval, {"the verse's other translation", "KJV to WEB @1 %", "@5 %", "WEB to KJV @1 %", "@5 %"}, {}, {}};
    for (const RetrievalRow &row : evaluation.retrieval)
        table.rows.push_back({{row.features}, shareCell(row.at1), shareCell(row.at5), shareCell(row.backAt1), shareCell(row.backAt5)});
    if (!evaluation.retrieval.empty())
        table.below = "Each of " + counted(evaluation.retrieval.front().verses, "held-out verse") + " is looked for among all of them by cosine.";
    return table;
}

} // namespace

std::vector<ScoreTable> tablesOf(const Evaluation &evaluation)
{
    std::vector<ScoreTable> tables{featureTable(evaluation), finetuningTable(evaluation), predictionTable(evaluation), inContextTable(evaluation),
                                   retrievalTable(evaluation)};
    std::erase_if(tables, [](const ScoreTable &table) { return table.rows.empty(); });
    return tables;
}

std::string geometryOf(const Evaluation &evaluation)
{
    return "alignment " + decimalOf(evaluation.alignment, 3) + " (0: both views of a sample are one point), uniformity " + decimalOf(evaluation.uniformity, 2)
           + " (the lower, the more even), effective rank " + decimalOf(evaluation.effectiveRank, 1) + " of " + std::to_string(evaluation.dimension);
}

} // namespace pretext
