#include "core/ssl/similarity.h"

#include "core/backend/backend.h"

namespace pretext {

namespace {

Matrix hostMatrix(const Tensor &x)
{
    return {x.shape()[0], x.shape()[1], x.toHost()};
}

/// Cosines of all pairs of rows, [2N, 2N].
Matrix cosines(const Tensor &z)
{
    Tensor result(Shape{z.shape()[0], z.shape()[0]}, DType::f32, z.device());
    backendOf(z).matmul(z, z, {.transposeB = true}, result);
    return hostMatrix(result);
}

/// Share of anchors whose positive is their nearest view.
double contrastiveAccuracy(const Matrix &cosine)
{
    const int64_t n = cosine.rows, pairs = n / 2;
    int64_t right = 0;
    for (int64_t i = 0; i < n; ++i) {
        const int64_t positive = (i + pairs) % n;
        const float *row = &cosine.values[i * n];
        bool nearest = true;
        for (int64_t j = 0; j < n; ++j)
            nearest &= j == i || j == positive || row[j] < row[positive];
        right += nearest;
    }
    return double(right) / double(n);
}

struct MeanSimilarities
{
    double positive, negative;
};

/// Means over all positives and over all negatives. All pairs together are |sum of rows|^2, so no negative is visited.
MeanSimilarities meanSimilarities(const Matrix &z)
{
    const int64_t n = z.rows, pairs = n / 2, d = z.columns;
    std::vector<double> sum(d, 0);
    double positives = 0, self = 0;
    for (int64_t i = 0; i < n; ++i) {
        const float *row = &z.values[i * d], *positive = &z.values[(i + pairs) % n * d];
        for (int64_t k = 0; k < d; ++k) {
            sum[k] += row[k];
            positives += double(row[k]) * positive[k];
            self += double(row[k]) * row[k];
        }
    }
    double all = 0;
    for (double s : sum)
        all += s * s;
    const double negatives = double(n) * double(n - 2);
    return {positives / double(n), (all - self - positives) / negatives};
}

} // namespace

void recordSimilarity(const Tensor &z, Recorder &recorder)
{
    const MeanSimilarities mean = meanSimilarities(hostMatrix(z));
    recorder.scalar("similarity/positive", mean.positive);
    recorder.scalar("similarity/negative", mean.negative);
    recorder.scalar("accuracy/contrastive", contrastiveAccuracy(cosines(z)));
    recorder.heavy("embeddings", [z] { return hostMatrix(z); });
    recorder.heavy("similarity", [z] { return cosines(z); });
}

} // namespace pretext
