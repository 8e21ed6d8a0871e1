// What colours the points of a map: the class of every sample, its colour, and the legend that names them.
#pragma once

#include "core/data/dataset.h"
#include "widgets/plots/legend.h"

#include <QRgb>
#include <QString>

#include <memory>
#include <vector>

namespace pretext {

/// By what the points are coloured.
struct MapColouring
{
    int column = 0;     // of the data's label columns
    bool apart = false; // in its place: how far a sample's two views are apart
    friend bool operator==(const MapColouring &, const MapColouring &) = default;
};

struct MapLabels
{
    std::vector<int> classes;  // of each sample on the map; -1: none, or coloured by a number
    std::vector<QRgb> colours; // of each
    std::vector<LegendEntry> legend;
    QString note; // why there is one colour; empty where there are classes

    QColor colour(int row) const { return QColor::fromRgb(colours[size_t(row)]); }
};

/// Of `count` held-out samples, spread evenly, by a label column. Of more than ten classes the ten most frequent have colours; numbers are coloured along a scale.
std::shared_ptr<const MapLabels> mapLabels(const Dataset &dataset, int64_t count, int column = 0);
/// By a number of each sample; grey where it is none.
std::shared_ptr<const MapLabels> mapNumbers(const QString &name, const std::vector<float> &values);
/// Of one colour, and why.
std::shared_ptr<const MapLabels> oneColour(int64_t count, const QString &why);
/// "Sandal"; of a continuous label its name and value; empty where there is none.
QString labelText(const Dataset &dataset, int64_t sample, int column = 0);

} // namespace pretext
