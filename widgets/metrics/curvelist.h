// The curves that Metrics draws: of each run's history the channels that are ticked, each in a colour of its own, told apart by the run's label.
#pragma once

#include "widgets/metrics/drawncurve.h"
#include "widgets/metrics/seedmeans.h"

#include <QPalette>
#include <QStringList>

#include <memory>
#include <vector>

namespace pretext {

class SideBySide;

/// What is added must outlive what is drawn.
class CurveList
{
public:
    CurveList(QStringList channels, const QPalette &palette);

    /// An empty label: its run is the only one.
    void add(const ScalarHistory &history, const QString &run, Qt::PenStyle style);
    /// The right one's are dashed; where a channel has its axis alone, each has the colour of its side (sideColour).
    void addBoth(const SideBySide &together);
    void addRuns(const std::vector<std::shared_ptr<OverlaidRun>> &runs);
    /// Of those that have several seeds, with the band around it.
    void addMeans(const std::vector<SeedMean> &groups);

    const std::vector<Curve> &all() const { return m_curves; }

private:
    void addMean(const SeedMean &group, const QString &label);

    QStringList m_channels;
    QPalette m_palette;
    std::vector<Curve> m_curves;
};

} // namespace pretext
