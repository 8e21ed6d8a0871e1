#include "core/analysis/scoretables.h"

#include "core/analysis/knn.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace pretext {

namespace {

constexpr double kSameViews = 1e-9; // in squared distance: not even rounding parts them

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

std::string aboutVotes(const Evaluation &evaluation)
{
    const std::string bank = std::to_string(evaluation.bank), temperature = decimalOf(KnnOptions{}.temperature, 2);
    if (evaluation.bank == 1)
        return pretext::said("kNN: the nearest of 1 training sample votes with exp(cosine / %1).", {temperature});
    if (evaluation.neighbours == 1)
        return pretext::said("kNN: the nearest of %1 training samples votes with exp(cosine / %2).", {bank, temperature});
    return pretext::said("kNN: the %1 nearest of %2 training samples vote with exp(cosine / %3).", {std::to_string(evaluation.neighbours), bank, temperature});
}

std::string aboutFirstLook(const Evaluation &evaluation)
{
    for (const EvaluationRow &row : evaluation.rows)
        if (row.of > 0)
            return pretext::said("The first look is by %1 training samples spread evenly, and stands until all of them are judged.", {std::to_string(row.of)});
    return {};
}

/// How kNN votes, and which features have nothing to tell samples by.
std::string aboutFeatures(const Evaluation &evaluation)
{
    std::string alike, text;
    bool votes = false;
    for (const EvaluationRow &row : evaluation.rows) {
        votes |= row.knn >= 0;
        if (const std::string name = featuresName(row.features); row.alike && (", " + alike + ",").find(", " + name + ",") == std::string::npos)
            alike += (alike.empty() ? "" : ", ") + name;
    }
    if (votes)
        text = aboutVotes(evaluation);
    if (const std::string look = aboutFirstLook(evaluation); !look.empty())
        text += (text.empty() ? "" : " ") + look;
    if (evaluation.whitened)
        text += (text.empty() ? "" : " ") + pretext::said("The encoder's neighbours, trained and untrained, are those of whitened embeddings.");
    if (!alike.empty())
        text += (text.empty() ? "" : " ")
                + pretext::said("Of all training samples alike: %1; all that can be told from what is alike is the most frequent class, or the mean.", {alike});
    return text;
}

std::string nameOf(const EvaluationRow &row)
{
    return row.of > 0 ? pretext::said("%1, a first look", {featuresName(row.features)}) : featuresName(row.features);
}

ScoreTable featureTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::features,
                     {PRETEXT_SAID("features"), PRETEXT_SAID("dimension"), PRETEXT_SAID("label"), "kNN-" + std::to_string(evaluation.neighbours) + " %",
                      PRETEXT_SAID("probe %")},
                     {},
                     aboutFeatures(evaluation)};
    const auto hasR2 = [](const EvaluationRow &row) { return row.r2 >= -1; };
    const bool factors = evaluation.hasFactors || std::any_of(evaluation.rows.begin(), evaluation.rows.end(), hasR2);
    if (factors)
        table.header.push_back("R²");
    for (const EvaluationRow &row : evaluation.rows) {
        table.rows.push_back({{nameOf(row)},
                              {std::to_string(row.dimension)},
                              {row.column},
                              row.knn < 0 ? ScoreCell{} : shareCell(row.knn),
                              row.probe < 0 ? ScoreCell{} : shareCell(row.probe)});
        if (factors)
            table.rows.back().push_back(hasR2(row) ? ScoreCell{decimalOf(row.r2, 2), row.r2} : ScoreCell{});
    }
    return table;
}

/// Over the classes of which there are held-out samples.
ScoreCell meanCell(const std::vector<ClassScore> &classes, double ClassScore::*score)
{
    double sum = 0;
    int known = 0;
    for (const ClassScore &of : classes)
        if (of.*score >= 0) {
            sum += of.*score;
            ++known;
        }
    return known > 0 ? shareCell(sum / known) : ScoreCell{};
}

/// The label, class by class, of the encoder itself; of many classes JSON tells.
ScoreTable classTable(const Evaluation &evaluation)
{
    constexpr size_t kMostClasses = 30;
    ScoreTable table{ScoreKind::classes,
                     {PRETEXT_SAID("class"), PRETEXT_SAID("to train on"), PRETEXT_SAID("held out"), "kNN-" + std::to_string(evaluation.neighbours) + " %",
                      PRETEXT_SAID("probe %")},
                     {},
                     {}};
    if (evaluation.rows.empty() || evaluation.rows.front().classes.empty() || evaluation.rows.front().classes.size() > kMostClasses)
        return table;
    const EvaluationRow &row = evaluation.rows.front();
    for (const ClassScore &score : row.classes)
        table.rows.push_back({{score.name},
                              {std::to_string(score.trained)},
                              {std::to_string(score.heldOut)},
                              score.knn < 0 ? ScoreCell{} : shareCell(score.knn),
                              score.probe < 0 ? ScoreCell{} : shareCell(score.probe)});
    table.rows.push_back({{PRETEXT_SAID("mean of all classes")}, {}, {}, meanCell(row.classes, &ClassScore::knn), meanCell(row.classes, &ClassScore::probe)});
    table.below = pretext::said(
        "Of %1, by %2: the share of each class's held-out samples that is told rightly, and their mean, in which a rare class counts as much as a "
        "common one.",
        {row.column, nameOf(row)});
    return table;
}

ScoreTable segmentationTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::segmentation,
                     {PRETEXT_SAID("features of a pixel"), PRETEXT_SAID("dimension"), PRETEXT_SAID("mean IoU %"), PRETEXT_SAID("pixels right %")},
                     {},
                     {}};
    for (const SegmentationRow &row : evaluation.segmentation)
        table.rows.push_back({{row.features}, {std::to_string(row.dimension)}, shareCell(row.meanIoU), shareCell(row.accuracy)});
    table.below =
        pretext::said("What a pixel belongs to, by a linear probe on the encoder's last map of features, brought to every pixel bilinearly. IoU: of each class "
                      "the pixels that truth and guess share, of all that either names.");
    return table;
}

ScoreTable finetuningTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::finetuning, {PRETEXT_SAID("labels per class, %"), PRETEXT_SAID("label")}, {}, {}};
    for (int labels : kLabelsPerClass)
        table.header.push_back(labels > 0 ? std::to_string(labels) : PRETEXT_SAID("all"));
    for (const FinetuneRow &row : evaluation.finetuned) {
        table.rows.push_back({{featuresName(row.start)}, {row.column}});
        for (double accuracy : row.accuracy)
            table.rows.back().push_back(shareCell(accuracy));
    }
    if (const FinetuneOptions &tuned = evaluation.finetuning; tuned.steps > 0)
        table.below = pretext::said(
            "Fine-tuning trains encoder and a linear layer from the run's weights, the supervised baseline from its initial ones: %1 steps of AdamW on "
            "batches of %2 samples, one drawing of the labels; these two are judged on at most %3 held-out samples. The others are linear "
            "probes on frozen features.",
            {tuned.steps, tuned.batch, tuned.judged});
    else
        table.below = pretext::said("Linear probes on frozen features, told the labels of so many training samples of each class; one drawing of them.");
    return table;
}

/// Language models: what they predict beside what counting predicts.
ScoreTable predictionTable(const Evaluation &evaluation)
{
    ScoreTable table{
        ScoreKind::tokens, {PRETEXT_SAID("held-out tokens"), PRETEXT_SAID("loss"), PRETEXT_SAID("perplexity"), PRETEXT_SAID("accuracy %")}, {}, {}};
    for (const TokenScore &score : evaluation.tokens)
        table.rows.push_back({{score.name}, {decimalOf(std::log(score.perplexity), 3)}, {decimalOf(score.perplexity, 1)}, shareCell(score.accuracy)});
    if (!evaluation.tokens.empty())
        table.below =
            pretext::said(evaluation.tokens.front().positions == 1
                              ? PRETEXT_SAID("1 token of held-out texts. Counts are of training texts, unigrams smoothed by adding one, bigrams after Witten "
                                             "and Bell (1991); they are shown the true neighbour.")
                              : PRETEXT_SAID("%1 tokens of held-out texts. Counts are of training texts, unigrams smoothed by adding one, bigrams after "
                                             "Witten and Bell (1991); they are shown the true neighbour."),
                          {std::to_string(evaluation.tokens.front().positions)});
    return table;
}

ScoreTable inContextTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::inContext, {PRETEXT_SAID("examples in the prompt")}, {}, {}, true};
    if (evaluation.inContext.empty())
        return table;
    table.rows.push_back({{PRETEXT_SAID("answered rightly, %")}});
    for (const InContextScore &score : evaluation.inContext) {
        table.header.push_back(std::to_string(score.examples));
        table.rows.back().push_back(shareCell(score.accuracy));
    }
    table.below =
        pretext::said(evaluation.inContext.front().prompts == 1
                          ? PRETEXT_SAID("1 held-out prompt, each about an operator and a pair of numbers that never stood together in training; without an "
                                         "example, chance is %2 %.")
                          : PRETEXT_SAID("%1 held-out prompts, each about an operator and a pair of numbers that never stood together in training; without "
                                         "an example, chance is %2 %."),
                      {std::to_string(evaluation.inContext.front().prompts), decimalOf(100 * kInContextChance, 1)});
    return table;
}

ScoreTable retrievalTable(const Evaluation &evaluation)
{
    ScoreTable table{ScoreKind::retrieval,
                     {PRETEXT_SAID("the verse's other translation"), PRETEXT_SAID("KJV to WEB @1 %"), "@5 %", PRETEXT_SAID("WEB to KJV @1 %"), "@5 %"},
                     {},
                     {}};
    for (const RetrievalRow &row : evaluation.retrieval)
        table.rows.push_back({{row.features}, shareCell(row.at1), shareCell(row.at5), shareCell(row.backAt1), shareCell(row.backAt5)});
    if (!evaluation.retrieval.empty())
        table.below =
            pretext::said(evaluation.retrieval.front().verses == 1 ? PRETEXT_SAID("Each of 1 held-out verse is looked for among all of them by cosine.")
                                                                   : PRETEXT_SAID("Each of %1 held-out verses is looked for among all of them by cosine."),
                          {std::to_string(evaluation.retrieval.front().verses)});
    return table;
}

} // namespace

std::string featuresName(const std::string &features)
{
    return features == "supervised" ? pretext::said("supervised baseline") : features;
}

std::vector<ScoreTable> tablesOf(const Evaluation &evaluation)
{
    std::vector<ScoreTable> tables{featureTable(evaluation),    classTable(evaluation),     segmentationTable(evaluation), finetuningTable(evaluation),
                                   predictionTable(evaluation), inContextTable(evaluation), retrievalTable(evaluation)};
    std::erase_if(tables, [](const ScoreTable &table) { return table.rows.empty(); });
    return tables;
}

namespace {

/// Of all held-out samples, and beside it that of the few that health is told by.
std::string ranksOf(const Evaluation &evaluation)
{
    const std::string rank = decimalOf(evaluation.effectiveRank, 1);
    const Health *health = evaluation.health ? &evaluation.health->embedding : nullptr;
    if (!health || !health->effectiveRank)
        return pretext::said("effective rank %1 of %2", {rank, evaluation.dimension});
    return pretext::said("effective rank %1 of %2 by all held-out samples, %3 by the %4 that its health is told by",
                         {rank, evaluation.dimension, decimalOf(*health->effectiveRank, 1), health->samples});
}

} // namespace

std::string geometryOf(const Evaluation &evaluation)
{
    const std::string aligned = decimalOf(evaluation.alignment, 3), uniform = decimalOf(evaluation.uniformity, 2), ranks = ranksOf(evaluation);
    if (evaluation.alignment < kSameViews && !evaluation.collapsed)
        return pretext::said("alignment %1, as the run changes nothing of its views, so that both are the same; uniformity %2 (the lower, the more even), %3",
                             {aligned, uniform, ranks});
    return pretext::said("alignment %1 (0: both views of a sample are one point), uniformity %2 (the lower, the more even), %3", {aligned, uniform, ranks});
}

} // namespace pretext
