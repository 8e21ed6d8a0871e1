// The plots of the Health panel: each from the numbers that it shows, with the same as a table.
#pragma once

#include "core/analysis/health.h"
#include "core/channels/layernorms.h"
#include "widgets/plots/lineplot.h"

#include <QString>

#include <cmath>
#include <vector>

namespace pretext {

struct ScalarHistory;

/// What is kept of the health at a step; NaN: not known.
struct HealthPoint
{
    double step, alignment, uniformity, rank, alpha, deviation, projectionAlignment, projectionUniformity, projectionRank, projectionDeviation;
};
HealthPoint pointOf(const EncoderHealth &health);
/// Those that a run has written into metrics.csv, at steps before `end`.
std::vector<HealthPoint> pointsIn(const ScalarHistory &history, double end);

struct HealthShown
{
    const EncoderHealth *now = nullptr, *untrained = nullptr; // untrained: null where it is not known
    std::vector<HealthPoint> course;                          // by step
    const LayerNorms *gradients = nullptr;                    // null: none
    const ScalarHistory *history = nullptr;                   // null: none
    double until = INFINITY;                                  // the last step that is shown
    std::vector<LineMark> changes = {};                       // of knobs, over steps
};

enum class HealthPlot : uint8_t { spectrum, deviation, sphere, rank, alpha, gradient, teacher };
/// Those that have something to show.
std::vector<HealthPlot> plotsOf(const HealthShown &shown);
QString titleOf(HealthPlot plot);
/// What one looks for in it.
QString helpOf(HealthPlot plot);
void drawHealthPlot(Canvas &canvas, const QRectF &area, HealthPlot plot, const HealthShown &shown);
QString csvOf(HealthPlot plot, const HealthShown &shown);
/// The course of all numbers.
QString csvOf(const HealthShown &shown);

} // namespace pretext
