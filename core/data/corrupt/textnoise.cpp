#include "core/data/corrupt/textnoise.h"

#include "core/data/tokens/tokenizer.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

#define NOISE(name) TextNoise name##TextNoise();
#include "core/data/corrupt/noises.def"
#undef NOISE

namespace {

/// The frame of the row, and between it each hidden span behind its [MASK]. A span ends where the next token is that is given.
std::vector<int32_t> hiddenSpans(const TokenRecord &record, Content content)
{
    std::vector<int32_t> spans(record.original.begin(), record.original.begin() + static_cast<ptrdiff_t>(content.begin));
    for (size_t i = 0; i < record.actions.size(); ++i) {
        if (record.actions[i] != TokenAction::masked)
            continue;
        const size_t end = i + 1 < record.source.size() ? static_cast<size_t>(record.source[i + 1]) : record.original.size();
        spans.push_back(kMaskToken);
        for (size_t token = static_cast<size_t>(record.source[i]); token < std::min(end, content.end); ++token)
            spans.push_back(record.original[token]);
    }
    spans.insert(spans.end(), record.original.begin() + static_cast<ptrdiff_t>(content.end), record.original.end());
    return spans;
}

} // namespace

const std::vector<TextNoise> &textNoises()
{
    static const std::vector<TextNoise> noises{
#define NOISE(name) name##TextNoise(),
#include "core/data/corrupt/noises.def"
#undef NOISE
    };
    return noises;
}

const TextNoise &textNoise(const std::string &name)
{
    std::string names;
    for (const TextNoise &noise : textNoises()) {
        if (noise.name == name)
            return noise;
        names += (names.empty() ? "" : ", ") + noise.name;
    }
    throw std::invalid_argument("[denoising] there is no noise '" + name + "'; choose one of " + names);
}

Corruption addNoise(const TokenSequence &sequence, const TextNoise &noise, const NoiseAmounts &amounts, Random random)
{
    checkShare("the noise's strength", amounts.strength);
    const Content content = contentOf(sequence.ids);
    Rewriter rewriter(sequence.ids);
    rewriter.keepRange(0, content.begin);
    if (content.size() > 0)
        noise.apply({sequence, content, amounts}, random, rewriter);
    rewriter.keepRange(content.end, sequence.ids.size());
    Corruption result = rewriter.take();
    result.targets = noise.writesHidden ? hiddenSpans(result.record, content) : result.record.original;
    return result;
}

} // namespace pretext
