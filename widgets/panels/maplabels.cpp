#include "widgets/panels/maplabels.h"

#include "core/analysis/spread.h"
#include "widgets/plots/colourmap.h"
#include "widgets/plots/textlayout.h"

#include <QObject>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace pretext {

namespace {

int classOf(const Dataset &dataset, int64_t sample, int column)
{
    const float value = dataset.label(Split::test, sample, column);
    const int classes = int(dataset.info().columns[size_t(column)].classes.size());
    return value >= 0 && value < float(classes) ? int(value) : -1; // false where it is NaN
}

/// A colour for each class; of more than ten for the most frequent ones, -1 of the others.
std::vector<int> colourNumbers(const std::vector<int> &classes, size_t count)
{
    std::vector<int> numbers(count), order(count), times(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    if (count <= kLabelColours)
        return numbers;
    for (const int value : classes)
        if (value >= 0)
            ++times[size_t(value)];
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return times[size_t(a)] > times[size_t(b)]; });
    std::fill(numbers.begin(), numbers.end(), -1);
    for (int i = 0; i < kLabelColours; ++i)
        numbers[size_t(order[size_t(i)])] = i;
    return numbers;
}

void nameClasses(MapLabels &labels, const std::vector<std::string> &names)
{
    const std::vector<int> numbers = colourNumbers(labels.classes, names.size());
    for (size_t c = 0; c < names.size(); ++c)
        if (numbers[c] >= 0)
            labels.legend.push_back({QString::fromStdString(names[c]), labelColour(numbers[c])});
    if (names.size() > kLabelColours)
        labels.legend.push_back({QObject::tr("grey: the other %1 classes, of fewer samples each").arg(names.size() - kLabelColours), labelColour(-1)});
    for (const int value : labels.classes)
        labels.colours.push_back(labelColour(value < 0 ? -1 : numbers[size_t(value)]).rgb());
    if (std::count(labels.classes.begin(), labels.classes.end(), -1) > 0)
        labels.legend.push_back({QObject::tr("without a label"), labelColour(-1)});
}

/// From the second smallest hundredth to the largest, so that a few far ones do not make all others alike.
ColourScale scaleOf(const std::vector<float> &values)
{
    std::vector<float> sorted;
    std::copy_if(values.begin(), values.end(), std::back_inserter(sorted), [](float value) { return std::isfinite(value); });
    std::sort(sorted.begin(), sorted.end());
    if (sorted.empty())
        return {ColourMap::sequential, 0, 1};
    const size_t tail = sorted.size() / 100;
    return {ColourMap::sequential, sorted[tail], sorted[sorted.size() - 1 - tail]};
}

} // namespace

std::shared_ptr<const MapLabels> oneColour(int64_t count, const QString &why)
{
    auto labels = std::make_shared<MapLabels>();
    labels->classes.assign(size_t(count), -1);
    labels->colours.assign(size_t(count), labelColour(1).rgb());
    labels->note = why;
    labels->legend.push_back({why, labelColour(1)});
    return labels;
}

std::shared_ptr<const MapLabels> mapLabels(const Dataset &dataset, int64_t count, int column)
{
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    if (columns.empty())
        return oneColour(count, QObject::tr("One colour: these data have no labels."));
    const LabelColumn &chosen = columns[size_t(column)];
    const auto sampleAt = [&](int64_t i) { return spreadIndex(i, count, dataset.size(Split::test)); };
    if (chosen.classes.empty()) {
        std::vector<float> values;
        for (int64_t i = 0; i < count; ++i)
            values.push_back(dataset.label(Split::test, sampleAt(i), column));
        return mapNumbers(QString::fromStdString(chosen.name), values);
    }
    auto labels = std::make_shared<MapLabels>();
    for (int64_t i = 0; i < count; ++i)
        labels->classes.push_back(classOf(dataset, sampleAt(i), column));
    nameClasses(*labels, chosen.classes);
    return labels;
}

std::shared_ptr<const MapLabels> mapNumbers(const QString &name, const std::vector<float> &values)
{
    constexpr int kSteps = 4;
    const ColourScale scale = scaleOf(values);
    if (!(scale.high > scale.low))
        return oneColour(int64_t(values.size()), QObject::tr("One colour: %1 is %2 for all of them.").arg(name, numberText(scale.low)));
    auto labels = std::make_shared<MapLabels>();
    labels->classes.assign(values.size(), -1);
    for (const float value : values)
        labels->colours.push_back(std::isfinite(value) ? colourAt(ColourMap::sequential, (value - scale.low) / (scale.high - scale.low))
                                                       : labelColour(-1).rgb());
    for (int i = 0; i <= kSteps; ++i) {
        const double share = double(i) / kSteps;
        const QString number = numberText(scale.low + share * (scale.high - scale.low));
        labels->legend.push_back({i == 0 ? QStringLiteral("%1 %2").arg(name, number) : number, QColor::fromRgb(colourAt(ColourMap::sequential, share))});
    }
    return labels;
}

QString labelText(const Dataset &dataset, int64_t sample, int column)
{
    if (dataset.info().columns.empty())
        return {};
    const LabelColumn &chosen = dataset.info().columns[size_t(column)];
    const float value = dataset.label(Split::test, sample, column);
    if (chosen.classes.empty())
        return std::isnan(value) ? QString() : QStringLiteral("%1 %2").arg(QString::fromStdString(chosen.name)).arg(double(value), 0, 'g', 4);
    const int number = classOf(dataset, sample, column);
    return number < 0 ? QString() : QString::fromStdString(chosen.classes[size_t(number)]);
}

} // namespace pretext
