#include "core/data/tokens/rowmaker.h"

#include "core/data/tokens/tokenizedtext.h"
#include "core/files/said.h"

#include <algorithm>
#include <numeric>

namespace pretext {

namespace {

constexpr int64_t kLengthStep = 8; // rows are padded to a multiple of it, so that steps have few different shapes

/// Rows of `from` values each become rows of their first `to` values.
void narrow(std::vector<int32_t> &values, int64_t from, int64_t to)
{
    const int64_t rows = static_cast<int64_t>(values.size()) / from;
    for (int64_t row = 0; row < rows; ++row)
        std::copy_n(values.begin() + row * from, to, values.begin() + row * to);
    values.resize(rows * to);
}

int64_t fittingLength(const std::vector<int32_t> &lengths, int64_t most)
{
    const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
    return std::min(most, (std::max<int64_t>(longest, 1) + kLengthStep - 1) / kLengthStep * kLengthStep);
}

} // namespace

Knob packKnob()
{
    return {.name = "pack",
            .kind = KnobKind::boolean,
            .defaultValue = true,
            .effect = KnobEffect::nextBatch,
            .help = PRETEXT_SAID("Fills every row with the samples that follow its first, so that no step is spent on padding; off: one sample a row.")};
}

std::vector<int32_t> framed(std::span<const int32_t> ids, int context)
{
    const size_t kept = std::min<size_t>(ids.size(), std::max(0, context - 2));
    std::vector<int32_t> row{kClassify};
    row.insert(row.end(), ids.begin(), ids.begin() + kept);
    row.push_back(kSeparate);
    return row;
}

TokenRecord untouched(std::span<const int32_t> ids)
{
    TokenRecord record{{ids.begin(), ids.end()}, std::vector<int32_t>(ids.size()), std::vector<TokenAction>(ids.size(), TokenAction::kept)};
    std::iota(record.source.begin(), record.source.end(), 0);
    return record;
}

TokenRow rowOf(Corruption corruption)
{
    return {.ids = std::move(corruption.ids), .targets = std::move(corruption.targets), .record = std::move(corruption.record)};
}

RowMaker::RowMaker(const SampleSource &source, const KnobSet &knobs)
    : m_context(knobs.integer("encoder.context"))
    , m_dataset(source.dataset)
    , m_text(tokensOf(source.split))
    , m_pack(knobs.find("pack") && knobs.boolean("pack"))
{
}

const Tokenizer &RowMaker::tokenizer() const
{
    return m_text->tokenizer();
}

OwnedSequence RowMaker::sequenceOf(std::span<const int32_t> row) const
{
    return {{row.begin(), row.end()}, tokenizer().words(row), tokenizer().sentences(row), tokenizer().vocabularySize()};
}

void RowMaker::begin(Batch &batch) const
{
    const size_t rows = batch.indices.size() * batch.views;
    batch.texts = m_dataset;
    batch.tokens.length = m_context;
    batch.tokens.ids.assign(rows * m_context, kPadding);
    batch.tokens.lengths.assign(rows, 0);
    batch.tokens.targets.clear();
    batch.tokens.prefixes.clear();
    batch.tokens.decoderLength = 0;
    batch.tokens.decoderIds.clear();
    batch.tokens.decoderLengths.clear();
    batch.tokens.records.assign(rows, {});
}

void RowMaker::make(Batch &batch, uint64_t seed, int64_t place) const
{
    const int64_t n = static_cast<int64_t>(batch.indices.size()), sample = batch.indices[place];
    const std::vector<int32_t> original = originalOf(sample);
    for (int view = 0; view < batch.views; ++view) {
        Random random(seed, batch.epoch, static_cast<uint32_t>(sample), static_cast<uint32_t>(view));
        put(batch, view * n + place, corrupt(original, view, random));
    }
}

void RowMaker::finish(Batch &batch) const
{
    TokenRows &rows = batch.tokens;
    const int64_t length = fittingLength(rows.lengths, m_context);
    narrow(rows.ids, m_context, length);
    rows.length = length;
    if (rows.decoderIds.empty()) {
        if (!rows.targets.empty())
            narrow(rows.targets, m_context, length);
        return;
    }
    rows.decoderLength = fittingLength(rows.decoderLengths, m_context);
    narrow(rows.decoderIds, m_context, rows.decoderLength);
    narrow(rows.targets, m_context, rows.decoderLength);
}

std::vector<int32_t> RowMaker::originalOf(int64_t sample) const
{
    std::vector<int32_t> row = framed(m_text->sample(sample), m_context);
    if (!m_pack)
        return row;
    for (int64_t next = sample + 1; static_cast<int>(row.size()) < m_context && next < m_text->size(); ++next) {
        const std::span<const int32_t> ids = m_text->sample(next);
        const size_t kept = std::min<size_t>(ids.size(), m_context - row.size());
        row.insert(row.end(), ids.begin(), ids.begin() + kept);
        if (static_cast<int>(row.size()) < m_context)
            row.push_back(kSeparate);
    }
    return row;
}

void RowMaker::put(Batch &batch, int64_t row, TokenRow made) const
{
    for (std::vector<int32_t> *values : {&made.ids, &made.decoderIds, &made.targets, &made.record.source}) // a corruption may lengthen a row
        values->resize(std::min<size_t>(values->size(), m_context));
    made.record.actions.resize(made.ids.size());
    TokenRows &rows = batch.tokens;
    const size_t all = rows.lengths.size();
    const auto into = [&](std::vector<int32_t> &target, const std::vector<int32_t> &values, int32_t empty) {
        if (target.empty())
            target.assign(all * m_context, empty);
        std::copy(values.begin(), values.end(), target.begin() + row * m_context);
    };
    into(rows.ids, made.ids, kPadding);
    rows.lengths[row] = static_cast<int32_t>(made.ids.size());
    if (!made.targets.empty())
        into(rows.targets, made.targets, kNoTarget);
    if (!made.decoderIds.empty()) {
        into(rows.decoderIds, made.decoderIds, kPadding);
        rows.decoderLengths.resize(all);
        rows.decoderLengths[row] = static_cast<int32_t>(made.decoderIds.size());
    }
    if (made.prefix > 0) {
        rows.prefixes.resize(all);
        rows.prefixes[row] = made.prefix;
    }
    rows.records[row] = std::move(made.record);
}

} // namespace pretext
