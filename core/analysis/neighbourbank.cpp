#include "core/analysis/neighbourbank.h"

#include "core/analysis/features.h"
#include "core/analysis/knn.h"
#include "core/analysis/spread.h"
#include "core/autograd/variable.h"
#include "core/backend/backend.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

/// The query alone, as data of the kind that the encoder reads.
class QueryData : public Dataset
{
public:
    QueryData(const Dataset &dataset, const NeighbourQuery &query) : m_dataset(dataset), m_query(query) {}
    const DatasetInfo &info() const override { return m_dataset.info(); }
    int64_t size(Split split) const override { return split == Split::test ? 1 : 0; }
    Image image(Split, int64_t) const override { return m_query.index >= 0 ? m_dataset.image(m_query.split, m_query.index) : m_query.picture; }
    std::string text(Split, int64_t) const override { return m_query.index >= 0 ? m_dataset.text(m_query.split, m_query.index) : m_query.text; }
    float label(Split, int64_t, int column) const override { return m_query.index >= 0 ? m_dataset.label(m_query.split, m_query.index, column) : 0; }

private:
    const Dataset &m_dataset;
    const NeighbourQuery &m_query;
};

} // namespace

NeighbourBank::NeighbourBank(const EncoderCopy &copy, std::shared_ptr<const Dataset> dataset, int64_t samples, const ShareDone &progress)
    : m_encoder(encoderOf(copy))
    , m_dataset(std::move(dataset))
{
    const Autocast autocast(precisionNamed(copy.state.config.precision)); // as the job computes
    const std::shared_ptr<const Dataset> some = spreadSubset(*m_dataset, 0, samples);
    bool cancelled = false;
    m_rows = readSamples(*m_encoder.encoder, *m_encoder.state.prepared, *some, Split::test, 0, [&](double share) {
        cancelled = progress && !progress(share);
        return !cancelled;
    });
    if (cancelled)
        m_rows = {};
}

std::vector<BankNeighbour> NeighbourBank::nearest(const NeighbourQuery &query, int k)
{
    const Autocast autocast(precisionNamed(m_encoder.state.config.precision));
    const Matrix one = readSamples(*m_encoder.encoder, *m_encoder.state.prepared, QueryData(*m_dataset, query), Split::test);
    const Neighbours found = nearestNeighbours(m_rows, one, int(std::min<int64_t>(k + 1, m_rows.rows)));
    std::vector<BankNeighbour> nearest;
    for (size_t i = 0; i < found.indices.size() && nearest.size() < size_t(k); ++i) {
        if (found.indices[i] < 0)
            break;
        const int64_t sample = spreadIndex(found.indices[i], m_rows.rows, m_dataset->size(Split::test));
        if (query.split != Split::test || sample != query.index)
            nearest.push_back({sample, found.similarities[i]});
    }
    return nearest;
}

int sameLabel(const Dataset &dataset, const NeighbourQuery &query, const std::vector<BankNeighbour> &neighbours)
{
    if (query.index < 0 || !hasClasses(dataset.info()))
        return -1;
    const float label = dataset.label(query.split, query.index);
    return int(std::ranges::count_if(neighbours, [&](const BankNeighbour &neighbour) { return dataset.label(Split::test, neighbour.sample) == label; }));
}

} // namespace pretext
