// What evaluate, embed and export share: a run's encoder, data that fit it, and progress on standard error.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <filesystem>
#include <memory>
#include <string>

namespace pretext {

/// `nameOrPath` empty: the run's own data. A folder's images are resized to what the encoder was made for.
std::shared_ptr<const Dataset> dataFor(const CheckpointState &state, const std::string &nameOrPath);

/// One line on a terminal, rewritten in place; elsewhere a line whenever something new begins.
class ProgressLine
{
public:
    ~ProgressLine();
    bool operator()(const std::string &what, double share); // true: go on
private:
    std::string m_what;
    int m_percent = -1;
};

/// Throws UsageError where `path` is there already and may not be replaced, or its folder is not.
void requireWritable(const std::filesystem::path &path, bool force);

} // namespace pretext
