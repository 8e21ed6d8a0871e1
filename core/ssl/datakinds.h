// The kinds of data that recipes tell apart, so that what they choose can be told without opening any.
#pragma once

#include "core/data/dataset.h"

#include <string>
#include <vector>

namespace pretext {

struct MethodType;

struct DataKind
{
    std::string title; // "grey images"; marked for translation
    DatasetInfo info;  // without samples
};

/// Those of all kinds of data that the method trains on.
std::vector<DataKind> dataKinds(const MethodType &method);

} // namespace pretext
