#include "app/cli/told.h"

#include "core/data/counted.h"
#include "core/data/modalitytype.h"

namespace pretext {

std::string dataInWords(const Dataset &dataset)
{
    const DatasetInfo &data = dataset.info();
    std::string text = "data " + data.name + ", " + counted(dataset.size(Split::train), modalityType(data.modality).name) + " to train on";
    if (!data.skipped.empty())
        text += "; " + std::to_string(data.skipped.size()) + " left out, the first " + data.skipped.front();
    return text + (data.note.empty() ? "" : ". " + data.note);
}

std::string recipeInWords(const RunConfig &config)
{
    std::string text = "with " + config.method + ", " + config.encoder + ", batch " + std::to_string(config.batch);
    for (const Knob &knob : config.knobs.declarations())
        if (config.knobs.value(knob.name) != knob.defaultValue)
            text += ", " + knob.name + "=" + toText(config.knobs.value(knob.name));
    return text + "; other knobs at their defaults";
}

} // namespace pretext
