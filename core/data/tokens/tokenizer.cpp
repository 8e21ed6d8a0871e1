#include "core/data/tokens/tokenizer.h"

#include "core/data/tokens/normalise.h"
#include "core/data/tokens/segment.h"
#include "core/files/json.h"
#include "core/files/said.h"
#include "core/files/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cmath>
#include <stdexcept>

namespace pretext {

namespace {

constexpr int kTokenizerVersion = 1;
constexpr std::string_view kSpecialNames[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
static_assert(std::size(kSpecialNames) == kSpecialTokens);
constexpr const char *kKinds[] = {"unigram", "bpe", "character", "word"};

enum Trait : uint8_t { beginsWord = 1, endsSentence = 2, standsAlone = 4 };

/// The mark of a space, and of standing alone, are told by a piece's first character, the end of a sentence by its last.
uint8_t traitsOf(std::string_view piece)
{
    uint8_t traits = 0;
    size_t at = 0;
    if (piece.starts_with(kSpaceMark)) {
        traits |= beginsWord;
        at = kSpaceMark.size();
    }
    char32_t last = 0;
    for (size_t first = at; at < piece.size();) {
        const CodePoint c = codePointAt(piece, at);
        if (at == first && (isPunctuation(c.value) || isIdeograph(c.value)))
            traits |= standsAlone;
        last = c.value;
        at += c.bytes;
    }
    constexpr std::u32string_view kEnds = U".!?。！？";
    if (last && kEnds.find(last) != std::u32string_view::npos)
        traits |= endsSentence;
    return traits;
}

/// The spaces of `text` begin its words.
template<typename Cut>
void forEachWord(std::string_view text, const Cut &cut)
{
    for (size_t begin = 0; begin < text.size();) {
        const size_t end = std::min(text.find(kSpaceMark, begin + 1), text.size());
        cut(text.substr(begin, end - begin));
        begin = end;
    }
}

/// Of words and sentences only these count as no part.
bool isFrame(int32_t id)
{
    return id < kSpecialTokens && id != kUnknown && id != kMaskToken;
}

} // namespace

const char *toText(TokenizerKind kind)
{
    return kKinds[static_cast<size_t>(kind)];
}

TokenizerKind tokenizerKind(const std::string &text)
{
    const auto found = std::find(std::begin(kKinds), std::end(kKinds), text);
    if (found == std::end(kKinds))
        throw std::invalid_argument("[tokenizer] " + said("there is no kind '%1'; choose unigram, bpe, character or word", {text}));
    return static_cast<TokenizerKind>(found - std::begin(kKinds));
}

const std::vector<std::string> &specialTokens()
{
    static const std::vector<std::string> names(std::begin(kSpecialNames), std::end(kSpecialNames));
    return names;
}

struct Tokenizer::Index : PieceIndex
{
    float rarest = 0; // score
};

Tokenizer::Tokenizer(TokenizerKind kind, std::vector<std::string> pieces, std::vector<float> scores)
    : m_kind(kind)
    , m_pieces(std::move(pieces))
    , m_scores(std::move(scores))
{
    if (m_pieces.size() < kSpecialTokens || !std::equal(std::begin(kSpecialNames), std::end(kSpecialNames), m_pieces.begin()))
        throw std::invalid_argument("[tokenizer] "
                                    + pretext::said("the vocabulary of %1 pieces does not begin with [PAD] [UNK] [CLS] [SEP] [MASK]", {m_pieces.size()}));
    if (m_pieces.size() > static_cast<size_t>(kLargestVocabulary))
        throw std::invalid_argument("[tokenizer] " + pretext::said("%1 pieces; at most %2 are read", {m_pieces.size(), kLargestVocabulary}));
    for (size_t id = 0; id < m_scores.size(); ++id)
        if (!std::isfinite(m_scores[id]))
            throw std::invalid_argument("[tokenizer] " + pretext::said("the score of piece %1 is not finite", {id}));
    const bool scored = kind == TokenizerKind::unigram || kind == TokenizerKind::bpe;
    if (m_scores.size() != (scored ? m_pieces.size() : 0))
        throw std::invalid_argument("[tokenizer] " + pretext::said("%1 scores for the %2 pieces of kind %3", {m_scores.size(), m_pieces.size(), toText(kind)}));
    if (!std::ranges::all_of(m_scores, [](float score) { return std::isfinite(score); }))
        throw std::invalid_argument("[tokenizer] " + pretext::said("a piece's score is not finite"));
    auto index = std::make_unique<Index>();
    m_traits.resize(m_pieces.size());
    for (size_t id = kSpecialTokens; id < m_pieces.size(); ++id) {
        if (m_pieces[id].empty() || std::ranges::find(kSpecialNames, std::string_view(m_pieces[id])) != std::end(kSpecialNames)
            || !index->ids.emplace(m_pieces[id], static_cast<int32_t>(id)).second)
            throw std::invalid_argument("[tokenizer] " + pretext::said("piece %1 '%2' is empty or there twice", {id, m_pieces[id]}));
        index->longest = std::max(index->longest, m_pieces[id].size());
        m_traits[id] = traitsOf(m_pieces[id]);
    }
    if (scored && m_pieces.size() > kSpecialTokens)
        index->rarest = *std::min_element(m_scores.begin() + kSpecialTokens, m_scores.end());
    m_index = std::move(index);
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer &&) noexcept = default;

int32_t Tokenizer::idOf(std::string_view piece) const
{
    if (const auto found = m_index->ids.find(piece); found != m_index->ids.end())
        return found->second;
    const auto special = std::find(std::begin(kSpecialNames), std::end(kSpecialNames), piece);
    return special == std::end(kSpecialNames) ? int32_t(kUnknown) : static_cast<int32_t>(special - std::begin(kSpecialNames));
}

std::vector<TokenPlace> Tokenizer::encodePlaces(std::string_view text) const
{
    return places(text, m_kind != TokenizerKind::character);
}

std::vector<TokenPlace> Tokenizer::places(std::string_view text, bool spaceInFront) const
{
    const NormalisedText normal = normalised(text, kSpaceMark, spaceInFront);
    std::vector<Segment> segments;
    forEachWord(normal.text, [&](std::string_view word) {
        switch (m_kind) {
        case TokenizerKind::unigram: return cutMostProbable(word, *m_index, m_scores, m_index->rarest, segments);
        case TokenizerKind::bpe: return cutByMerges(word, *m_index, m_scores, segments);
        case TokenizerKind::character: return cutCharacters(word, *m_index, segments);
        case TokenizerKind::word: return cutWords(word, *m_index, segments);
        }
    });
    std::vector<TokenPlace> places;
    places.reserve(segments.size());
    size_t at = 0;
    for (const Segment &segment : segments) {
        // A lone space stands before its word and covers nothing.
        places.push_back({segment.id, normal.origin[at], normal.origin[at + segment.bytes]});
        at += segment.bytes;
    }
    // Between two words the next one's begin is not this one's end.
    for (TokenPlace &place : places)
        while (place.end > place.begin && isSpace(codePointAt(text, codePointBoundary(text, place.end - 1)).value))
            place.end = codePointBoundary(text, place.end - 1);
    return places;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text) const
{
    std::vector<int32_t> ids;
    for (const TokenPlace &place : encodePlaces(text))
        ids.push_back(place.id);
    return ids;
}

std::vector<int32_t> Tokenizer::encodePrompt(std::string_view text) const
{
    std::vector<int32_t> ids;
    bool front = m_kind != TokenizerKind::character;
    while (!text.empty()) {
        size_t nearest = text.size();
        int32_t id = 0;
        for (int32_t special = 0; special < kSpecialTokens; ++special)
            if (const size_t at = text.find(kSpecialNames[special]); at < nearest) {
                nearest = at;
                id = special;
            }
        for (const TokenPlace &place : places(text.substr(0, nearest), front))
            ids.push_back(place.id);
        if (nearest == text.size())
            break;
        ids.push_back(id);
        text.remove_prefix(nearest + kSpecialNames[id].size());
        // "[MASK]s" goes on with the word; after [SEP] another text begins.
        front = isFrame(id) ? m_kind != TokenizerKind::character : !text.empty() && isSpace(codePointAt(text, 0).value);
    }
    return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids) const
{
    std::string text;
    for (int32_t id : ids) {
        if (isFrame(id))
            continue;
        if (id < kSpecialTokens && !text.empty() && m_kind != TokenizerKind::character)
            text += ' ';
        std::string_view piece = this->piece(id);
        if (piece.starts_with(kSpaceMark)) {
            text += text.empty() ? "" : " ";
            piece.remove_prefix(kSpaceMark.size());
        }
        text += piece;
    }
    return text;
}

std::vector<int32_t> Tokenizer::words(std::span<const int32_t> ids) const
{
    std::vector<int32_t> words;
    words.reserve(ids.size());
    int32_t word = -1;
    enum { anything, inWord, afterSpace } before = anything;
    for (int32_t id : ids) {
        const uint8_t traits = m_traits.at(static_cast<size_t>(id));
        const bool special = id < kSpecialTokens;
        if (!isFrame(id) && (special || before == anything || traits & beginsWord || (traits & standsAlone && before != afterSpace)))
            ++word;
        words.push_back(isFrame(id) ? -1 : word);
        before = special || traits & standsAlone ? anything : piece(id) == kSpaceMark ? afterSpace : inWord;
    }
    return words;
}

std::vector<int32_t> Tokenizer::sentences(std::span<const int32_t> ids) const
{
    std::vector<int32_t> sentences;
    sentences.reserve(ids.size());
    int32_t sentence = 0;
    bool ended = false;
    for (int32_t id : ids) {
        const bool ends = m_traits.at(static_cast<size_t>(id)) & endsSentence;
        if (ended && !ends && !isFrame(id)) // "?!" is one end
            ++sentence;
        sentences.push_back(isFrame(id) ? -1 : sentence);
        if (!isFrame(id))
            ended = ends;
    }
    return sentences;
}

nlohmann::json Tokenizer::toJson() const
{
    return {{"version", kTokenizerVersion}, {"kind", toText(m_kind)}, {"pieces", m_pieces}, {"scores", m_scores}};
}

Tokenizer Tokenizer::fromJson(const nlohmann::json &json)
{
    try {
        if (const int64_t version = wholeNumber(json.at("version"), 0, 1000); version != kTokenizerVersion)
            throw std::invalid_argument("[tokenizer] " + pretext::said("version is %1; this program reads version %2", {version, kTokenizerVersion}));
        return Tokenizer(tokenizerKind(json.at("kind")), json.at("pieces"), json.at("scores"));
    } catch (const nlohmann::json::exception &error) {
        throw std::invalid_argument("[tokenizer] " + pretext::said("the saved vocabulary is damaged: %1", {error.what()}));
    }
}

std::string wordPattern()
{
    const std::string mark(kSpaceMark), alone = punctuationClass() + ideographClass();
    return mark + "?(?:[" + alone + "]|[^" + mark + alone + "]+)";
}

} // namespace pretext
