#include "core/ssl/guessing.h"

#include "core/autograd/operations.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pretext {

double shareRight(const Matrix &scores, const std::vector<int32_t> &right)
{
    int64_t found = 0;
    for (int64_t row = 0; row < scores.rows; ++row) {
        const float *first = &scores.values[size_t(row * scores.columns)];
        found += std::max_element(first, first + scores.columns) - first == right[size_t(row)];
    }
    return double(found) / double(scores.rows);
}

double shareOfFirst(const Matrix &scores)
{
    return shareRight(scores, std::vector<int32_t>(size_t(scores.rows), 0));
}

double shareOnDiagonal(const Matrix &scores)
{
    std::vector<int32_t> diagonal(static_cast<size_t>(scores.rows));
    std::iota(diagonal.begin(), diagonal.end(), 0);
    return shareRight(scores, diagonal);
}

void recordGuesses(const Tensor &scores, const std::vector<int32_t> &targets, const Guesses &asked, const std::string &name, Recorder &recorder)
{
    recorder.read({scores}, [&recorder, &targets, channel = "accuracy/" + name](const std::vector<Matrix> &read) {
        recorder.scalar(channel, shareRight(read[0], targets));
    });
    recorder.heavy("targets/guesses", [scores, &targets, &asked] {
        const NoGrad noGrad;
        return Shown({softmax(Variable(scores)).value()}, [guesses = asked, targets](std::vector<Matrix> read) -> ChannelValue {
            Guesses whole = guesses;
            whole.probabilities = std::move(read[0].values);
            whole.targets = targets;
            return whole;
        });
    });
}

} // namespace pretext
