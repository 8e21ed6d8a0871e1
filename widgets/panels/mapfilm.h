// The maps of all steps as a film: GIF, or a video by OpenCV's writer, which a process of its own does (pretext-video), since its libraries would make
// every start of the program slower.
#pragma once

#include "widgets/panels/maphistory.h"
#include "widgets/panels/maplabels.h"
#include "widgets/panels/maporbit.h"
#include "widgets/plots/theme.h"

#include <QSize>
#include <QString>

#include <functional>

namespace pretext {

struct MapFilm
{
    std::vector<KeptMap> maps; // of one kind
    std::shared_ptr<const MapLabels> labels;
    MapOrbit orbit;
    Theme theme;
    QString data, method; // named in each frame
    QSize size{960, 720};
};
/// Frames between two maps are in between; fewer maps have more of them.
int filmFrames(const MapFilm &film);
QImage filmFrame(const MapFilm &film, int frame);
/// By the path's suffix: .gif, .avi (Motion JPEG, everywhere), .mp4 (MPEG-4, where there is the codec). On any thread; `progress` cancels by returning false. Throws a line that names
/// the file.
void writeFilm(const MapFilm &film, const QString &path, const std::function<bool(double)> &progress);

} // namespace pretext
