// A session file: what job, how the window is arranged and what is selected, as versioned JSON. Paths are relative to the file, so that a
// folder with data and session can be moved.
#pragma once

#include "core/engine/config.h"
#include "core/engine/datamark.h"
#include "widgets/selection.h"

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pretext {

/// Two runs that stand side by side, by their folders, and the knobs that are not linked.
struct SessionPair
{
    std::filesystem::path left, right;
    std::vector<std::string> apart;
};

struct Session
{
    std::optional<RunConfig> config;          // none: the default session
    std::map<std::string, std::string> knobs; // set on top of it
    QByteArray layout;                        // as the dock area saved it; empty: as it is
    QStringList panels;                       // to be raised
    Sample sample;                            // that is selected, and its place in the batch
    int pair = -1;
    std::optional<SessionPair> sideBySide;
    std::optional<DataMark> data; // of a run that was shared
    bool weights = false;         // the file is a checkpoint, too
};

/// Throws std::invalid_argument naming the file, the field and the value. `file` may be a resource.
Session readSession(const QString &file);
/// Written whole or not at all; throws std::runtime_error naming the file. With a checkpoint it is that, a safetensors file, whose metadata "session" is the
/// session.
void writeSession(const QString &file, const Session &session, const std::filesystem::path &checkpoint = {});

} // namespace pretext
