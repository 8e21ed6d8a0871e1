// What temperature does: how the softmax over an anchor's similarities, and with it the gradient, is shared among the other views.
#pragma once

#include "core/channels/channel.h"

#include <cstdint>
#include <functional>

namespace pretext {

/// Which views a loss compares.
enum class Contrast : uint8_t {
    allViews,    // each with all others (NT-Xent)
    secondViews, // each first view with all second ones (SimCSE)
};

/// Row-wise softmax of cosine / temperature over the views that the loss compares the row's view with: all but itself, or, of first views, all
/// second ones. What the loss does not compare is NaN (blank). `cosine` is [2N, 2N], rows i and i + N positives.
Matrix softmaxRows(const Matrix &cosine, float temperature, Contrast contrast = Contrast::allViews);
/// Share of anchor i's repulsion that negative j carries: p_ij over the sum of p_ik of i's negatives; NaN at the positive, too. It is
/// d loss / d s_ij over the sum of the same of all negatives, since the gradient there is p_ij / temperature up to a factor common to the row.
Matrix gradientShare(const Matrix &cosine, float temperature, Contrast contrast = Contrast::allViews);

/// Softmax of each row over the columns that `takes(row, column)`; the others are blank.
Matrix softmaxWhere(const Matrix &similarity, float temperature, const std::function<bool(int64_t, int64_t)> &takes);
/// Of a loss that is the mean of NT-Xent over all pairs of `views` views: the mean over a row's pairs of its softmax among the 2N views of the pair; and
/// the share that each of its negatives has in that, NaN at its own sample's views. `cosine` is [VN, VN], rows i, i + N, ... of one sample.
Matrix softmaxOfPairs(const Matrix &cosine, float temperature, int64_t views);
Matrix gradientOfPairs(const Matrix &cosine, float temperature, int64_t views);

/// Similarities [N, N] of first views with second ones at their place among all 2N views; the rest is blank.
Matrix amongViews(const Matrix &similarity);

} // namespace pretext
