#include "core/data/corrupt/choose.h"

#include "core/data/tokens/tokenizer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace pretext {

Content contentOf(std::span<const int32_t> ids)
{
    const auto framing = [](int32_t id) { return id == kPadding || id == kClassify || id == kSeparate; };
    Content content{0, ids.size()};
    while (content.begin < content.end && framing(ids[content.begin]))
        ++content.begin;
    while (content.end > content.begin && framing(ids[content.end - 1]))
        --content.end;
    return content;
}

void shuffle(std::vector<size_t> &values, Random &random)
{
    for (size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[random.below(static_cast<uint32_t>(i))]);
}

std::vector<size_t> chooseSome(size_t n, size_t count, Random &random)
{
    std::vector<size_t> all(n);
    std::iota(all.begin(), all.end(), size_t(0));
    count = std::min(count, n);
    for (size_t i = 0; i < count; ++i) // the first steps of a shuffle
        std::swap(all[i], all[i + random.below(static_cast<uint32_t>(n - i))]);
    all.resize(count);
    std::sort(all.begin(), all.end());
    return all;
}

std::vector<size_t> properPermutation(size_t n, Random &random)
{
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t(0));
    while (n > 1 && std::is_sorted(order.begin(), order.end()))
        shuffle(order, random);
    return order;
}

int32_t randomToken(const TokenSequence &sequence, Random &random)
{
    if (sequence.vocabulary <= kSpecialTokens)
        throw std::invalid_argument("[corrupt] a vocabulary of " + std::to_string(sequence.vocabulary) + " has no token to put in another's place");
    return kSpecialTokens + static_cast<int32_t>(random.below(static_cast<uint32_t>(sequence.vocabulary - kSpecialTokens)));
}

int poisson(float mean, Random &random)
{
    const float floor = std::exp(-mean);
    int count = 0;
    for (float product = random.uniform(); product > floor; product *= random.uniform())
        ++count;
    return count;
}

int geometric(float mean, Random &random)
{
    if (mean <= 1)
        return 1;
    return 1 + static_cast<int>(std::log(1 - random.uniform()) / std::log(1 - 1 / mean));
}

size_t shareOf(float share, size_t n)
{
    return std::min(n, static_cast<size_t>(std::lround(double(share) * double(n))));
}

void checkShare(const char *what, float share)
{
    if (!(share >= 0 && share <= 1))
        throw std::invalid_argument("[corrupt] " + std::string(what) + " is " + std::to_string(share) + "; it must be within 0 and 1");
}

void checkSame(const char *what, size_t count, size_t ids)
{
    if (count != ids)
        throw std::invalid_argument("[corrupt] " + std::to_string(count) + " " + what + " numbers for " + std::to_string(ids) + " tokens");
}

} // namespace pretext
