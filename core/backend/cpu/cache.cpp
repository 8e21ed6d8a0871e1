#include "core/backend/cpu/cache.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace pretext::cpu {

namespace {

constexpr size_t kAlignment = 64, kPage = 4096, kMiddle = size_t(1) << 17, kLarge = size_t(5) << 17, kArena = size_t(1) << 30, kHugePage = size_t(1) << 21;

struct SizeClass
{
    size_t index, bytes;
};

/// Rounds up to 4, 5, 6 or 7 quarters of a power of two: at most a quarter is wasted.
SizeClass sizeClass(size_t bytes)
{
    bytes = std::max<size_t>(bytes, 4 * kAlignment);
    const size_t quarter = std::bit_floor(bytes) / 4;
    const size_t quarters = (bytes + quarter - 1) / quarter; // 4 .. 8
    return {size_t(std::countr_zero(quarter)) * 4 + quarters - 4, quarter * quarters};
}

size_t wholePages(size_t bytes)
{
    return (bytes + kPage - 1) / kPage * kPage;
}

/// What a block of so many bytes really takes.
size_t roundedUp(size_t bytes)
{
    return bytes > kMiddle ? wholePages(bytes) : sizeClass(bytes).bytes;
}

} // namespace

void *Cache::take(size_t bytes)
{
    const std::lock_guard lock(m_mutex);
    char *block = bytes > kMiddle ? takeLarge(arenasFor(bytes), wholePages(bytes)) : takeSmall(bytes);
    m_statistics.bytesInUse += roundedUp(bytes);
    m_peak = std::max(m_peak, m_statistics.bytesInUse);
    return block;
}

void Cache::give(void *block, size_t bytes)
{
    const std::lock_guard lock(m_mutex);
    m_statistics.bytesInUse -= roundedUp(bytes);
    if (bytes > kMiddle)
        giveLarge(arenasFor(bytes), static_cast<char *>(block), wholePages(bytes));
    else
        m_small[sizeClass(bytes).index].push_back(static_cast<char *>(block));
}

MemoryStatistics Cache::statistics()
{
    const std::lock_guard lock(m_mutex);
    m_statistics.bytesCached = m_held - m_statistics.bytesInUse;
    return m_statistics;
}

void Cache::beginPeak()
{
    const std::lock_guard lock(m_mutex);
    m_peak = m_statistics.bytesInUse;
}

size_t Cache::peak()
{
    const std::lock_guard lock(m_mutex);
    return m_peak;
}

/// Weights and what is remembered beside them have arenas of their own: they outlive a step's values, and one of them in a gap between those
/// would keep the next value out.
Cache::Arenas &Cache::arenasFor(size_t bytes)
{
    return bytes > kLarge ? m_large : m_middle;
}

char *Cache::takeSmall(size_t bytes)
{
    const SizeClass size = sizeClass(bytes);
    auto &blocks = m_small[size.index];
    if (blocks.empty()) {
        char *block = fromSystem(size.bytes);
        m_held += size.bytes;
        ++m_statistics.systemAllocations;
        return block;
    }
    char *block = blocks.back();
    blocks.pop_back();
    return block;
}

void Cache::giveBack()
{
    const std::lock_guard lock(m_mutex);
    giveBackSmall();
    giveBackLarge(m_middle);
    giveBackLarge(m_large);
}

/// Of free pieces the pages, not the addresses. What lies behind the last piece in use counts as never used again.
void Cache::giveBackLarge(Arenas &arenas)
{
    for (auto &[arena, touched] : arenas.touched)
        for (auto piece = arenas.free.lower_bound(arena); piece != arenas.free.end() && piece->first < arena + touched; ++piece) {
            const auto [begin, size] = *piece;
            const size_t used = std::min(size, size_t(arena + touched - begin));
            madvise(begin, wholePages(used), MADV_DONTNEED);
            if (used < size || begin + size == arena + touched) {
                m_held -= used;
                touched -= used;
                break;
            }
        }
}

/// The first free piece that is large enough. A step gives back in the reverse order of taking, which leaves its pieces together.
char *Cache::takeLarge(Arenas &arenas, size_t bytes)
{
    const auto fits = [bytes](const auto &piece) { return piece.second >= bytes; };
    auto found = std::ranges::find_if(arenas.free, fits);
    if (found == arenas.free.end()) {
        addArena(arenas, bytes);
        found = std::ranges::find_if(arenas.free, fits);
    }
    const auto [begin, size] = *found;
    arenas.free.erase(found);
    if (size > bytes)
        arenas.free.emplace(begin + bytes, size - bytes);
    touch(arenas, begin + bytes);
    return begin;
}

void Cache::giveLarge(Arenas &arenas, char *begin, size_t bytes)
{
    // With its free neighbours it becomes one piece, but not across the border of two arenas.
    const auto next = arenas.free.find(begin + bytes);
    if (next != arenas.free.end() && !arenas.touched.contains(begin + bytes)) {
        bytes += next->second;
        arenas.free.erase(next);
    }
    const auto after = arenas.free.lower_bound(begin);
    if (after != arenas.free.begin() && !arenas.touched.contains(begin))
        if (const auto before = std::prev(after); before->first + before->second == begin) {
            begin = before->first;
            bytes += before->second;
            arenas.free.erase(before);
        }
    arenas.free.emplace(begin, bytes);
}

void Cache::touch(Arenas &arenas, char *end)
{
    auto &[begin, touched] = *std::prev(arenas.touched.lower_bound(end));
    const size_t reached = size_t(end - begin);
    if (reached <= touched)
        return;
    m_held += reached - touched;
    touched = reached;
    ++m_statistics.systemAllocations;
}

/// Much more than is asked for, since what is not used costs nothing; where the system does not give that, only this. In huge pages where the
/// system has them: scattered small ones compete for the same places of the second cache.
void Cache::addArena(Arenas &arenas, size_t bytes)
{
    size_t size = std::max(bytes, kArena);
    char *begin = static_cast<char *>(std::aligned_alloc(kHugePage, size));
    if (begin)
        madvise(begin, size, MADV_HUGEPAGE);
    else
        begin = fromSystem(size = bytes);
    arenas.touched[begin] = 0;
    arenas.free.emplace(begin, size);
}

char *Cache::fromSystem(size_t bytes)
{
    void *block = std::aligned_alloc(kAlignment, bytes);
    if (!block) {
        giveBackSmall();
        block = std::aligned_alloc(kAlignment, bytes);
    }
    if (!block)
        throw std::bad_alloc();
    return static_cast<char *>(block);
}

void Cache::giveBackSmall()
{
    for (size_t index = 0; index < m_small.size(); ++index) {
        for (char *block : m_small[index])
            std::free(block);
        m_held -= m_small[index].size() * ((index % 4 + 4) << index / 4);
        m_small[index].clear();
    }
}

} // namespace pretext::cpu
