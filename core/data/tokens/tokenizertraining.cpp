#include "core/data/tokens/tokenizertraining.h"

#include "core/data/tokens/normalise.h"
#include "core/data/tokens/segment.h"
#include "core/files/said.h"
#include "core/files/utf8.h"
#include "core/system/process.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>

namespace pretext {

namespace {

constexpr size_t kTrainingBytes = 16 << 20;
constexpr const char *kHelper = "pretext-tokenizer";

/// The number that follows `key` in `line`, or -1.
double numberAfter(const std::string &line, const std::string &key)
{
    const size_t at = line.find(key);
    double value = -1;
    if (at != std::string::npos)
        std::from_chars(line.data() + at + key.size(), line.data() + line.size(), value);
    return value;
}

/// Reads the share done off SentencePiece's log lines.
class HelperProgress
{
public:
    HelperProgress(const TokenizerSettings &settings, const TokenizerProgress &tell) : m_settings(settings), m_tell(tell) {}

    void line(const std::string &text)
    {
        if (!m_tell)
            return;
        // "file.cc(507) LOG(INFO) what"
        const size_t mark = text.find("LOG(INFO) ");
        if (mark == std::string::npos)
            return;
        const double size = numberAfter(text, " size=");
        if (text.find("Alphabet size=") != std::string::npos)
            m_alphabet = size;
        else if (size > 0)
            m_share = std::max(m_share, shareAt(size));
        else if (const double seeds = numberAfter(text, "Initialized "); seeds > 0)
            m_seeds = seeds;
        m_tell(m_share, text.substr(mark + 10));
    }

private:
    /// Merges count up to what the characters leave of the vocabulary; unigram prunes its seeds down to it, by a constant factor a round.
    double shareAt(double size) const
    {
        const double goal = m_settings.vocabularySize;
        if (m_settings.kind == TokenizerKind::bpe)
            return std::min(1., size / std::max(1., goal - m_alphabet - int(kSpecialTokens)));
        return m_seeds > goal && size < m_seeds ? std::min(1., std::log(m_seeds / size) / std::log(m_seeds / goal)) : 0;
    }

    const TokenizerSettings &m_settings;
    const TokenizerProgress &m_tell;
    double m_share = 0, m_seeds = 0, m_alphabet = 0;
};

[[noreturn]] void throwFailure(const TokenizerSettings &settings, const std::string &why)
{
    const std::string place = "[tokenizer] ", kind = toText(settings.kind);
    const int asked = settings.vocabularySize;
    if (const double largest = numberAfter(why, "value <= "); largest >= 0)
        throw std::invalid_argument(place
                                    + said("a %1 vocabulary of %2 pieces is larger than the text supports; choose at most %3", {kind, asked, int(largest)}));
    if (const double characters = numberAfter(why, " vs "); why.find("required_chars") != std::string::npos && characters >= 0)
        throw std::invalid_argument(place
                                    + said("a %1 vocabulary of %2 pieces is smaller than the text's %3 different characters and the special tokens; choose at "
                                           "least %4, or the tokenizer 'word' or 'character'",
                                           {kind, asked, int(characters) - kSpecialTokens, int(characters)}));
    throw std::runtime_error(place + said("a %1 vocabulary of %2 pieces was not learned: %3", {kind, asked, why}));
}

/// "piece TAB score" a line.
Tokenizer parseVocabulary(TokenizerKind kind, const std::string &output)
{
    std::vector<std::string> pieces;
    std::vector<float> scores;
    for (size_t begin = 0; begin < output.size();) {
        const size_t end = std::min(output.find('\n', begin), output.size()), tab = output.rfind('\t', end);
        if (tab == std::string::npos || tab < begin)
            throw std::runtime_error("[tokenizer] " + said("%1 wrote '%2', not a piece and its score", {kHelper, output.substr(begin, end - begin)}));
        float score = 0;
        std::from_chars(output.data() + tab + 1, output.data() + end, score);
        pieces.push_back(output.substr(begin, tab - begin));
        scores.push_back(score);
        begin = end + 1;
    }
    return Tokenizer(kind, std::move(pieces), std::move(scores));
}

std::shared_ptr<const Tokenizer> learnPieces(const TokenizerSettings &settings, const std::string &lines, const TokenizerProgress &progress,
                                             std::stop_token stop)
{
    const std::string helper = findProgram(kHelper);
    if (helper.empty())
        throw std::runtime_error(
            "[tokenizer] "
            + pretext::said("the program %1 is neither beside this one nor on the PATH; build it (ninja %1), or choose the tokenizer 'word' or 'character'",
                            {kHelper}));
    HelperProgress watch(settings, progress);
    const ProcessResult result = runProcess(
        helper, {toText(settings.kind), std::to_string(settings.vocabularySize)}, lines, [&](const std::string &line) { watch.line(line); }, stop);
    if (result.stopped)
        return nullptr;
    if (result.status != 0)
        throwFailure(settings, result.lastError.empty() ? pretext::said("exit status %1", {result.status}) : result.lastError);
    return std::make_shared<Tokenizer>(parseVocabulary(settings.kind, result.output));
}

/// The most frequent pieces first, of equally frequent ones in the order of their code points.
std::shared_ptr<const Tokenizer> countPieces(const TokenizerSettings &settings, const std::vector<std::string> &texts, const TokenizerProgress &progress,
                                             std::stop_token stop)
{
    std::map<std::string, int64_t> counts;
    const std::string what = settings.kind == TokenizerKind::word ? pretext::said("Counting words") : pretext::said("Counting characters");
    for (size_t i = 0; i < texts.size(); ++i) {
        if (i % 1024 == 0) {
            if (stop.stop_requested())
                return nullptr;
            if (progress)
                progress(double(i) / double(texts.size()), what);
        }
        const std::string text = squeezed(texts[i], kSpaceMark, settings.kind != TokenizerKind::character);
        for (std::string_view rest = text; !rest.empty();) {
            const size_t bytes = settings.kind == TokenizerKind::word ? firstWord(rest) : codePointAt(rest, 0).bytes;
            ++counts[std::string(rest.substr(0, bytes))];
            rest.remove_prefix(bytes);
        }
    }
    std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.second > b.second; });
    std::vector<std::string> pieces = specialTokens();
    for (const auto &[piece, number] : sorted)
        if (static_cast<int>(pieces.size()) < settings.vocabularySize)
            pieces.push_back(piece);
    return std::make_shared<Tokenizer>(settings.kind, std::move(pieces));
}

} // namespace

std::shared_ptr<const Tokenizer> trainTokenizer(const TokenizerSettings &settings, const std::vector<std::string> &sentences, const TokenizerProgress &progress,
                                                std::stop_token stop)
{
    if (settings.vocabularySize <= kSpecialTokens || settings.vocabularySize > kLargestVocabulary)
        throw std::invalid_argument("[tokenizer] "
                                    + pretext::said("a vocabulary of %1 pieces; choose %2 to %3, of which five are the special tokens",
                                                    {settings.vocabularySize, kSpecialTokens + 1, kLargestVocabulary}));
    if (settings.kind == TokenizerKind::word || settings.kind == TokenizerKind::character)
        return countPieces(settings, sentences, progress, stop);
    std::string lines;
    for (const std::string &sentence : sentences)
        if (const std::string line = squeezed(sentence); !line.empty())
            lines += line + "\n";
    if (lines.empty())
        throw std::invalid_argument("[tokenizer] " + pretext::said("there is no text to learn a vocabulary from; choose a data set with text"));
    return learnPieces(settings, lines, progress, stop);
}

std::shared_ptr<const Tokenizer> trainTokenizer(const TokenizerSettings &settings, const Dataset &dataset, const TokenizerProgress &progress,
                                                std::stop_token stop)
{
    const int64_t size = dataset.size(Split::train);
    std::vector<std::string> sentences;
    size_t bytes = 0;
    // In passes of every 16th sample, so that what fits is spread over all.
    constexpr int64_t kPasses = 16;
    for (int64_t pass = 0; pass < kPasses && bytes < kTrainingBytes; ++pass)
        for (int64_t i = pass; i < size && bytes < kTrainingBytes; i += kPasses) {
            if (stop.stop_requested())
                return nullptr;
            bytes += sentences.emplace_back(dataset.text(Split::train, i)).size();
        }
    return trainTokenizer(settings, sentences, progress, stop);
}

} // namespace pretext
