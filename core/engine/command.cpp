#include "core/engine/command.h"

namespace pretext {

std::string keyOf(const Command &command)
{
    struct Key
    {
        std::string operator()(const SetKnob &c) const { return "knob/" + c.name; }
        std::string operator()(const Play &) const { return "run"; }
        std::string operator()(const Pause &) const { return "run"; }
        std::string operator()(const StepOnce &) const { return "run"; }
        std::string operator()(const Rewind &) const { return "rewind"; }
        std::string operator()(const SaveCheckpoint &) const { return "checkpoint"; }
        std::string operator()(const Publish &) const { return "publish"; }
        std::string operator()(const Ask &c) const { return "ask/" + c.channel; }
        std::string operator()(const Extend &) const { return "extend"; }
        std::string operator()(const TakeTurns &) const { return "turns"; }
    };
    return std::visit(Key{}, command);
}

Command merged(const Command &older, Command newer)
{
    if (const auto *before = std::get_if<StepOnce>(&older))
        if (auto *after = std::get_if<StepOnce>(&newer))
            after->count += before->count;
    if (const auto *before = std::get_if<Extend>(&older))
        if (auto *after = std::get_if<Extend>(&newer))
            after->steps += before->steps;
    return newer;
}

} // namespace pretext
