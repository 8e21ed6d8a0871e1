// How good an encoder is, beside what needs no learning: kNN and a linear probe on its embeddings, on raw pixels, on PCA, and on the
// untrained encoder. Evaluation mode, held-out split.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/model.h"
#include "core/engine/snapshot.h"

#include <functional>
#include <string>
#include <vector>

namespace pretext {

/// Embeddings of samples [0, limit) of a split (limit 0: all), [n, D]; original images, resized and normalised only.
Matrix embed(Encoder &encoder, const Dataset &dataset, Split split, int64_t limit, const std::vector<float> &mean,
             const std::vector<float> &deviation);
Matrix rawPixels(const Dataset &dataset, Split split, int64_t limit);

/// kNN (Wu et al. 2018, section 3.4): cosine, the k nearest of the bank vote with weight exp(s / temperature). Accuracy in [0, 1].
struct KnnOptions { int k = 20; float temperature = 0.07f; };
double knnAccuracy(const Matrix &bank, const std::vector<int> &bankLabels, const Matrix &query, const std::vector<int> &queryLabels,
                   KnnOptions options = {});

/// Multinomial logistic regression on features standardised on the training rows, LBFGS, its L2 chosen on held-out training rows.
struct ProbeOptions { int64_t heldOut = 5000; std::vector<double> l2 = {1e-6, 1e-5, 1e-4, 1e-3, 1e-2}; int iterations = 200; };
struct ProbeResult { double accuracy = 0; double l2 = 0; };
ProbeResult linearProbe(const Matrix &train, const std::vector<int> &trainLabels, const Matrix &test, const std::vector<int> &testLabels,
                        int classes, ProbeOptions options = {});
/// Ridge regression's R2 on the test rows, for a continuous factor.
double ridgeR2(const Matrix &train, const std::vector<float> &trainValues, const Matrix &test, const std::vector<float> &testValues);

struct Pca { std::vector<float> mean; Matrix components; /* k x D */ std::vector<float> variance; };
Pca fitPca(const Matrix &rows, int components);
Matrix project(const Pca &pca, const Matrix &rows);

/// Alignment and uniformity (Wang and Isola 2020, eq. 1-2) and effective rank (Roy and Vetterli 2007) of embeddings.
double alignment(const Matrix &first, const Matrix &second); // rows normalised first
double uniformity(const Matrix &rows);
double effectiveRank(const Matrix &rows);

/// Share of anchor i's repulsion that negative j carries: p_ij over the sum of p_ik of i's negatives, from a 2N x 2N cosine matrix;
/// NaN (blank) on the diagonal and at the positive.
Matrix gradientShare(const Matrix &cosine, float temperature);
/// Row-wise softmax of cosine / temperature over all but the diagonal (NaN there).
Matrix softmaxRows(const Matrix &cosine, float temperature);

struct EvaluationRow { std::string features; int64_t dimension = 0; std::string column; double knn = -1, probe = -1, r2 = -2; }; // unset: not applicable
struct Evaluation { std::vector<EvaluationRow> rows; double alignment = 0, uniformity = 0, effectiveRank = 0; std::vector<std::string> notes; };
using Progress = std::function<bool(const std::string &what, double share)>; // false: cancel
Evaluation evaluate(TrainedEncoder &trained, const Dataset &dataset, bool baselines, const Progress &progress = {});

} // namespace pretext
