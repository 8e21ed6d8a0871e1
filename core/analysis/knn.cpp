// Exact search in blocks: a product of a block of queries with a block of the bank stays in the cache, and is scanned there for values
// above each query's worst neighbour so far. After the first few thousand rows hardly any is, so the scan runs at the speed of
// comparing, and the products, on one thread each, are what takes the time.
#include "core/analysis/knn.h"

#include "core/analysis/gemm.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace pretext {
namespace {

constexpr int64_t kQueryBlock = 256, kBankBlock = 2048, kScan = 32;
constexpr float kLeast = std::numeric_limits<float>::lowest();

std::vector<float> inverseNorms(const Matrix &rows)
{
    std::vector<float> result(rows.rows);
#pragma omp parallel for
    for (int64_t i = 0; i < rows.rows; ++i)
        result[i] = 1.f / std::max(eigen(rows).row(i).norm(), 1e-12f);
    return result;
}

/// The k best so far, sorted, most similar first. Of equal similarities the earlier row of the bank wins.
struct Best
{
    float *similarities;
    int32_t *indices;
    int k;

    float worst() const { return similarities[k - 1]; }
    void offer(float similarity, int32_t index)
    {
        if (!(similarity > worst()))
            return;
        int at = k - 1;
        for (; at > 0 && similarity > similarities[at - 1]; --at) {
            similarities[at] = similarities[at - 1];
            indices[at] = indices[at - 1];
        }
        similarities[at] = similarity;
        indices[at] = index;
    }
};

void scan(const float *similarities, int64_t count, int64_t first, Best &best)
{
    for (int64_t start = 0; start < count; start += kScan) {
        const int64_t length = std::min(kScan, count - start);
        float top = kLeast;
        for (int64_t j = start; j < start + length; ++j)
            top = similarities[j] > top ? similarities[j] : top; // vectorises, and passes over NaN
        if (top > best.worst())
            for (int64_t j = start; j < start + length; ++j)
                best.offer(similarities[j], int32_t(first + j));
    }
}

enum class Nearness { cosine, distance };

/// Of every row of the bank: what its product with a query is multiplied by, or what is taken away from it.
struct BankTerms
{
    Nearness by;
    std::vector<float> values;
};

BankTerms bankTerms(const Matrix &bank, Nearness by)
{
    if (by == Nearness::cosine)
        return {by, inverseNorms(bank)};
    BankTerms terms{by, std::vector<float>(bank.rows)};
#pragma omp parallel for
    for (int64_t i = 0; i < bank.rows; ++i)
        terms.values[i] = eigen(bank).row(i).squaredNorm() / 2;
    return terms;
}

void searchBlock(const Matrix &bank, const BankTerms &terms, const Matrix &queries, int64_t first, Neighbours &result)
{
    const int64_t count = std::min(kQueryBlock, queries.rows - first);
    RowMajor block = eigen(queries).middleRows(first, count);
    for (int64_t i = 0; i < count && terms.by == Nearness::cosine; ++i)
        block.row(i) /= std::max(block.row(i).norm(), 1e-12f);
    RowMajor similarity;
    for (int64_t start = 0; start < bank.rows; start += kBankBlock) {
        const int64_t length = std::min(kBankBlock, bank.rows - start);
        productTransposed(block, eigen(bank).middleRows(start, length), similarity);
        const auto values = Eigen::Map<const Eigen::ArrayXf>(&terms.values[start], length).transpose();
        terms.by == Nearness::cosine ? similarity.array().rowwise() *= values : similarity.array().rowwise() -= values;
        for (int64_t i = 0; i < count; ++i) {
            const int64_t row = (first + i) * result.k;
            Best best{&result.similarities[row], &result.indices[row], result.k};
            scan(similarity.row(i).data(), length, start, best);
        }
    }
}

Neighbours search(const Matrix &bank, const Matrix &queries, int k, Nearness by, const std::function<bool(double)> &progress)
{
    if (bank.columns != queries.columns)
        throw std::invalid_argument("[nearest neighbours] the bank has " + std::to_string(bank.columns) + " columns, the queries have "
                                    + std::to_string(queries.columns));
    if (k < 1 || bank.rows < 1)
        throw std::invalid_argument("[nearest neighbours] needs k and a bank of at least 1, not " + std::to_string(k) + " and " + std::to_string(bank.rows));
    Neighbours result{queries.rows, int(std::min<int64_t>(k, bank.rows)), {}, {}};
    result.indices.assign(size_t(result.queries) * result.k, -1);
    result.similarities.assign(result.indices.size(), by == Nearness::cosine ? -2.f : kLeast);
    const BankTerms terms = bankTerms(bank, by);

    std::atomic<bool> cancelled = false;
    std::atomic<int64_t> done = 0;
#pragma omp parallel for schedule(dynamic)
    for (int64_t first = 0; first < queries.rows; first += kQueryBlock) {
        if (cancelled)
            continue;
        searchBlock(bank, terms, queries, first, result);
        done += std::min(kQueryBlock, queries.rows - first);
#pragma omp critical(nearestNeighboursProgress)
        if (progress && !progress(double(done) / double(queries.rows)))
            cancelled = true;
    }
    return result;
}

} // namespace

Neighbours nearestNeighbours(const Matrix &bank, const Matrix &queries, int k, const std::function<bool(double)> &progress)
{
    return search(bank, queries, k, Nearness::cosine, progress);
}

Neighbours nearestByDistance(const Matrix &bank, const Matrix &queries, int k, const std::function<bool(double)> &progress)
{
    return search(bank, queries, k, Nearness::distance, progress);
}

int neighboursFor(int64_t bank)
{
    const int root = int(std::sqrt(double(std::max<int64_t>(bank, 1))));
    return std::clamp(root, 1, KnnOptions{}.k);
}

std::vector<int> knnVote(const Neighbours &neighbours, const std::vector<int> &bankLabels, float temperature)
{
    const int classes = bankLabels.empty() ? 0 : *std::max_element(bankLabels.begin(), bankLabels.end()) + 1;
    std::vector<int> result(neighbours.queries, -1);
    std::vector<double> votes(classes);
    for (int64_t i = 0; i < neighbours.queries; ++i) {
        const int32_t *indices = &neighbours.indices[i * neighbours.k];
        const float *similarities = &neighbours.similarities[i * neighbours.k];
        std::fill(votes.begin(), votes.end(), 0);
        for (int n = 0; n < neighbours.k && indices[n] >= 0; ++n) // relative to the nearest, so that no temperature overflows
            votes[bankLabels.at(indices[n])] += std::exp((similarities[n] - similarities[0]) / temperature);
        if (indices[0] >= 0)
            result[i] = int(std::max_element(votes.begin(), votes.end()) - votes.begin());
    }
    return result;
}

double knnAccuracy(const Matrix &bank, const std::vector<int> &bankLabels, const Matrix &queries, const std::vector<int> &queryLabels, KnnOptions options)
{
    return accuracy(knnVote(nearestNeighbours(bank, queries, options.k), bankLabels, options.temperature), queryLabels);
}

double accuracy(const std::vector<int> &predicted, const std::vector<int> &truth)
{
    if (predicted.size() != truth.size() || truth.empty())
        throw std::invalid_argument("[accuracy] " + std::to_string(predicted.size()) + " predictions for " + std::to_string(truth.size()) + " labels");
    int64_t right = 0;
    for (size_t i = 0; i < truth.size(); ++i)
        right += predicted[i] == truth[i];
    return double(right) / double(truth.size());
}

} // namespace pretext
