#include "widgets/metrics/curvelist.h"

#include "core/engine/observer.h"
#include "widgets/plots/colourmap.h"
#include "widgets/sidebyside.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace pretext {

namespace {

/// Of a run's first, second, ... channel on one axis, and of runs whose colour comes again.
Qt::PenStyle styleOf(Qt::PenStyle first, size_t place)
{
    constexpr Qt::PenStyle kSolid[] = {Qt::SolidLine, Qt::DotLine, Qt::DashDotLine}, kDashed[] = {Qt::DashLine, Qt::DashDotLine, Qt::DotLine};
    return (first == Qt::SolidLine ? kSolid : kDashed)[place % std::size(kSolid)];
}

/// Channels of one unit share an axis: of the health that is every number alone, but for the two kinds of which there are several.
QString groupOf(const QString &channel)
{
    const QString group = channel.section('/', 0, 0), name = channel.section('/', 1);
    if (group != QLatin1String("health"))
        return group;
    return name.contains("rank") ? QStringLiteral("rank") : name.contains("deviation") ? QStringLiteral("deviation") : name;
}

} // namespace

CurveList::CurveList(QStringList channels, const QPalette &palette) : m_channels(std::move(channels)), m_palette(palette)
{
}

/// Alone, each channel has a colour of its own; of several runs each run has.
void CurveList::add(const ScalarHistory &history, const QString &run, Qt::PenStyle style)
{
    const bool dark = m_palette.color(QPalette::Base).lightness() < 128, alone = run.isEmpty();
    std::map<QString, size_t> onAxis; // of this run
    for (const QString &channel : m_channels) {
        const auto column = history.columns.find(channel.toStdString());
        if (column == history.columns.end())
            continue;
        const QString group = groupOf(channel);
        const size_t place = alone ? m_curves.size() : m_runs, more = onAxis[group]++;
        m_curves.push_back({alone ? channel : QObject::tr("%1, %2").arg(run, channel), group, curveColour(place, dark),
                            styleOf(style, place / kCurveColours + (alone ? 0 : more)), &history.steps, &column->second, isObserved(channel.toStdString())});
        m_pens[channel] << QPen(m_curves.back().colour, 0, m_curves.back().style);
    }
    ++m_runs;
}

void CurveList::addBoth(const SideBySide &together)
{
    add(together.left()->history(), together.title(together.left()), Qt::SolidLine);
    add(together.right()->history(), together.title(together.right()), Qt::DashLine);
}

void CurveList::addRuns(const std::vector<std::shared_ptr<OverlaidRun>> &runs)
{
    const std::vector<QString> labels = labelsOf(runs, true);
    for (size_t i = 0; i < runs.size(); ++i)
        add(runs[i]->history, labels[i], Qt::DashLine);
}

void CurveList::addMeans(const std::vector<SeedMean> &groups)
{
    std::vector<std::shared_ptr<OverlaidRun>> first;
    for (const SeedMean &group : groups)
        first.push_back(group.runs.front());
    const std::vector<QString> labels = labelsOf(first, false);
    for (size_t i = 0; i < groups.size(); ++i) {
        if (groups[i].runs.size() > 1)
            addMean(groups[i], labels[i]);
        else
            add(groups[i].runs.front()->history, labels[i], Qt::DashLine);
    }
}

void CurveList::addMean(const SeedMean &group, const QString &label)
{
    const size_t before = m_curves.size();
    add(group.mean, QObject::tr("%1 (%2 seeds)").arg(label).arg(group.runs.size()), Qt::SolidLine);
    for (size_t i = before; i < m_curves.size(); ++i)
        for (const auto &[channel, values] : group.mean.columns)
            if (&values == m_curves[i].values) {
                m_curves[i].low = &group.low.columns.at(channel);
                m_curves[i].high = &group.high.columns.at(channel);
            }
}

} // namespace pretext
