// Batches of token rows: a sample between [CLS] and [SEP], or several in a row, becomes what the method's corrupter makes of it. A corrupter
// sees one row and draws from the random numbers it is given; length, padding and packing are settled here.
#pragma once

#include "core/data/batchmaker.h"
#include "core/data/corrupt/corruption.h"
#include "core/data/tokens/tokenizer.h"
#include "core/tensor/random.h"

#include <span>
#include <vector>

namespace pretext {

class TokenizedText;

/// What a corrupter makes of one row.
struct TokenRow
{
    std::vector<int32_t> ids = {};        // what the encoder sees
    std::vector<int32_t> targets = {};    // as many as ids, or as decoderIds where there is a decoder; kNoTarget where nothing is predicted
    std::vector<int32_t> decoderIds = {}; // empty without a decoder
    int32_t prefix = 0;                   // tokens that all may see
    TokenRecord record = {};
};

/// A row with its words and sentences, which `view` refers to.
struct OwnedSequence
{
    std::vector<int32_t> ids, words, sentences;
    int32_t vocabulary = 0;
    TokenSequence view() const { return {ids, words, sentences, vocabulary}; }
};

class RowMaker : public BatchMaker
{
public:
    RowMaker(const SampleSource &source, const KnobSet &knobs);

    void begin(Batch &batch) const override;
    void make(Batch &batch, uint64_t seed, int64_t place) const override;
    void finish(Batch &batch) const override;

protected:
    /// `original` is a whole row, special tokens included; what comes back is at most m_context long.
    virtual TokenRow corrupt(std::span<const int32_t> original, int view, Random &random) const = 0;

    const Tokenizer &tokenizer() const;
    OwnedSequence sequenceOf(std::span<const int32_t> row) const;
    const int m_context;

private:
    std::vector<int32_t> originalOf(int64_t sample) const;
    void put(Batch &batch, int64_t row, TokenRow made) const;

    std::shared_ptr<const Dataset> m_dataset;
    std::shared_ptr<const TokenizedText> m_text;
    bool m_pack;
};

/// For a method's declaration: `.maker = makeRows<Masking>`.
template<class Maker>
std::unique_ptr<BatchMaker> makeRows(const SampleSource &source, const KnobSet &knobs)
{
    return std::make_unique<Maker>(source, knobs);
}

/// "pack": for the objectives that predict tokens.
Knob packKnob();

/// [CLS] ids [SEP], cut to `context` tokens.
std::vector<int32_t> framed(std::span<const int32_t> ids, int context);

/// What a corruption made, as a row.
TokenRow rowOf(Corruption corruption);

/// A record that says that nothing was done.
TokenRecord untouched(std::span<const int32_t> ids);

} // namespace pretext
