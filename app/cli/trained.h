// What evaluate, embed and export share: a run's encoder, data that fit it, and progress on standard error.
#pragma once

#include "core/analysis/ensemble.h"
#include "core/data/dataset.h"
#include "core/engine/model.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace pretext {

/// Throws UsageError where there is no `run`, a run folder or a checkpoint, that a command line named.
void requireRun(const std::filesystem::path &run, const std::string &option = {});

/// Data named on the command line: that there are none of the name is the command line's fault, that they cannot be read is not.
std::shared_ptr<const Dataset> openNamed(const std::string &nameOrPath, const DatasetOptions &options);
/// Throws where the data that a run was trained on are a path at which there is nothing any more.
void requireOwnData(const std::string &dataset);
/// `nameOrPath` empty: the run's own data. A folder's images are resized to what the encoder was made for.
std::shared_ptr<const Dataset> dataFor(const CheckpointState &state, const std::string &nameOrPath);

/// One line on a terminal, rewritten in place; elsewhere a line whenever something new begins.
class ProgressLine
{
public:
    ~ProgressLine();
    bool operator()(const std::string &what, double share); // true: go on
    void clear();                                           // before something else is printed
private:
    std::string m_what;
    int m_percent = -1;
};

/// A line on standard error for each newer checkpoint that is damaged.
TrainedEncoder loadAndTell(const std::string &runOrFile);
/// One run, or several as one; the ensemble points into the encoders.
struct LoadedEnsemble
{
    std::vector<TrainedEncoder> encoders;
    Ensemble ensemble;
};
/// Throws UsageError where several runs are not said how to be joined, or cannot be; and as requireRun does.
LoadedEnsemble loadEnsemble(const std::vector<std::string> &runs, const std::string &joining);
CLI::Option *addEnsemble(CLI::App &command, std::string &joining);
/// The checkpoint that is used and its step, one line before what was made of it.
void tellCheckpoint(const TrainedEncoder &trained);

/// Throws UsageError where `path` is there already and may not be replaced, std::runtime_error where its folder cannot be made or written.
void requireWritable(const std::filesystem::path &path, bool force);
/// Missing folders are made when there is something to write into them; not through a file, nor where nothing may be written.
void requireFolderFor(const std::filesystem::path &path);
void requireWritableFolder(const std::filesystem::path &path, const std::filesystem::path &folder); // `path`: what is to be written there
void requireNewFolder(const std::filesystem::path &path);                                           // the same for a folder, which may be there if it is empty

} // namespace pretext
