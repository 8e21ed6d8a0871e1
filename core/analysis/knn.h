// k nearest neighbours by cosine similarity, the plainest judge of an embedding: nothing is fitted.
#pragma once

#include "core/channels/channel.h"

#include <functional>

namespace pretext {

/// The k nearest rows of a bank for each query, most similar first; k is at most the bank's rows.
struct Neighbours
{
    int64_t queries = 0;
    int k = 0;
    std::vector<int32_t> indices;    // [queries, k] rows of the bank; -1 where a query has no finite similarity left
    std::vector<float> similarities; // [queries, k] cosine, most similar first
};

/// Exact search, bank [M, D], queries [Q, D]. `progress` is told the share done and cancels by returning false (the rest stays -1).
Neighbours nearestNeighbours(const Matrix &bank, const Matrix &queries, int k, const std::function<bool(double)> &progress = {});
/// The same by Euclidean distance d: the similarities are (|query|^2 - d^2) / 2, which rank the rows for one query.
Neighbours nearestByDistance(const Matrix &bank, const Matrix &queries, int k, const std::function<bool(double)> &progress = {});

struct KnnOptions
{
    int k = 20;
    float temperature = 0.07f;
};
/// The square root of the bank, where that is less than the usual k: of all neighbours the vote would only say which class is the most frequent.
int neighboursFor(int64_t bank);
/// The class with the largest sum of exp(similarity / temperature) over a query's neighbours (Wu et al. 2018, section 3.4).
std::vector<int> knnVote(const Neighbours &neighbours, const std::vector<int> &bankLabels, float temperature = KnnOptions{}.temperature);
/// Share of the queries whose vote is their label.
double knnAccuracy(const Matrix &bank, const std::vector<int> &bankLabels, const Matrix &queries, const std::vector<int> &queryLabels, KnnOptions options = {});
/// Share of equal entries, in [0, 1].
double accuracy(const std::vector<int> &predicted, const std::vector<int> &truth);

} // namespace pretext
