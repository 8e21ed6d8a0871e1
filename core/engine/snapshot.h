// What the window sees of a step: an immutable host copy. Heavy values travel under channel names; a new method may add one without
// anyone else changing.
#pragma once

#include "core/channels/channel.h"
#include "core/data/modality.h"
#include "core/knobs/knob.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pretext {

class Prepared;

struct Snapshot
{
    Modality modality = Modality::image;
    int64_t step = 0;
    uint32_t epoch = 0;
    uint64_t seed = 0;
    std::vector<int64_t> indices;           // [N] samples of the training split
    int views = 2;                          // of each sample, V
    std::vector<int> labels;                // [N] class of each, or empty where there are none
    std::map<std::string, KnobValue> knobs; // as of this step
    std::map<std::string, double> scalars;  // of this step
    std::set<std::string> offered;          // names of the channels that the step had, wanted or not
    std::map<std::string, ChannelValue> channels;
    std::shared_ptr<const Prepared> prepared; // what samples are treated with: of text a tokenizer

    /// The channel of that name and type, or null.
    template<class T>
    const T *channel(const std::string &name) const
    {
        auto it = channels.find(name);
        return it == channels.end() ? nullptr : std::get_if<T>(&it->second);
    }
    /// The knob of that name where the run has one, and it is a number.
    std::optional<double> real(const std::string &knob) const
    {
        auto it = knobs.find(knob);
        const double *value = it == knobs.end() ? nullptr : std::get_if<double>(&it->second);
        return value ? std::optional(*value) : std::nullopt;
    }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

} // namespace pretext
