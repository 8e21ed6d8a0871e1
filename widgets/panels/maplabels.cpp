#include "widgets/panels/maplabels.h"

#include "core/analysis/spread.h"
#include "widgets/plots/colourmap.h"

#include <QObject>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

int classOf(const Dataset &dataset, int64_t sample)
{
    const float value = dataset.label(Split::test, sample);
    const int classes = int(dataset.info().columns.front().classes.size());
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

} // namespace

std::shared_ptr<const MapLabels> mapLabels(const Dataset &dataset, int64_t count)
{
    auto labels = std::make_shared<MapLabels>();
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    if (columns.empty() || columns.front().classes.empty()) {
        labels->classes.assign(size_t(count), -1);
        labels->colours.assign(size_t(count), labelColour(1).rgb());
        labels->note =
            columns.empty()
                ? QObject::tr("One colour: these data have no labels.")
                : QObject::tr("One colour: the label of these data, %1, is a number and no class.").arg(QString::fromStdString(columns.front().name));
        labels->legend.push_back({labels->note, labelColour(1)});
        return labels;
    }
    for (int64_t i = 0; i < count; ++i)
        labels->classes.push_back(classOf(dataset, spreadIndex(i, count, dataset.size(Split::test))));
    nameClasses(*labels, columns.front().classes);
    return labels;
}

QString labelText(const Dataset &dataset, int64_t sample)
{
    if (dataset.info().columns.empty())
        return {};
    const LabelColumn &column = dataset.info().columns.front();
    const float value = dataset.label(Split::test, sample);
    if (column.classes.empty())
        return std::isnan(value) ? QString() : QStringLiteral("%1 %2").arg(QString::fromStdString(column.name)).arg(double(value), 0, 'g', 4);
    const int number = classOf(dataset, sample);
    return number < 0 ? QString() : QString::fromStdString(column.classes[size_t(number)]);
}

} // namespace pretext
