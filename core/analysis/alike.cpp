#include "core/analysis/alike.h"

#include "core/analysis/eigen.h"
#include "core/files/said.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pretext {

namespace {

constexpr float kRoundingOfColumn = 1e-5f, kRoundingOfAll = 1e-6f; // of the largest magnitude

void requireFiniteTensor(const std::string &name, const Tensor &tensor)
{
    const std::vector<float> values = tensor.toHost();
    const auto spoilt = std::count_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (spoilt > 0)
        throw std::runtime_error(
            name + ": "
            + said(spoilt == 1 ? PRETEXT_SAID("%1 of its %2 values is not a finite number, so the encoder computes nothing of use; take an earlier checkpoint, "
                                              "or train with a smaller learning rate")
                               : PRETEXT_SAID("%1 of its %2 values are not finite numbers, so the encoder computes nothing of use; take an earlier checkpoint, "
                                              "or train with a smaller learning rate"),
                   {spoilt, values.size()}));
}

} // namespace

bool allAlike(const Matrix &rows)
{
    if (rows.rows < 2 || rows.columns == 0)
        return true;
    const auto all = eigen(rows);
    const Eigen::RowVectorXf least = all.colwise().minCoeff(), most = all.colwise().maxCoeff();
    const Eigen::RowVectorXf size = least.cwiseAbs().cwiseMax(most.cwiseAbs());
    const float largest = size.maxCoeff();
    return ((most - least).array() <= (kRoundingOfColumn * size.array()).max(kRoundingOfAll * largest)).all();
}

int64_t rowsNotFinite(const Matrix &rows)
{
    int64_t count = 0;
    for (int64_t i = 0; i < rows.rows; ++i)
        count += !eigen(rows).row(i).allFinite();
    return count;
}

void requireFinite(const Matrix &rows, const std::string &features)
{
    const int64_t spoilt = rowsNotFinite(rows);
    if (spoilt == 0)
        return;
    const std::string of = rows.rows == 1 ? said("%1 of %2 sample", {spoilt, rows.rows}) : said("%1 of %2 samples", {spoilt, rows.rows});
    throw std::runtime_error(features.empty()
                                 ? said("the embeddings of %1 are not finite numbers; the weights are, but are too large for the arithmetic: take an earlier "
                                        "checkpoint",
                                        {of})
                                 : said("the embeddings (%1) of %2 are not finite numbers; the weights are, but are too large for the arithmetic: take an "
                                        "earlier checkpoint",
                                        {features, of}));
}

void requireFinite(const Module &module, const std::string &prefix)
{
    for (const NamedParameter &parameter : module.parameters())
        requireFiniteTensor(prefix + parameter.name, parameter.variable.value());
    for (const NamedTensor &buffer : module.buffers())
        requireFiniteTensor(prefix + buffer.name, buffer.tensor);
}

} // namespace pretext
