// NT-Xent's loss and gradient at 2N rows of 128 features. Its memory is what tells: all pairs at once are a matrix of (2N)^2.
#include "core/bench/row.h"

#include "core/autograd/operations.h"
#include "core/tensor/random.h"

namespace pretext::bench {

namespace {

constexpr int kPairFeatures = 128;

class PairLoss : public SteppedWork
{
public:
    explicit PairLoss(int count)
    {
        Random random(1);
        std::vector<float> values(size_t(count) * kPairFeatures);
        for (float &value : values)
            value = random.normal();
        m_rows = Variable(normalize(Variable(Tensor::fromHost(values, {count, kPairFeatures}))).value(), true);
    }

protected:
    void step() override
    {
        m_rows.clearGrad();
        backward(ntXent(m_rows, 0.5f));
    }

private:
    Variable m_rows;
};

Row pairRow(int count)
{
    const double n = count;
    return {.name = "ntxent-" + std::to_string(count),
            .help = "NT-Xent loss and gradient, 2N = " + std::to_string(count) + ", 128 features",
            .flop = 6 * n * n * kPairFeatures,
            .steps = count > 4096   ? 2
                     : count > 1024 ? 10
                                    : 40,
            .make = [](const Row &row) -> std::unique_ptr<Work> { return std::make_unique<PairLoss>(row.size); },
            .size = count};
}

} // namespace

std::vector<Row> ntxentRows()
{
    return {pairRow(512), pairRow(2048), pairRow(8192)};
}

} // namespace pretext::bench
