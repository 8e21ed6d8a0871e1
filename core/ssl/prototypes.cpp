#include "core/ssl/prototypes.h"

#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/knobs/wholeknob.h"
#include "core/nn/layers.h"
#include "core/ssl/similarity.h"

#include <cmath>
#include <vector>

namespace pretext {

Prototypes::Prototypes(int dimension, int count, Random &random) : m_weight(addParameter("weight", normalWeights({count, dimension}, 1, random), false))
{
}

Variable Prototypes::forward(const Variable &z)
{
    return matmul(normalize(z), normalize(m_weight), false, true);
}

Knob prototypesKnob(double count)
{
    return wholeKnob("prototypes", {2, 65536, true}, count,
                     PRETEXT_SAID("Directions that the views are shared out among: few make coarse groups, many fine ones, down to one for each sample."));
}

Variable softCrossEntropy(const Variable &scores, float temperature, const Variable &shares)
{
    const Variable logs = logSoftmax(scale(scores, 1 / temperature));
    return scale(sum(multiply(logs, detach(shares))), -1 / float(scores.shape()[0]));
}

namespace {

/// The exponential of the entropy of the prototypes' mean shares: of so many the views make use.
double used(const Matrix &rows)
{
    std::vector<double> mean(size_t(rows.columns), 0);
    for (int64_t i = 0; i < rows.rows; ++i)
        for (int64_t k = 0; k < rows.columns; ++k)
            mean[size_t(k)] += rows.at(i, k) / double(rows.rows);
    double entropy = 0;
    for (const double share : mean)
        entropy -= share > 0 ? share * std::log(share) : 0;
    return std::exp(entropy);
}

} // namespace

void recordShares(const Tensor &shares, Recorder &recorder)
{
    recorder.read({shares}, [&recorder](const std::vector<Matrix> &read) { recorder.scalar("prototypes/used", used(read[0])); });
    recorder.heavy("prototypes/shares", [shares] { return shownMatrix(shares); });
}

void recordForetold(const Tensor &scores, float temperature, Recorder &recorder)
{
    recorder.heavy("prototypes/foretold", [scores, temperature] {
        const NoGrad noGrad;
        return shownMatrix(softmax(scale(Variable(scores), 1 / temperature)).value());
    });
}

} // namespace pretext
