#include "core/data/tokens/segment.h"

#include "core/data/tokens/tokenizer.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <queue>

namespace pretext {

namespace {

constexpr double kUnknownPenalty = 10;

int32_t idIn(const PieceIndex &index, std::string_view piece)
{
    const auto found = index.ids.find(piece);
    return found == index.ids.end() ? kUnknown : found->second;
}

void appendMergingUnknown(std::vector<Segment> &out, size_t first, Segment segment)
{
    if (segment.id == kUnknown && out.size() > first && out.back().id == kUnknown)
        out.back().bytes += segment.bytes;
    else
        out.push_back(segment);
}

/// One symbol of a word that is being merged; a list linked by indices, -1 at the ends.
struct Symbol
{
    size_t begin, bytes;
    int previous, next;
};

/// The best piece first; of one piece the way whose left side is shorter, then the leftmost: the order of a list of merges, as other programs have it.
struct Merge
{
    float score;
    int left, right;
    size_t leftBytes, bytes; // of its left side and of the result: a merge whose sides have changed since is stale

    bool operator<(const Merge &other) const
    {
        if (score != other.score)
            return score < other.score;
        return leftBytes != other.leftBytes ? leftBytes > other.leftBytes : left > other.left;
    }
};

} // namespace

void cutMostProbable(std::string_view word, const PieceIndex &index, const std::vector<float> &scores, float rarest, std::vector<Segment> &out)
{
    struct Best
    {
        double score = 0;
        size_t begin = SIZE_MAX;
        int32_t id = kUnknown;
    };
    std::vector<Best> best(word.size() + 1); // of the cuts that end here
    best[0].begin = 0;
    const auto offer = [&](size_t begin, size_t end, int32_t id, double score) {
        if (best[end].begin == SIZE_MAX || score > best[end].score)
            best[end] = {score, begin, id};
    };
    for (size_t begin = 0; begin < word.size();) {
        const size_t single = codePointAt(word, begin).bytes;
        bool covered = false;
        for (size_t end = begin + single; end <= word.size() && end - begin <= index.longest;) {
            const auto found = index.ids.find(word.substr(begin, end - begin));
            if (found != index.ids.end()) {
                offer(begin, end, found->second, best[begin].score + double(scores[static_cast<size_t>(found->second)]));
                covered = covered || end == begin + single;
            }
            end += end < word.size() ? codePointAt(word, end).bytes : 1;
        }
        if (!covered)
            offer(begin, begin + single, kUnknown, best[begin].score + (double(rarest) - kUnknownPenalty));
        begin += single;
    }
    std::vector<Segment> reversed;
    for (size_t end = word.size(); end > 0; end = best[end].begin)
        reversed.push_back({best[end].id, end - best[end].begin});
    const size_t first = out.size();
    for (auto segment = reversed.rbegin(); segment != reversed.rend(); ++segment)
        appendMergingUnknown(out, first, *segment);
}

void cutByMerges(std::string_view word, const PieceIndex &index, const std::vector<float> &scores, std::vector<Segment> &out)
{
    std::vector<Symbol> symbols;
    for (size_t at = 0; at < word.size(); at += symbols.back().bytes) {
        const int i = static_cast<int>(symbols.size());
        symbols.push_back({at, codePointAt(word, at).bytes, i - 1, i + 1});
    }
    if (symbols.empty())
        return;
    symbols.back().next = -1;

    std::priority_queue<Merge> merges;
    const auto consider = [&](int left, int right) {
        if (left < 0 || right < 0)
            return;
        const size_t bytes = symbols[left].bytes + symbols[right].bytes;
        if (const auto found = index.ids.find(word.substr(symbols[left].begin, bytes)); found != index.ids.end())
            merges.push({scores[static_cast<size_t>(found->second)], left, right, symbols[left].bytes, bytes});
    };
    for (int i = 1; i < static_cast<int>(symbols.size()); ++i)
        consider(i - 1, i);
    while (!merges.empty()) {
        const Merge merge = merges.top();
        merges.pop();
        Symbol &left = symbols[merge.left], &right = symbols[merge.right];
        if (left.bytes == 0 || right.bytes == 0 || left.bytes + right.bytes != merge.bytes)
            continue;
        left.bytes = merge.bytes;
        left.next = right.next;
        if (right.next >= 0)
            symbols[right.next].previous = merge.left;
        right.bytes = 0;
        consider(left.previous, merge.left);
        consider(merge.left, left.next);
    }
    const size_t first = out.size();
    for (int i = 0; i >= 0; i = symbols[i].next)
        appendMergingUnknown(out, first, {idIn(index, word.substr(symbols[i].begin, symbols[i].bytes)), symbols[i].bytes});
}

void cutCharacters(std::string_view word, const PieceIndex &index, std::vector<Segment> &out)
{
    for (size_t at = 0; at < word.size(); at += out.back().bytes) {
        const size_t bytes = codePointAt(word, at).bytes;
        out.push_back({idIn(index, word.substr(at, bytes)), bytes});
    }
}

size_t firstWord(std::string_view text)
{
    const size_t mark = text.starts_with(kSpaceMark) ? kSpaceMark.size() : 0;
    size_t end = mark;
    while (end < text.size() && !text.substr(end).starts_with(kSpaceMark)) {
        const CodePoint c = codePointAt(text, end);
        const bool alone = isPunctuation(c.value) || isIdeograph(c.value);
        if (alone && end > mark)
            break;
        end += c.bytes;
        if (alone)
            break;
    }
    return end;
}

void cutWords(std::string_view word, const PieceIndex &index, std::vector<Segment> &out)
{
    for (size_t at = 0; at < word.size(); at += out.back().bytes) {
        const size_t bytes = firstWord(word.substr(at));
        out.push_back({idIn(index, word.substr(at, bytes)), bytes});
    }
}

} // namespace pretext
