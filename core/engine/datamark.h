// What a run remembers of its data, so that it notices on resume when they are others.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace pretext {

class Dataset;

struct DataMark
{
    int64_t train = 0, test = 0;      // samples
    std::vector<std::string> classes; // of the first label column; the first thousand
    std::string content;              // Dataset::fingerprint()

    bool known() const { return !content.empty(); } // a checkpoint of an older version has none
    friend bool operator==(const DataMark &, const DataMark &) = default;
};

DataMark markOf(const Dataset &dataset);
/// What has changed, "54 samples to train on, it was 60; the class 'dog' is gone"; empty where nothing has, or where it is not known.
std::string changeOf(const DataMark &before, const DataMark &now);
/// Why a run of this batch cannot go on with the data as they are now, and what to do; empty where it can.
std::string tooFewFor(int64_t batch, const DataMark &now);

nlohmann::json toJson(const DataMark &mark);
/// Throws std::invalid_argument naming the field.
DataMark dataMarkFromJson(const nlohmann::json &json);

} // namespace pretext
