#include "core/ssl/queue.h"

#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/files/said.h"
#include "core/knobs/wholeknob.h"

#include <algorithm>
#include <vector>

namespace pretext {

namespace {

Tensor randomDirections(int64_t size, int64_t dimension, Random &random)
{
    std::vector<float> values(static_cast<size_t>(size * dimension));
    for (float &value : values)
        value = random.normal();
    const NoGrad noGrad;
    return normalize(Variable(Tensor::fromHost(values, {size, dimension}))).value();
}

} // namespace

EmbeddingQueue::EmbeddingQueue(int64_t size, int64_t dimension, Random &random) : m_rows(addBuffer("rows", randomDirections(size, dimension, random)))
{
}

void EmbeddingQueue::push(const Tensor &embeddings)
{
    const int64_t size = m_rows.shape()[0], come = std::min(embeddings.shape()[0], size);
    const NoGrad noGrad;
    const Variable entering = sliceRows(Variable(embeddings), 0, come);
    m_rows.copyFrom(come == size ? entering.value() : concatRows(entering, sliceRows(Variable(m_rows), 0, size - come)).value());
}

Variable EmbeddingQueue::forward(const Variable &z)
{
    return matmul(z, Variable(m_rows), false, true);
}

Knob queueKnob(double size)
{
    return wholeKnob("queue.size", {16, 65536, true}, size,
                     PRETEXT_SAID("Embeddings of the batches before that are kept: the more, the more samples a view is compared with at no cost of "
                                  "encoding them, and the older they are."));
}

} // namespace pretext
