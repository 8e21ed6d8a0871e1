// A bank of held-out samples where an encoder puts them, to find the nearest ones to anything the encoder can read.
#pragma once

#include "core/analysis/baselines.h"
#include "core/engine/encodercopy.h"

#include <memory>
#include <string>
#include <vector>

namespace pretext {

/// What neighbours are looked for of: a sample of the data, or something of the user's own, a picture of the data's shape or a text.
struct NeighbourQuery
{
    Split split = Split::test;
    int64_t index = -1; // -1: the user's own
    Image picture = {};
    std::string text = {};

    friend bool operator==(const NeighbourQuery &, const NeighbourQuery &) = default;
};

struct BankNeighbour
{
    int64_t sample = 0; // of the held-out split
    float cosine = 0;
};

class NeighbourBank
{
public:
    /// Embeds so many held-out samples, spread evenly, as the encoder is read: with its whitening. `progress` cancels; the bank is then empty.
    NeighbourBank(const EncoderCopy &copy, std::shared_ptr<const Dataset> dataset, int64_t samples, const ShareDone &progress = {});

    bool empty() const { return m_rows.rows == 0; }
    int64_t step() const { return m_encoder.state.step; }
    int64_t samples() const { return m_rows.rows; }
    /// The k most similar by cosine, the most similar first; a sample is not its own neighbour. Throws where the query cannot be read.
    std::vector<BankNeighbour> nearest(const NeighbourQuery &query, int k);

private:
    TrainedEncoder m_encoder;
    std::shared_ptr<const Dataset> m_dataset;
    Matrix m_rows;
};

/// How many of the neighbours share the query's label, the first column of classes; -1: that is not known.
int sameLabel(const Dataset &dataset, const NeighbourQuery &query, const std::vector<BankNeighbour> &neighbours);

} // namespace pretext
