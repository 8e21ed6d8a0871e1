#include "core/engine/tokenizing.h"

#include "core/data/tokens/tokenizer.h"
#include "core/data/tokens/tokenizertraining.h"
#include "core/files/json.h"
#include "core/files/said.h"
#include "core/files/usercache.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <span>

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// FNV-1a.
class CorpusFingerprint
{
public:
    void add(std::string_view text)
    {
        for (const unsigned char byte : text)
            m_value = (m_value ^ byte) * 0x100000001b3ull;
        m_value = (m_value ^ 0xff) * 0x100000001b3ull; // so that "ab", "c" differs from "a", "bc"
    }
    std::string text() const
    {
        char digits[17];
        std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(m_value));
        return digits;
    }

private:
    uint64_t m_value = 0xcbf29ce484222325ull;
};

/// Tells data sets of one name apart: another file under the same path gets another tokenizer.
std::string fingerprint(const Dataset &dataset)
{
    constexpr int64_t kSamples = 1000; // spread evenly: enough to notice another text, and quick
    const int64_t size = dataset.size(Split::train), step = std::max<int64_t>(1, size / kSamples);
    CorpusFingerprint print;
    print.add(dataset.info().name);
    print.add(std::to_string(size));
    for (int64_t i = 0; i < size; i += step)
        print.add(dataset.text(Split::train, i));
    return print.text();
}

std::shared_ptr<const Tokenizer> readTokenizer(const fs::path &path)
{
    try {
        return std::make_shared<const Tokenizer>(Tokenizer::fromJson(readJson(path)));
    } catch (const std::exception &) {
        return nullptr; // none, or a damaged one, which is none either
    }
}

void keep(const fs::path &path, const Tokenizer &tokenizer)
{
    const std::string text = tokenizer.toJson().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const auto bytes = std::as_bytes(std::span(text));
    keepInCache(path, {bytes.begin(), bytes.end()});
}

} // namespace

std::vector<Knob> tokenizerKnobs()
{
    return {
        {.name = "tokenizer",
         .kind = KnobKind::choice,
         .defaultValue = std::string("word"),
         .choices = {"unigram", "bpe", "character", "word"},
         .effect = KnobEffect::restart,
         .help =
             PRETEXT_SAID("What a token is: a piece of a word (unigram, bpe), a character, or a whole word; what the vocabulary does not hold becomes [UNK].")},
        {.name = "tokenizer.vocabulary",
         .symbol = "V",
         .kind = KnobKind::integer,
         .minimum = 16,
         .maximum = 65536,
         .logarithmic = true,
         .defaultValue = 4096.0,
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID("Tokens the model can tell apart: more make sentences shorter, and each token rarer, so that it is learned later.")},
    };
}

fs::path tokenizerCache()
{
    return userCache("tokenizers");
}

std::shared_ptr<const Tokenizer> obtainTokenizer(const KnobSet &knobs, const Dataset &dataset, const std::function<void(const std::string &, double)> &progress,
                                                 std::stop_token stop)
{
    const TokenizerSettings settings{tokenizerKind(knobs.choice("tokenizer")), knobs.integer("tokenizer.vocabulary")};
    const fs::path cache = tokenizerCache();
    const fs::path path = cache / (std::string(toText(settings.kind)) + "-" + std::to_string(settings.vocabularySize) + "-" + fingerprint(dataset) + ".json");
    if (!cache.empty())
        if (std::shared_ptr<const Tokenizer> kept = readTokenizer(path))
            return kept;
    const auto tell = [&](double share, const std::string &) {
        if (progress)
            progress(said("training the tokenizer"), share);
    };
    std::shared_ptr<const Tokenizer> trained = trainTokenizer(settings, dataset, tell, stop);
    if (trained && !cache.empty())
        keep(path, *trained);
    return trained;
}

} // namespace pretext
