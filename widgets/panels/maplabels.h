// What colours the points of a map: the class of every sample, its colour, and the legend that names them.
#pragma once

#include "core/data/dataset.h"
#include "widgets/plots/legend.h"

#include <QRgb>
#include <QString>

#include <memory>
#include <vector>

namespace pretext {

struct MapLabels
{
    std::vector<int> classes;  // of each sample on the map; -1: none
    std::vector<QRgb> colours; // of each
    std::vector<LegendEntry> legend;
    QString note; // why there is one colour; empty where there are classes

    QColor colour(int row) const { return QColor::fromRgb(colours[size_t(row)]); }
};

/// Of `count` held-out samples, spread evenly. Of more than ten classes the ten most frequent have colours.
std::shared_ptr<const MapLabels> mapLabels(const Dataset &dataset, int64_t count);
/// "Sandal"; of a continuous label its value; empty where there is none.
QString labelText(const Dataset &dataset, int64_t sample);

} // namespace pretext
