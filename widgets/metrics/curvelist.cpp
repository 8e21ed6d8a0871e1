#include "widgets/metrics/curvelist.h"

#include "core/engine/observer.h"
#include "widgets/plots/colourmap.h"
#include "widgets/sidebyside.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pretext {

namespace {

constexpr Qt::PenStyle kMoreStyles[] = {Qt::DashDotLine, Qt::DotLine}; // where colours come again

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

/// Alone, each channel has a colour of its own; of several runs, those on one axis have, so that a run is of one colour on all that show one channel.
void CurveList::add(const ScalarHistory &history, const QString &run, Qt::PenStyle style)
{
    const bool dark = m_palette.color(QPalette::Base).lightness() < 128;
    for (const QString &channel : m_channels) {
        const auto column = history.columns.find(channel.toStdString());
        if (column == history.columns.end())
            continue;
        const QString group = groupOf(channel);
        const auto onAxis = size_t(std::ranges::count(m_curves, group, &Curve::group)), place = run.isEmpty() ? m_curves.size() : onAxis;
        m_curves.push_back({run.isEmpty() ? channel : QObject::tr("%1, %2").arg(run, channel), group, curveColour(place, dark),
                            onAxis < kCurveColours ? style : kMoreStyles[onAxis / kCurveColours % std::size(kMoreStyles)], &history.steps, &column->second,
                            isObserved(channel.toStdString())});
    }
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
