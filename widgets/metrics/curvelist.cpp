#include "widgets/metrics/curvelist.h"

#include "core/engine/observer.h"
#include "widgets/controls/linkbutton.h"
#include "widgets/plots/colourmap.h"
#include "widgets/sidebyside.h"

#include <algorithm>
#include <utility>

namespace pretext {

namespace {

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

void CurveList::add(const ScalarHistory &history, const QString &run, Qt::PenStyle style)
{
    const bool dark = m_palette.color(QPalette::Base).lightness() < 128;
    for (const QString &channel : m_channels) {
        const auto column = history.columns.find(channel.toStdString());
        if (column == history.columns.end())
            continue;
        const QString label = run.isEmpty() ? channel : QObject::tr("%1, %2").arg(run, channel);
        m_curves.push_back(
            {label, groupOf(channel), curveColour(m_curves.size(), dark), style, &history.steps, &column->second, isObserved(channel.toStdString())});
    }
}

void CurveList::addBoth(const SideBySide &together)
{
    add(together.left()->history(), together.title(together.left()), Qt::SolidLine);
    const auto own = std::ptrdiff_t(m_curves.size());
    add(together.right()->history(), together.title(together.right()), Qt::DashLine);
    for (std::ptrdiff_t i = 0; i < std::ssize(m_curves); ++i) {
        Curve &curve = m_curves[size_t(i)];
        const auto begin = m_curves.begin() + (i < own ? 0 : own), end = i < own ? m_curves.begin() + own : m_curves.end();
        if (std::count_if(begin, end, [&](const Curve &other) { return other.group == curve.group; }) == 1)
            curve.colour = sideColour(i >= own, m_palette);
    }
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
