// A list of named modules: what a method trains beside the encoder, or keeps without training it.
#pragma once

#include "core/nn/module.h"

#include <memory>
#include <string>
#include <utility>

namespace pretext {

class Heads : public Module
{
public:
    /// The part, which it keeps.
    template<class M>
    M &add(const std::string &name, std::unique_ptr<M> part)
    {
        M &added = addModule(name, std::move(part));
        if (name == "projector")
            m_projector = &added;
        return added;
    }

protected:
    /// Through the part "projector"; throws std::logic_error where there is none.
    Variable forward(const Variable &h) override;

private:
    Module *m_projector = nullptr;
};

} // namespace pretext
