// The curves that Metrics draws: of each run's history the channels that are ticked, each in a colour of its own, told apart by the run's label.
#pragma once

#include "widgets/metrics/drawncurve.h"
#include "widgets/metrics/seedmeans.h"

#include <QPalette>
#include <QPen>
#include <QStringList>

#include <map>
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
    /// Each in the colour of its side (sideColour), and the right one's dashed.
    void addBoth(const SideBySide &together);
    void addRuns(const std::vector<std::shared_ptr<OverlaidRun>> &runs);
    /// Of those that have several seeds, with the band around it.
    void addMeans(const std::vector<SeedMean> &groups);

    const std::vector<Curve> &all() const { return m_curves; }
    /// Of the curves of each channel, in their order.
    const std::map<QString, QList<QPen>> &pens() const { return m_pens; }

private:
    void addMean(const SeedMean &group, const QString &label);

    QStringList m_channels;
    QPalette m_palette;
    std::vector<Curve> m_curves;
    std::map<QString, QList<QPen>> m_pens;
    size_t m_runs = 0; // so far
};

} // namespace pretext
