// The kinds of data that recipes tell apart, so that what they choose can be told without opening any; and which of them a method can learn from.
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

/// Whether it trains on such data, and they have the labels, the colours or the frames that it asks for. (requireLearnable() says what they lack.)
bool learnsFrom(const MethodType &method, const DatasetInfo &data);
/// The name of the first data set that is there and that it learns from; empty where there is none.
std::string firstDataFor(const MethodType &method);

} // namespace pretext
