// Retrieval of paraphrases: does the embedding of a verse of the King James Bible lie nearest to that of the same verse in another
// translation? Held-out verses only, each to be found among all of them.
#pragma once

#include "core/analysis/textfeatures.h"

#include <string>
#include <vector>

namespace pretext {

/// Shares in [0, 1] of the verses whose own translation is the first, or among the first five, by cosine.
struct RetrievalRow
{
    std::string features; // "encoder", "untrained", "TF-IDF"
    int64_t verses = 0;
    double at1 = 0, at5 = 0;         // of KJV verses among those of the World English Bible
    double backAt1 = 0, backAt5 = 0; // and the other way round
};

/// `kjv` is the data set of that name. With baselines: beside the untrained encoder and TF-IDF with the words of the training split. Throws
/// std::invalid_argument naming the package where the other translation is absent.
std::vector<RetrievalRow> retrieveVerses(TrainedEncoder &trained, const Dataset &kjv, bool baselines, const std::function<bool(double)> &progress = {});

} // namespace pretext
