// Principal components: the embedding map's axes, and a baseline that learns nothing but variance.
#pragma once

#include "core/channels/channel.h"

namespace pretext {

struct Pca
{
    std::vector<float> mean;     // [D]
    Matrix components;           // [k, D], unit rows by falling variance; each one's largest entry is positive, so that axes keep their side
    std::vector<float> variance; // [k]
};
/// k is at most min(rows, D).
Pca fitPca(const Matrix &rows, int components);
Matrix project(const Pca &pca, const Matrix &rows); // [n, k]

} // namespace pretext
