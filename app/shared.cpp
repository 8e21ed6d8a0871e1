#include "app/shared.h"

#include "core/engine/checkpointstate.h"
#include "core/engine/datamark.h"
#include "core/engine/model.h"
#include "core/engine/rowfile.h"
#include "core/engine/runfolder.h"
#include "core/engine/runtext.h"
#include "core/files/qrcode.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <QPainter>
#include <QSaveFile>
#include <QSvgGenerator>

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

bool isNamed(const std::string &dataset)
{
    return std::ranges::any_of(datasetTypes(), [&](const DatasetType &type) { return type.name == dataset; });
}

std::vector<Event> eventsOf(const fs::path &run)
{
    std::error_code none;
    return fs::exists(run / "events.jsonl", none) ? readEvents(run / "events.jsonl") : std::vector<Event>();
}

std::vector<std::string> notesOf(const RunConfig &config, const Dataset &dataset, const std::vector<Event> &events)
{
    std::vector<std::string> notes;
    const auto changes = int64_t(std::ranges::count(events, "knob", &Event::kind));
    if (!isNamed(config.dataset))
        notes.push_back(
            pretext::said("The data are your own, %1. Whoever opens this needs the same ones, %2 samples to train on and %3 held out, and names where they are "
                          "behind --dataset. Others are refused: the last five letters of the code are their mark.",
                          {shownPath(config.dataset), dataset.size(Split::train), dataset.size(Split::test)}));
    if (!config.init.empty())
        notes.push_back(pretext::said("The run began with the weights of %1, which the text names and does not hold.", {shownPath(config.init)}));
    if (config.parent)
        notes.push_back(
            pretext::said("The run was forked from step %1 of another, and the text begins anew; the file with the weights goes on from where it is.",
                          {config.parent->step}));
    if (changes > 0)
        notes.push_back(changes == 1 ? pretext::said("One change of a knob on the way is not in the text, which is of the run as it began.")
                                     : pretext::said("%1 changes of knobs on the way are not in the text, which is of the run as it began.", {changes}));
    if (std::ranges::count(events, "schedule", &Event::kind) > 0)
        notes.push_back(
            pretext::said("The planned end was moved on the way, and with it the learning rate; the text has the end of now from the first step on."));
    if (config.steps == 0 && config.minutes == 0)
        notes.push_back(pretext::said("The run has no planned end; in a terminal the text needs --steps N behind it."));
    return notes;
}

} // namespace

Shared sharedRun(const fs::path &run, const Dataset &dataset)
{
    Shared shared{loadConfig(run / "config.json", Contradictions::settle), {}, {}};
    if (const std::vector<fs::path> checkpoints = checkpointsIn(run); !checkpoints.empty()) {
        const CheckpointState state = readCheckpointState(checkpoints.back());
        shared.config.threads = state.threads > 0 ? state.threads : shared.config.threads;
        shared.config.precision = state.config.precision;
        shared.config.device = state.config.device;
    }
    shared.config.evaluateEvery = 0;
    shared.text = runText(shared.config, dataset);
    shared.notes = notesOf(shared.config, dataset, eventsOf(run));
    return shared;
}

namespace {

void drawSvg(QIODevice &out, const QrCode &code)
{
    const int modules = code.side + 2 * kQrMargin;
    QSvgGenerator svg;
    svg.setOutputDevice(&out);
    svg.setSize({10 * modules, 10 * modules});
    svg.setViewBox(QRect(0, 0, modules, modules));
    QPainter painter(&svg);
    painter.fillRect(0, 0, modules, modules, Qt::white);
    for (int row = 0; row < code.side; ++row)
        for (int column = 0; column < code.side; ++column)
            if (code.at(row, column))
                painter.fillRect(column + kQrMargin, row + kQrMargin, 1, 1, Qt::black);
}

} // namespace

QImage qrImage(const std::string &text, int atLeast)
{
    const QrCode code = qrCode(text);
    const int modules = code.side + 2 * kQrMargin, pixels = std::max(1, (atLeast + modules - 1) / modules);
    QImage image(modules * pixels, modules * pixels, QImage::Format_Grayscale8);
    image.fill(Qt::white);
    for (int y = 0; y < code.side * pixels; ++y)
        for (int x = 0; x < code.side * pixels; ++x)
            if (code.at(y / pixels, x / pixels))
                image.scanLine(y + kQrMargin * pixels)[x + kQrMargin * pixels] = 0;
    return image;
}

void writeQr(const QString &file, const std::string &text)
{
    constexpr int kPngPixels = 1200; // a projector's height
    const bool svg = file.endsWith(".svg", Qt::CaseInsensitive);
    if (!svg && !file.endsWith(".png", Qt::CaseInsensitive))
        throw std::invalid_argument(said("%1: a QR code is written as .png or .svg", {file.toStdString()}));
    QSaveFile out(file);
    const bool open = out.open(QIODevice::WriteOnly);
    const QrCode code = qrCode(text);
    if (open && svg)
        drawSvg(out, code);
    const bool written = open && (svg || qrImage(text, kPngPixels).save(&out, "PNG"));
    if (!written || !out.commit())
        throw std::runtime_error(said("%1 cannot be written: %2", {file.toStdString(), out.errorString().toStdString()}));
}

} // namespace pretext
