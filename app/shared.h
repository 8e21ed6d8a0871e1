// What is handed to others of a run: its text, the text's QR code, and what has to be said beside them.
#pragma once

#include "core/engine/config.h"
#include "core/engine/lanes.h"

#include <QImage>
#include <QString>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

struct Shared
{
    RunConfig config; // as the run began, on the threads and in the precision that it settled on
    std::string text;
    std::vector<std::string> notes; // sentences: what the text does not hold, and what the other person needs
};

/// Of a run's folder and its data. Throws naming the file that cannot be read.
Shared sharedRun(const std::filesystem::path &run, const Dataset &dataset);

/// At least so many pixels wide, with its margin, every module of the same whole number of them.
QImage qrImage(const std::string &text, int atLeast);
/// A .png or .svg; throws std::invalid_argument for another, std::runtime_error where it cannot be written.
void writeQr(const QString &file, const std::string &text);

} // namespace pretext
