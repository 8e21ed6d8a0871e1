#include "core/engine/partialconfig.h"

#include "core/data/modalitytype.h"
#include "core/data/sources/folder.h"
#include "core/files/json.h"
#include "core/files/said.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

template<class Function>
auto namingFile(const std::filesystem::path &path, Function read)
{
    try {
        return read();
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument(path.string() + ": " + error.what());
    }
}

} // namespace

PartialConfig::PartialConfig(const std::filesystem::path &path) : m_path(path), m_written(readJson(path))
{
    nlohmann::json data = m_written;
    if (data.is_object())
        for (const char *other : {"method", "encoder", "image", "classes", "knobs", "plan", "batch", "steps", "minutes"})
            data.erase(other);
    const RunConfig config = namingFile(path, [&] { return configFromJson(data); });
    m_datasetOptions = config.datasetOptions;
    if (says("dataset"))
        m_dataset = config.dataset;
}

bool PartialConfig::isOfRun() const
{
    const char *const fields[] = {"version", "method", "dataset", "encoder", "batch", "image", "knobs"};
    return std::ranges::all_of(fields, [&](const char *field) { return says(field); });
}

/// Its fields and knobs checked, its method and encoder those of the recipe where it says none; the rest that it leaves out is at its default.
RunConfig PartialConfig::whole(const Dataset &dataset) const
{
    nlohmann::json object = m_written;
    if (!says("method"))
        object["method"] = recommendedConfig(dataset).method;
    if (!says("encoder") && object["method"].is_string())
        object["encoder"] = recommendedConfig(dataset, object["method"].get<std::string>()).encoder;
    if (const ImageShape image = dataset.info().image; !says("image") && modalityType(dataset.info().modality).shaped)
        object["image"] = {image.height, image.width, image.channels};
    return configFromJson(object);
}

RunConfig PartialConfig::completed(const Dataset &dataset, const std::string &method, const std::string &encoder) const
{
    const RunConfig own = namingFile(m_path, [&] { return whole(dataset); });
    const std::string itsMethod = method.empty() ? own.method : method;
    if (isOfRun())
        return reconfigured(own, itsMethod, encoder.empty() ? own.encoder : encoder, own.dataset, dataset.info());
    const RunConfig recipe = recommendedConfig(dataset, itsMethod, encoder.empty() && says("encoder") ? own.encoder : encoder);
    RunConfig config = own;
    config.method = recipe.method;
    config.encoder = recipe.encoder;
    config.image = recipe.image;
    config.classes = recipe.classes;
    if (!says("dataset"))
        config.dataset = recipe.dataset;
    if (!says("batch"))
        config.batch = recipe.batch;
    config.knobs = recipe.knobs;
    if (says("knobs"))
        for (const auto &[name, value] : m_written["knobs"].items())
            if (config.knobs.find(name)) // else it is of the method or encoder that stands for another
                config.knobs.set(name, own.knobs.value(name));
    return config;
}

void PartialConfig::refuse(const std::string &what) const
{
    throw std::invalid_argument(m_path.string() + ": [config] " + what);
}

void PartialConfig::requireImagesOf(const Dataset &dataset) const
{
    const DatasetInfo &data = dataset.info();
    if (!isResized(dataset) && !isOfRun()) // a run writes the defaults whatever its data are
        requireReadAsTheyAre(dataset);
    if (!says("image"))
        return;
    const nlohmann::json image{data.image.height, data.image.width, data.image.channels};
    if (m_written["image"] == image)
        return;
    const std::string given = excerptOf(m_written["image"]);
    if (isResized(dataset))
        refuse(pretext::said("image is %1, but with size %2 and colour %3 the images of %4 are %5: leave it out, or change size and colour",
                             {given, m_datasetOptions.size, m_datasetOptions.colour ? "true" : "false", data.name, image.dump()}));
    if (modalityType(data.modality).shaped)
        refuse(pretext::said("image is %1, but the images of %2 are %3, read as they are: leave it out", {given, data.name, image.dump()}));
    refuse(pretext::said("image is %1, but %2 holds %3: leave it out", {given, data.name, pretext::said(toText(data.modality))}));
}

/// Only what is not the default, which does nothing here, contradicts them.
void PartialConfig::requireReadAsTheyAre(const Dataset &dataset) const
{
    const DatasetInfo &data = dataset.info();
    const DatasetOptions usual;
    const int side = m_datasetOptions.size;
    const bool size = side != usual.size && (data.image.height != side || data.image.width != side);
    const bool colour = m_datasetOptions.colour != usual.colour && data.image.channels != 1;
    if (!size && !colour)
        return;
    const std::string given = size ? pretext::said("size is %1", {side}) : pretext::said("colour is false");
    refuse(pretext::said("%1, which is for pictures of a folder or an archive; %2 is read as it is: leave it out", {given, data.name}));
}

std::vector<std::string> PartialConfig::leftOut(const RunConfig &completed) const
{
    std::vector<std::string> names;
    if (isOfRun())
        return names;
    for (const char *field : {"method", "encoder", "batch"})
        if (!says(field))
            names.emplace_back(field);
    const nlohmann::json knobs = says("knobs") ? m_written["knobs"] : nlohmann::json::object();
    for (const Knob &knob : completed.knobs.declarations())
        if (!knobs.contains(knob.name) && completed.knobs.value(knob.name) != knob.defaultValue)
            names.push_back(knob.name);
    return names;
}

} // namespace pretext
