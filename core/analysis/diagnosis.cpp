#include "core/analysis/diagnosis.h"

#include "core/engine/config.h"
#include "core/engine/runfolder.h"
#include "core/files/said.h"
#include "core/ssl/method.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

namespace pretext {

namespace {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kMedianOf = 20; // steps

// Where a finding begins. Healthy runs of every method keep clear of them (docs/learning.md has the numbers).
constexpr double kOnePoint = 0.1;                                   // of an even spread, of projections
constexpr double kEmbeddingOnePoint = 0.01;                         // likewise of embeddings, of which an untrained encoder's are near each other, too
constexpr double kShrunk = 0.95;                                    // loss/variance
constexpr double kFewDirections = 0.05, kFewestDirections = 2.5;    // of those there are; or so many in all
constexpr double kFewProjected = 0.015, kRatherFewProjected = 0.05; // likewise of projections: SimSiam's use 2 to 4 % behind which the embeddings are well
constexpr double kLostDirections = 0.4;                             // of those that the untrained encoder used, or fewer
constexpr double kLossBlewUp = 3, kGradientBlewUp = 10, kGradientAlone = 100; // of the loss's fall; of the usual gradient
constexpr double kSolved = 0.995, kSolvedGradient = 0.01;                     // accuracy; of the first gradient
constexpr double kFlat = 0.001, kFlatGradient = 0.005;                        // of the loss's fall; of the first gradient
constexpr int64_t kStepsToJudge = 200;                                        // before which a loss that does not fall says nothing
constexpr double kLowestTemperature = 0.02, kHighestTemperature = 1;

double medianOf(std::vector<double> values)
{
    if (values.empty())
        return kNotKnown;
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// Of every kMedianOf finite values in turn; what is left over at the end is joined to the last.
std::vector<double> mediansOf(std::span<const double> values)
{
    std::vector<double> medians, some;
    size_t left = size_t(std::ranges::count_if(values, [](double value) { return std::isfinite(value); }));
    for (const double value : values) {
        if (!std::isfinite(value))
            continue;
        some.push_back(value);
        --left;
        if (some.size() >= kMedianOf && (left >= kMedianOf || left == 0)) {
            medians.push_back(medianOf(std::move(some)));
            some.clear();
        }
    }
    return medians;
}

std::string numberOf(double value, int digits = 2)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", value >= 100 ? 3 : digits, value);
    return text;
}

std::string rankText(double rank)
{
    char text[32];
    std::snprintf(text, sizeof text, rank < 10 ? "%.1f" : "%.0f", rank);
    return text;
}

std::string percentOf(double share)
{
    char text[32];
    std::snprintf(text, sizeof text, share < 0.1 ? "%.1f" : "%.0f", 100 * share);
    return text;
}

std::optional<Diagnosis> divergenceIn(const Evidence &evidence)
{
    const Course &course = evidence.course;
    if (!evidence.failure.empty())
        return Diagnosis{Finding::divergence, pretext::said("Training broke off: %1", {evidence.failure})};
    const double fall = std::max(course.firstLoss - course.lowestLoss, 0.05 * std::abs(course.firstLoss));
    const double gradients = course.lastGradient / course.usualGradient;
    if (course.lastLoss - course.lowestLoss > kLossBlewUp * fall && gradients > kGradientBlewUp)
        return Diagnosis{
            Finding::divergence,
            pretext::said(
                "It diverges: the loss is %1, after %2 at its best and %3 at first, and the gradient is %4 times as long as usual. Lower the learning "
                "rate.",
                {numberOf(course.lastLoss, 3), numberOf(course.lowestLoss, 3), numberOf(course.firstLoss, 3), numberOf(gradients)})};
    if (gradients > kGradientAlone)
        return Diagnosis{Finding::divergence, pretext::said("It diverges: the gradient is %1 long, %2 times as long as usual. Lower the learning rate.",
                                                            {numberOf(course.lastGradient), numberOf(gradients)})};
    return {};
}

/// What is left behind projections that are one point.
std::string behind(const Health &embedding)
{
    return embedding.effectiveRank
               ? " " + pretext::said("The embeddings behind them still use %1 of %2 directions.", {rankText(*embedding.effectiveRank), embedding.directions()})
               : std::string();
}

std::optional<Diagnosis> completeCollapseIn(const Evidence &evidence)
{
    const Health &h = evidence.health->embedding;
    const double before = evidence.untrained ? evidence.untrained->embedding.deviation.value_or(kNotKnown) : kNotKnown;
    if (h.alike || (h.deviation && *h.deviation < kEmbeddingOnePoint && !(*h.deviation > 0.1 * before)))
        return Diagnosis{
            Finding::completeCollapse,
            pretext::said(
                "Collapsed: the embeddings of all %1 held-out samples are as good as one point. Of unit length, they deviate by %2 of an even spread.",
                {h.samples, numberOf(h.deviation.value_or(0))})};
    const std::optional<Health> &z = evidence.health->projection;
    if (z && (z->alike || (z->deviation && *z->deviation < kOnePoint)))
        return Diagnosis{
            Finding::completeCollapse,
            pretext::said(
                "Collapsed: the projections of all %1 held-out samples are as good as one point. Of unit length, they deviate by %2 of an even spread.",
                {z->samples, numberOf(z->deviation.value_or(0))})
                + behind(h)};
    if (evidence.course.shrinking > kShrunk)
        return Diagnosis{
            Finding::completeCollapse,
            pretext::said("Collapsed: the projections have shrunk to as good as one point, with a variance term of %1 where 1 is no variance at all.",
                          {numberOf(evidence.course.shrinking, 3)})
                + behind(h)};
    return {};
}

bool usesFewDirections(const Health &health, const Health *untrained, double least)
{
    if (!health.effectiveRank || health.directions() < 8)
        return false;
    const double few = std::max(kFewestDirections, least * double(health.directions()));
    const double before = untrained ? untrained->effectiveRank.value_or(kNotKnown) : kNotKnown;
    return *health.effectiveRank < few && !(*health.effectiveRank > kLostDirections * before);
}

std::optional<Diagnosis> dimensionalCollapseIn(const Evidence &evidence)
{
    if (evidence.labels)
        return {};
    const EncoderHealth *before = evidence.untrained;
    const Health &h = evidence.health->embedding;
    if (const Health *first = before ? &before->embedding : nullptr; usesFewDirections(h, first, kFewDirections)) {
        const std::string sentence = pretext::said("Collapsed into few dimensions: the embeddings of %1 held-out samples use as good as %2 of %3 directions.",
                                                   {h.samples, rankText(*h.effectiveRank), h.directions()});
        return Diagnosis{Finding::dimensionalCollapse,
                         sentence + (first && first->effectiveRank ? " " + pretext::said("Untrained they used %1.", {rankText(*first->effectiveRank)}) : "")};
    }
    const std::optional<Health> &z = evidence.health->projection;
    if (z && usesFewDirections(*z, before && before->projection ? &*before->projection : nullptr, kFewProjected))
        return Diagnosis{Finding::dimensionalCollapse,
                         pretext::said("Collapsed into few dimensions: the projections of %1 held-out samples use as good as %2 of %3 directions.",
                                       {z->samples, rankText(*z->effectiveRank), z->directions()})
                             + behind(h)};
    return {};
}

/// Cosines lie between -1 and 1, so that the largest weight of a softmax is at most exp(2 / temperature) times the smallest.
std::optional<Diagnosis> temperatureIn(const Evidence &evidence)
{
    if (!evidence.temperature)
        return {};
    const double t = *evidence.temperature;
    if (t > kHighestTemperature)
        return Diagnosis{
            Finding::temperature,
            pretext::said("The temperature of %1 is high: whatever the cosines are, no sample weighs more than %2 times as much as another, so that hardly "
                          "anything is told apart. Try 0.1 to 0.5.",
                          {numberOf(t), numberOf(std::exp(2 / t))})};
    if (t < kLowestTemperature)
        return Diagnosis{
            Finding::temperature,
            pretext::said("The temperature of %1 is low: a cosine that is larger by 0.1 weighs %2 times as much, so that each sample is pushed from its single "
                          "nearest one alone. Try 0.05 to 0.2.",
                          {numberOf(t), numberOf(std::exp(std::min(0.1 / t, 700.)))})};
    return {};
}

std::optional<Diagnosis> saturationIn(const Course &course)
{
    const double gradient = course.lastGradient / course.firstGradient, fall = course.firstLoss - course.lowestLoss;
    if (course.accuracy >= kSolved && gradient < kSolvedGradient)
        return Diagnosis{
            Finding::saturation,
            pretext::said(
                "Nothing is left to learn: its own task is right in %1 % of the cases, and the gradient is down to %2 % of what it was. Make the task "
                "harder: stronger augmentations, a larger batch, more data.",
                {percentOf(course.accuracy), percentOf(gradient)})};
    if (course.steps >= kStepsToJudge && course.lossChange < kFlat * fall && gradient < kFlatGradient)
        return Diagnosis{Finding::saturation, pretext::said("The loss is at its floor: it stays at %1, and the gradient is down to %2 % of what it was.",
                                                            {numberOf(course.lastLoss, 3), percentOf(gradient)})};
    return {};
}

/// Of projections that use few directions and yet are no alarm: from where on they would be.
std::string fewText(const Health &projection)
{
    const double all = double(projection.directions());
    return *projection.effectiveRank >= kRatherFewProjected * all
               ? ""
               : pretext::said(", which is few (alarming below %1)", {numberOf(std::max(kFewestDirections, kFewProjected * all))});
}

Diagnosis healthyBy(const Evidence &evidence)
{
    const Health &h = evidence.health->embedding;
    if (!h.effectiveRank)
        return {Finding::unknown, pretext::said("Too little is held out to tell: %1 samples, and %2 are needed.", {h.samples, kLeastForSpectrum})};
    const std::optional<Health> &z = evidence.health->projection;
    return {Finding::healthy,
            pretext::said("Nothing alarming: the embeddings of %1 held-out samples use as good as %2 of %3 directions, and deviate by %4 of an even spread.",
                          {h.samples, rankText(*h.effectiveRank), h.directions(), numberOf(h.deviation.value_or(0))})
                + (z && z->effectiveRank ? " "
                                               + pretext::said("Their projections use %1 of %2%3, and deviate by %4.",
                                                               {rankText(*z->effectiveRank), z->directions(), fewText(*z), numberOf(z->deviation.value_or(0))})
                                         : std::string())};
}

} // namespace

const std::string &nameOf(Finding finding)
{
    static const std::string names[] = {"unknown", "healthy", "complete_collapse", "dimensional_collapse", "divergence", "saturation", "temperature"};
    return names[size_t(finding)];
}

Course courseOf(std::span<const double> losses, std::span<const double> gradients, std::span<const double> accuracies, std::span<const double> variances)
{
    const auto last = [](std::span<const double> values) {
        const std::vector<double> medians = mediansOf(values);
        return medians.empty() ? kNotKnown : medians.back();
    };
    Course course{int64_t(losses.size()), kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown, last(accuracies), last(variances)};
    if (const std::vector<double> medians = mediansOf(losses); !medians.empty()) {
        course.firstLoss = medians.front();
        course.lowestLoss = *std::ranges::min_element(medians);
        course.lastLoss = medians.back();
        const auto [low, high] = std::minmax_element(medians.begin() + std::ptrdiff_t(medians.size() / 2), medians.end());
        course.lossChange = *high - *low;
    }
    if (const std::vector<double> medians = mediansOf(gradients); !medians.empty()) {
        course.firstGradient = medians.front();
        course.usualGradient = medianOf(medians);
        course.lastGradient = medians.back();
    }
    return course;
}

Course courseOf(const MetricsTable &table, int64_t step)
{
    const auto column = [&](const std::string &name) {
        std::vector<double> values;
        const auto found = std::ranges::find_if(table.columns, [&](const std::string &other) { return other.starts_with(name); });
        for (const std::vector<double> &row : table.rows)
            if (found != table.columns.end() && row[0] <= double(step))
                values.push_back(row[size_t(found - table.columns.begin())]);
        return values;
    };
    return courseOf(column("loss/total"), column("gradient/norm"), column(kTaskAccuracy), column("loss/variance"));
}

Evidence evidenceOf(const RunConfig &config)
{
    Evidence evidence;
    evidence.labels = methodType(config.method).labels;
    if (config.knobs.find("temperature"))
        evidence.temperature = config.knobs.real("temperature");
    return evidence;
}

Diagnosis diagnose(const Evidence &evidence)
{
    if (const auto found = divergenceIn(evidence))
        return *found;
    if (evidence.health && evidence.health->embedding.samples > 1) {
        if (const auto found = completeCollapseIn(evidence))
            return *found;
        if (const auto found = dimensionalCollapseIn(evidence))
            return *found;
    }
    if (const auto found = temperatureIn(evidence))
        return *found;
    if (const auto found = saturationIn(evidence.course))
        return *found;
    return evidence.health ? healthyBy(evidence) : Diagnosis{Finding::unknown, pretext::said("The embeddings of held-out samples are still to come.")};
}

} // namespace pretext
