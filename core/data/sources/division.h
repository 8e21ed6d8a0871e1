// Which samples are held out of data that come without a split, so that no picture is both trained on and judged by.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pretext {

/// Fewer are divided by their labels, so that there is enough to judge by; of more, one in ten is held out by a hash, as ever.
constexpr size_t kSmallSet = 200;

struct Divisible
{
    std::string_view label;
    uint64_t hash = 0; // decides
    size_t first = 0;  // the first sample of the same content; its own place where there is no earlier one
};

struct Division
{
    std::vector<bool> heldOut;
    bool byLabel = false;     // a fifth of each label's samples, at least
    bool labelled = false;    // there is more than one label
    bool copiesApart = false; // every label has one content only: copies had to be told apart to hold anything out
    size_t alone = 0;         // of those held out, how many have no other of their label to learn it by
};
/// Samples that are alone in their label are held out only where the other labels do not give a fifth of all.
Division divide(std::span<const Divisible> samples);

/// How it was divided and what copies there are, in sentences: "One image in ten, chosen by its path, is held out. ..."
std::string inWords(const Division &division, size_t copies);
/// Its last sentence, with a space before it; empty where there are no copies.
std::string copiesInWords(const Division &division, size_t copies);
/// Why scores on what is held out say nothing; empty where they do.
std::string doubtIn(const Division &division);

/// Of samples with these content hashes, the place of the first of the same content.
std::vector<size_t> firstOfContent(std::span<const uint64_t> contents);
size_t copiesIn(std::span<const size_t> firsts);

/// 64 bits of a content, the same on every machine of one byte order: it is compared, and kept in this machine's cache only.
uint64_t contentHash(const void *bytes, size_t size, uint64_t begun = 0xcbf29ce484222325ull);

} // namespace pretext
