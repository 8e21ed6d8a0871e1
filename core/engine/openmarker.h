// While a window has a run open, the run's folder holds a marker with the process's number: a marker whose process is gone is how a crash is known.
#pragma once

#include <filesystem>
#include <string>

namespace pretext {

void writeMarker(const std::filesystem::path &run);
void removeMarker(const std::filesystem::path &run);
/// The process that has the run open, or 0.
long openedBy(const std::filesystem::path &run);
/// The marker outlived its process.
bool wasLeftOpen(const std::filesystem::path &run);

/// Who has the run open now, and writes it, "process 4711 on host" or "another window, process 4711"; empty: nobody.
std::string writtenBy(const std::filesystem::path &run);
/// Whether a run that somebody has open stands still there: the last of its events that tells is a pause, an end or a fault.
bool standsStill(const std::filesystem::path &run);

} // namespace pretext
