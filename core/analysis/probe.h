// Linear probes: what a linear model can read off frozen features. Multinomial logistic regression for classes, ridge regression for
// continuous factors; both on features standardised on the training rows.
#pragma once

#include "core/channels/channel.h"

#include <functional>

namespace pretext {

/// The objective is the mean cross-entropy plus l2 / 2 times the squared weights (not the biases). The l2 is the one of `l2` that does best on
/// `heldOut` training rows spread evenly (at most a fifth of them), where weaker ones are not tried once two did worse; the model is then
/// fitted again on all.
struct ProbeOptions
{
    int64_t heldOut = 5000;
    std::vector<double> l2 = {1e-1, 1e-2, 3e-3, 1e-3, 1e-4, 1e-5};
    int iterations = 200;                 // of LBFGS, a fit
    std::function<bool(double)> progress; // told the share done; false cancels
};
struct ProbeResult
{
    double accuracy = 0;
    double l2 = 0;
    std::vector<int> predictions;
}; // of the test rows
ProbeResult linearProbe(const Matrix &train, const std::vector<int> &trainLabels, const Matrix &test, const std::vector<int> &testLabels, int classes,
                        const ProbeOptions &options = {});

/// Held-out accuracy of a linear probe that is told the labels of some training rows only. Features are standardised on all of them; the l2 is
/// 1e-2, since so few labels leave none to choose it by.
double probeFromLabels(const Matrix &train, const std::vector<int> &trainLabels, const std::vector<size_t> &rows, const Matrix &test,
                       const std::vector<int> &testLabels, int classes, const std::function<bool(double)> &progress = {});

/// Ridge regression's R2 on the test rows for each column of the targets, [n, T]: 1 is perfect, 0 no better than the mean.
std::vector<double> ridgeR2(const Matrix &train, const Matrix &trainTargets, const Matrix &test, const Matrix &testTargets);

} // namespace pretext
