#include "core/ssl/similarity.h"

#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/ssl/guessing.h"

#include <cmath>
#include <numeric>
#include <vector>

namespace pretext {

Matrix hostMatrix(const Tensor &x)
{
    return {x.shape()[0], x.shape()[1], x.toHost()};
}

namespace {

/// [2N], 1 where an anchor's positive is its nearest view: what NT-Xent sees on its way, without a matrix of all pairs.
Tensor nearestOf(const Tensor &z)
{
    Tensor anchorLoss(Shape{z.shape()[0]}, DType::f32, z.device()), nearest(anchorLoss.shape(), DType::f32, z.device()), loss(Shape{1}, DType::f32, z.device());
    backendOf(z).ntXent(z, {.temperature = 1}, anchorLoss, nearest, loss);
    return nearest;
}

double meanOf(const std::vector<float> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.) / double(values.size());
}

struct MeanSimilarities
{
    double positive, negative;
};

/// Means over all positives and over all negatives. All pairs together are |sum of rows|^2, so no negative is visited.
MeanSimilarities meanSimilarities(const Matrix &z, int64_t views)
{
    const int64_t n = z.rows, samples = n / views, d = z.columns;
    std::vector<double> sum(d, 0);
    double positives = 0, self = 0;
    for (int64_t i = 0; i < n; ++i) {
        const float *row = &z.values[i * d];
        for (int64_t k = 0; k < d; ++k) {
            sum[k] += row[k];
            self += double(row[k]) * row[k];
        }
        for (int64_t other = i + samples; other < i + n; other += samples) {
            const float *positive = &z.values[other % n * d];
            for (int64_t k = 0; k < d; ++k)
                positives += double(row[k]) * positive[k];
        }
    }
    double all = 0;
    for (double s : sum)
        all += s * s;
    const double negatives = double(n) * double(n - views);
    return {positives / double(n * (views - 1)), (all - self - positives) / negatives};
}

/// The deviation of each dimension over the rows, the mean of all.
double meanDeviation(const Matrix &z)
{
    double sum = 0;
    for (int64_t k = 0; k < z.columns; ++k) {
        double mean = 0, squares = 0;
        for (int64_t i = 0; i < z.rows; ++i)
            mean += z.at(i, k) / double(z.rows);
        for (int64_t i = 0; i < z.rows; ++i)
            squares += (z.at(i, k) - mean) * (z.at(i, k) - mean);
        sum += std::sqrt(squares / double(z.rows - 1));
    }
    return sum / double(z.columns);
}

} // namespace

void recordMeans(const Tensor &z, Recorder &recorder, int64_t views)
{
    recorder.read({z}, [&recorder, views](const std::vector<Matrix> &read) {
        const MeanSimilarities mean = meanSimilarities(read[0], views);
        recorder.scalar("similarity/positive", mean.positive);
        recorder.scalar("similarity/negative", mean.negative);
    });
    recorder.heavy("embeddings", [z] { return shownMatrix(z); });
    recorder.heavy("similarity", [z] { return shownCosines(z); });
}

void recordNearest(const Tensor &z, Recorder &recorder, const Tensor &nearest)
{
    recordMeans(z, recorder);
    recorder.read({nearest.defined() ? nearest : nearestOf(z)},
                  [&recorder](const std::vector<Matrix> &read) { recorder.scalar("accuracy/contrastive", meanOf(read[0].values)); });
}

void recordSimilarity(const Tensor &z, const StepInput &input, Contrast contrast, const Tensor &nearest)
{
    recordNearest(z, input.recorder, nearest);
    Recorder &recorder = input.recorder;
    const auto temperature = [&knobs = input.knobs] { return static_cast<float>(knobs.real("temperature")); };
    recorder.heavy("similarity/softmax",
                   [=] { return shownCosines(z, [=, t = temperature()](const Matrix &cosines) { return softmaxRows(cosines, t, contrast); }); });
    recorder.heavy("similarity/gradient",
                   [=] { return shownCosines(z, [=, t = temperature()](const Matrix &cosines) { return gradientShare(cosines, t, contrast); }); });
}

void recordAcross(const Tensor &z, const Tensor &similarities, const StepInput &input)
{
    Recorder &recorder = input.recorder;
    recordMeans(z, recorder);
    recorder.read({similarities}, [&recorder](const std::vector<Matrix> &read) { recorder.scalar("accuracy/contrastive", shareOnDiagonal(read[0])); });
    const auto temperature = [&knobs = input.knobs] { return static_cast<float>(knobs.real("temperature")); };
    const auto offer = [&](const char *channel, Matrix (*share)(const Matrix &, float, Contrast)) {
        recorder.heavy(channel, [=] {
            return shownMatrix(similarities, [=, t = temperature()](const Matrix &own) { return share(amongViews(own), t, Contrast::secondViews); });
        });
    };
    offer("similarity/softmax", softmaxRows);
    offer("similarity/gradient", gradientShare);
}

void recordViews(const Tensor &z, Recorder &recorder, int64_t views)
{
    recordMeans(z, recorder, views);
    recorder.read({z}, [&recorder](const std::vector<Matrix> &read) { recorder.scalar("embedding/std", meanDeviation(read[0])); });
}

void recordFeatures(const Variable &h, Recorder &recorder)
{
    recorder.heavy("features", [h = h.value()] { return shownMatrix(h); });
}

Variable ofOtherView(const Variable &x)
{
    const int64_t pairs = x.shape()[0] / 2;
    return concatRows(sliceRows(x, pairs, pairs), sliceRows(x, 0, pairs));
}

Tensor diagonalMatrix(int64_t n, float diagonal, float beside)
{
    std::vector<float> values(size_t(n * n), beside);
    for (int64_t i = 0; i < n; ++i)
        values[size_t(i * n + i)] = diagonal;
    return Tensor::fromHost(values, {n, n});
}

Knob temperatureKnob(double value, const std::string &help)
{
    return {.name = "temperature",
            .symbol = "τ",
            .kind = KnobKind::real,
            .minimum = 0.01,
            .maximum = 1,
            .logarithmic = true,
            .defaultValue = value,
            .effect = KnobEffect::live,
            .help = help};
}

Variable embedViews(Encoder &encoder, const Variable &views)
{
    const Scope scope("encoder");
    return encoder(views);
}

} // namespace pretext
