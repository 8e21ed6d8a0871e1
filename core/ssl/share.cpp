#include "core/ssl/share.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace pretext {
namespace {

constexpr float kBlank = std::numeric_limits<float>::quiet_NaN();

void check(const char *operation, const Matrix &cosine, float temperature)
{
    if (cosine.rows != cosine.columns)
        throw std::invalid_argument("[" + std::string(operation) + "] the similarity matrix must be square, not " + std::to_string(cosine.rows) + " x "
                                    + std::to_string(cosine.columns));
    if (cosine.rows % 2 != 0)
        throw std::invalid_argument("[" + std::string(operation) + "] 2N rows of two views each are expected, not " + std::to_string(cosine.rows));
    if (!(temperature > 0))
        throw std::invalid_argument("[" + std::string(operation) + "] temperature must be above 0, not " + std::to_string(temperature));
}

bool isCompared(int64_t row, int64_t column, int64_t pairs, Contrast contrast)
{
    return contrast == Contrast::allViews || (contrast == Contrast::secondViews && row < pairs && column >= pairs);
}

} // namespace

Matrix softmaxWhere(const Matrix &cosine, float temperature, const std::function<bool(int64_t, int64_t)> &takes)
{
    Matrix result{cosine.rows, cosine.columns, std::vector<float>(cosine.values.size(), kBlank)};
    std::vector<int64_t> taken;
    for (int64_t i = 0; i < cosine.rows; ++i) {
        taken.clear();
        for (int64_t j = 0; j < cosine.columns; ++j)
            if (takes(i, j))
                taken.push_back(j);
        const float *row = &cosine.values[i * cosine.columns];
        float *out = &result.values[i * cosine.columns];
        float top = -std::numeric_limits<float>::infinity();
        for (int64_t j : taken)
            top = std::max(top, row[j]);
        double sum = 0;
        for (int64_t j : taken)
            sum += out[j] = std::exp((row[j] - top) / temperature);
        for (int64_t j : taken)
            out[j] = float(out[j] / sum);
    }
    return result;
}

Matrix softmaxRows(const Matrix &cosine, float temperature, Contrast contrast)
{
    check("softmax rows", cosine, temperature);
    const int64_t n = cosine.rows / 2;
    return softmaxWhere(cosine, temperature, [n, contrast](int64_t i, int64_t j) { return i != j && isCompared(i, j, n, contrast); });
}

Matrix gradientShare(const Matrix &cosine, float temperature, Contrast contrast)
{
    check("gradient share", cosine, temperature);
    const int64_t n = cosine.rows / 2;
    return softmaxWhere(cosine, temperature, [n, contrast](int64_t i, int64_t j) { return i % n != j % n && isCompared(i, j, n, contrast); });
}

Matrix softmaxOfPairs(const Matrix &cosine, float temperature, int64_t views)
{
    if (cosine.rows != cosine.columns || views < 2 || cosine.rows % views != 0)
        throw std::invalid_argument("[softmax of pairs] " + std::to_string(cosine.rows) + " x " + std::to_string(cosine.columns)
                                    + " similarities are not those of " + std::to_string(views) + " views of each sample");
    const int64_t n = cosine.rows / views;
    Matrix result{cosine.rows, cosine.columns, std::vector<float>(cosine.values.size(), 0)};
    for (int64_t step = 1; step < views; ++step) { // each row with the view that many behind its own
        const auto takes = [&](int64_t i, int64_t j) { return i != j && (j / n == i / n || j / n == (i / n + step) % views); };
        const Matrix pair = softmaxWhere(cosine, temperature, takes);
        for (size_t k = 0; k < result.values.size(); ++k)
            if (!std::isnan(pair.values[k]))
                result.values[k] += pair.values[k] / float(views - 1);
    }
    for (int64_t i = 0; i < cosine.rows; ++i)
        result.values[i * cosine.columns + i] = kBlank;
    return result;
}

Matrix gradientOfPairs(const Matrix &cosine, float temperature, int64_t views)
{
    Matrix result = softmaxOfPairs(cosine, temperature, views);
    const int64_t n = cosine.rows / views;
    for (int64_t i = 0; i < result.rows; ++i) {
        float *row = &result.values[i * result.columns];
        double sum = 0;
        for (int64_t j = 0; j < result.columns; ++j)
            sum += i % n == j % n ? 0 : row[j];
        for (int64_t j = 0; j < result.columns; ++j)
            row[j] = i % n == j % n ? kBlank : float(row[j] / sum);
    }
    return result;
}

Matrix amongViews(const Matrix &similarity)
{
    const int64_t n = similarity.rows;
    Matrix all{2 * n, 2 * n, std::vector<float>(size_t(4 * n * n), kBlank)};
    for (int64_t i = 0; i < n; ++i)
        std::copy_n(&similarity.values[i * n], n, &all.values[i * 2 * n + n]);
    return all;
}

} // namespace pretext
