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

Matrix amongViews(const Matrix &similarity)
{
    const int64_t n = similarity.rows;
    Matrix all{2 * n, 2 * n, std::vector<float>(size_t(4 * n * n), kBlank)};
    for (int64_t i = 0; i < n; ++i)
        std::copy_n(&similarity.values[i * n], n, &all.values[i * 2 * n + n]);
    return all;
}

} // namespace pretext
