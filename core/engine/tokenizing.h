// The tokenizer of a run: its knobs, and training it on the data when the run starts, or taking it from the user's cache.
#pragma once

#include "core/data/dataset.h"
#include "core/knobs/knob.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

namespace pretext {

class Tokenizer;

/// tokenizer (its kind) and tokenizer.vocabulary; a new run is needed to change them.
std::vector<Knob> tokenizerKnobs();

/// The tokenizer that the knobs ask for, trained on the data's training split, or read from the cache. Null where it was asked to stop.
/// `progress` is told what is being done and the share of it.
std::shared_ptr<const Tokenizer> obtainTokenizer(const KnobSet &knobs, const Dataset &dataset,
                                                 const std::function<void(const std::string &what, double share)> &progress = {}, std::stop_token stop = {});

/// The user's cache: $XDG_CACHE_HOME/pretext/tokenizers, or ~/.cache/pretext/tokenizers; empty where there is no home.
std::filesystem::path tokenizerCache();

} // namespace pretext
