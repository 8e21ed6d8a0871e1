#include "core/data/sources/division.h"

#include "core/files/said.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>

namespace pretext {

namespace {

constexpr size_t kFifth = 5;

constexpr const char *kOneInTen = PRETEXT_SAID("One image in ten, chosen by its path, is held out.");
/// By whether there are several labels, and fewer than kSmallSet images.
constexpr const char *kOneInFive[2][2] = {
    {PRETEXT_SAID("At least one image in five, chosen by its path, is held out, since there are so few that differ."),
     PRETEXT_SAID("At least one image in five, chosen by its path, is held out, since there are fewer than %1.")},
    {PRETEXT_SAID("At least one image in five of each label, chosen by its path, is held out, since there are so few that differ."),
     PRETEXT_SAID("At least one image in five of each label, chosen by its path, is held out, since there are fewer than %1.")},
};
/// Of one copy and of several.
constexpr const char *kCopiesTogether[2] = {
    PRETEXT_SAID("%1 image is a copy of others, and held out or trained on together with them."),
    PRETEXT_SAID("%1 images are copies of others, and held out or trained on together with them."),
};
/// The same, by whether there are several labels.
constexpr const char *kCopiesApart[2][2] = {
    {PRETEXT_SAID("%1 image is a copy of others; there is one picture only, so that held-out ones are copies of trained ones, and scores say nothing."),
     PRETEXT_SAID("%1 images are copies of others; there is one picture only, so that held-out ones are copies of trained ones, and scores say nothing.")},
    {PRETEXT_SAID("%1 image is a copy of others; each label has one picture only, so that held-out ones are copies of trained ones, and scores say nothing."),
     PRETEXT_SAID(
         "%1 images are copies of others; each label has one picture only, so that held-out ones are copies of trained ones, and scores say nothing.")},
};

/// By whether it is one of them, and how many are held out.
constexpr const char *kAlone[2] = {
    PRETEXT_SAID("%1 of %2 held-out samples is the only one of its label, so that no neighbour and no probe can name it."),
    PRETEXT_SAID("%1 of %2 held-out samples are the only ones of their labels, so that no neighbour and no probe can name them."),
};

/// The places of each label's samples, of one content together: by the hash of the first, the rest behind it.
using Contents = std::vector<std::vector<size_t>>;

/// The places of the samples of each label that has several, and of those that are alone in theirs.
struct Labels
{
    explicit Labels(std::span<const Divisible> samples)
    {
        std::map<std::string_view, std::vector<size_t>> byName;
        for (size_t i = 0; i < samples.size(); ++i)
            byName[samples[i].label].push_back(i);
        for (auto &[label, places] : byName)
            places.size() > 1 ? several.push_back(std::move(places)) : alone.push_back(places.front());
    }

    std::vector<std::vector<size_t>> several;
    std::vector<size_t> alone;
};

size_t aFifthOf(size_t samples)
{
    return (samples + kFifth - 1) / kFifth;
}

Contents contentsOf(std::span<const Divisible> samples, const std::vector<size_t> &places)
{
    std::map<std::pair<uint64_t, size_t>, std::vector<size_t>> sorted;
    for (size_t place : places) {
        const size_t first = samples[place].first;
        sorted[{samples[first].hash, first}].push_back(place);
    }
    Contents contents;
    for (auto &[key, places] : sorted)
        contents.push_back(std::move(places));
    return contents;
}

/// At least a fifth of each label's samples, whole contents, one of them always left to train on. A content with several labels goes where the first of
/// them put it.
class ContentsHeldOut
{
public:
    explicit ContentsHeldOut(std::span<const Divisible> samples) : m_samples(samples)
    {
        const Labels labels(samples);
        for (const std::vector<size_t> &places : labels.several)
            choose(contentsOf(samples, places), aFifthOf(places.size()));
        if (const size_t wanted = aFifthOf(samples.size()); m_taken < wanted)
            choose(contentsOf(samples, labels.alone), wanted - m_taken);
    }
    bool heldOut(size_t place) const
    {
        const auto decided = m_decided.find(m_samples[place].first);
        return decided != m_decided.end() && decided->second;
    }

private:
    void choose(Contents contents, size_t wanted);

    std::span<const Divisible> m_samples;
    std::unordered_map<size_t, bool> m_decided; // by the first of a content
    size_t m_taken = 0;                         // samples, of all labels
};

void ContentsHeldOut::choose(Contents contents, size_t wanted)
{
    size_t taken = 0, left = contents.size();
    std::vector<bool *> open; // what no other label has decided yet
    std::vector<size_t> sizes;
    for (const std::vector<size_t> &content : contents) {
        const auto [at, fresh] = m_decided.emplace(m_samples[content.front()].first, false);
        if (fresh) {
            open.push_back(&at->second);
            sizes.push_back(content.size());
        } else if (at->second) {
            taken += content.size();
            --left;
        }
    }
    const auto take = [&](size_t i) {
        *open[i] = true;
        taken += sizes[i];
        m_taken += sizes[i];
        --left;
    };
    for (size_t i = 0; i < open.size() && left > 1; ++i) // in the hashes' order, as long as they fit
        if (taken + sizes[i] <= wanted)
            take(i);
    while (taken < wanted && left > 1) { // else the smallest
        size_t best = open.size();
        for (size_t i = 0; i < open.size(); ++i)
            if (!*open[i] && (best == open.size() || sizes[i] < sizes[best]))
                best = i;
        if (best == open.size())
            return;
        take(best);
    }
}

/// A fifth of each label's samples, whatever they show.
void holdOutSamples(std::span<const Divisible> samples, std::vector<bool> &out)
{
    for (std::vector<size_t> &places : Labels(samples).several) {
        std::sort(places.begin(), places.end(), [&](size_t a, size_t b) { return std::pair(samples[a].hash, a) < std::pair(samples[b].hash, b); });
        for (size_t i = 0; i < aFifthOf(places.size()); ++i)
            out[places[i]] = true;
    }
}

bool oneSided(const std::vector<bool> &out)
{
    return std::adjacent_find(out.begin(), out.end(), std::not_equal_to<>()) == out.end();
}

} // namespace

Division divide(std::span<const Divisible> samples)
{
    Division division{std::vector<bool>(samples.size(), false), samples.size() < kSmallSet};
    if (samples.size() < 2)
        return division;
    division.labelled = std::any_of(samples.begin(), samples.end(), [&](const Divisible &sample) { return sample.label != samples.front().label; });
    std::vector<bool> &out = division.heldOut;
    if (division.byLabel) {
        const ContentsHeldOut contents(samples);
        for (size_t i = 0; i < samples.size(); ++i)
            out[i] = contents.heldOut(i);
    } else {
        for (size_t i = 0; i < samples.size(); ++i)
            out[i] = samples[samples[i].first].hash % 10 == 0;
    }
    if (oneSided(out)) {
        division.byLabel = true;
        division.copiesApart = std::any_of(samples.begin(), samples.end(), [&](const Divisible &sample) { return &samples[sample.first] != &sample; });
        out.assign(samples.size(), false);
        holdOutSamples(samples, out);
    }
    if (oneSided(out)) // copies that have a label each
        out.back() = !out.back();
    if (division.byLabel && division.labelled)
        division.alone = size_t(std::ranges::count_if(Labels(samples).alone, [&](size_t place) { return out[place]; }));
    return division;
}

std::string inWords(const Division &division, size_t copies)
{
    const char *const text = !division.byLabel ? kOneInTen : kOneInFive[division.labelled][division.heldOut.size() < kSmallSet];
    return pretext::said(text, {kSmallSet}) + copiesInWords(division, copies);
}

std::string copiesInWords(const Division &division, size_t copies)
{
    if (copies == 0)
        return {};
    const char *const text = !division.copiesApart ? kCopiesTogether[copies > 1] : kCopiesApart[division.labelled][copies > 1];
    return " " + pretext::said(text, {copies});
}

std::string doubtIn(const Division &division)
{
    if (division.copiesApart)
        return pretext::said("Held-out samples are copies of trained ones, so that these scores say nothing.");
    if (division.alone == 0)
        return {};
    return pretext::said(kAlone[division.alone > 1], {division.alone, std::ranges::count(division.heldOut, true)});
}

std::vector<size_t> firstOfContent(std::span<const uint64_t> contents)
{
    std::unordered_map<uint64_t, size_t> firsts;
    std::vector<size_t> result;
    for (size_t i = 0; i < contents.size(); ++i)
        result.push_back(firsts.emplace(contents[i], i).first->second);
    return result;
}

size_t copiesIn(std::span<const size_t> firsts)
{
    size_t copies = 0;
    for (size_t i = 0; i < firsts.size(); ++i)
        copies += firsts[i] != i;
    return copies;
}

uint64_t contentHash(const void *bytes, size_t size, uint64_t begun)
{
    uint64_t hash = begun ^ size;
    const auto *at = static_cast<const unsigned char *>(bytes);
    for (size_t left = size; left > 0;) {
        uint64_t word = 0;
        const size_t taken = std::min(left, sizeof word);
        std::memcpy(&word, at, taken);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 29;
        at += taken;
        left -= taken;
    }
    return hash;
}

} // namespace pretext
