// A config.json that a user wrote: what it does not say is the recipe's for its data.
#pragma once

#include "core/engine/config.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pretext {

class PartialConfig
{
public:
    /// Reads what it says of the data, which must be open before the rest can be judged. Throws std::invalid_argument naming file, field and value.
    explicit PartialConfig(const std::filesystem::path &path);

    /// A name or a path, where it says one.
    const std::optional<std::string> &dataset() const { return m_dataset; }
    const DatasetOptions &datasetOptions() const { return m_datasetOptions; }

    /// What it says, on top of the recipe for these data; `method` and `encoder` stand for its own where they are not empty. A config that a run
    /// wrote says everything: a knob that it lacks is younger than the run and keeps its default. Throws as the constructor does.
    RunConfig completed(const Dataset &dataset, const std::string &method = {}, const std::string &encoder = {}) const;
    /// Throws std::invalid_argument where its image, size or colour are not those of the data: of the ones that it names, as it says they are read.
    void requireImagesOf(const Dataset &dataset) const;
    /// What `completed` took from the recipe: fields, and knobs that the recipe sets otherwise than by default.
    std::vector<std::string> leftOut(const RunConfig &completed) const;

private:
    bool says(const char *field) const { return m_written.contains(field); }
    bool isOfRun() const;
    void requireReadAsTheyAre(const Dataset &dataset) const;
    [[noreturn]] void refuse(const std::string &what) const;
    RunConfig whole(const Dataset &dataset) const;

    std::filesystem::path m_path;
    nlohmann::json m_written;
    std::optional<std::string> m_dataset;
    DatasetOptions m_datasetOptions;
};

} // namespace pretext
