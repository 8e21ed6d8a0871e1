// The names under which the reference implementations of BERT and GPT-2 keep their weights, and ours.
#pragma once

#include "core/nn/module.h"

#include <map>
#include <string>
#include <vector>

namespace pretext {

struct FileTensor;

/// One of theirs: all of ours, or one of `parts` equal blocks of its rows; perhaps transposed.
struct ReferenceTensor
{
    std::string theirs, ours;
    int part = 0, parts = 1;
    bool transposed = false;
};

/// Ours are Transformer's, and with "head." before them VocabularyHead's. BERT without a head has no "bert." before its names.
std::vector<ReferenceTensor> bertTensors(int layers, bool head);
std::vector<ReferenceTensor> gpt2Tensors(int layers);

std::map<std::string, FileTensor> toReference(const std::vector<ReferenceTensor> &names, const std::vector<NamedParameter> &parameters);
/// Fills the parameters; throws std::out_of_range where a tensor is missing.
void fromReference(const std::vector<ReferenceTensor> &names, const std::map<std::string, FileTensor> &tensors, std::vector<NamedParameter> &parameters);

} // namespace pretext
