#include "core/backend/cuda/cache.h"

#include <algorithm>
#include <utility>

namespace pretext::cuda {

namespace {

constexpr size_t kGrain = 256, kSmall = size_t(1) << 20, kSmallSegment = size_t(8) << 20, kLargeGrain = size_t(2) << 20;

size_t wholeGrains(size_t bytes, size_t grain)
{
    return std::max(grain, (bytes + grain - 1) / grain * grain);
}

} // namespace

Cache::Cache(SegmentSource source, bool caches) : m_source(source), m_caches(caches)
{
}

void *Cache::take(size_t asked)
{
    const std::lock_guard lock(m_mutex);
    takeBackLent();
    const size_t bytes = sizeFor(asked);
    Pool &pool = poolFor(bytes);
    char *piece = takeFrom(pool, bytes);
    if (!piece && addSegment(pool, bytes))
        piece = takeFrom(pool, bytes);
    if (!piece)
        return nullptr;
    m_statistics.bytesInUse += pool.pieces.at(piece).bytes;
    m_peak = std::max(m_peak, m_statistics.bytesInUse);
    return piece;
}

void Cache::give(void *piece, size_t asked, Fence until)
{
    const std::lock_guard lock(m_mutex);
    m_statistics.bytesInUse -= poolFor(sizeFor(asked)).pieces.at(static_cast<char *>(piece)).bytes;
    if (until.over())
        free(piece, asked);
    else
        m_lent.push_back({piece, asked, std::move(until)});
}

bool Cache::gave(const void *piece)
{
    const std::lock_guard lock(m_mutex);
    auto *const begin = const_cast<char *>(static_cast<const char *>(piece));
    return m_small.pieces.contains(begin) || m_large.pieces.contains(begin);
}

void Cache::takeBackLent()
{
    for (auto lent = m_lent.begin(); lent != m_lent.end();) {
        if (lent->until.over()) {
            free(lent->piece, lent->asked);
            lent = m_lent.erase(lent);
        } else
            ++lent;
    }
}

void Cache::free(void *given, size_t asked)
{
    Pool &pool = poolFor(sizeFor(asked));
    auto piece = pool.pieces.find(static_cast<char *>(given));
    piece->second.free = true;
    if (!piece->second.first && std::prev(piece)->second.free) {
        --piece;
        pool.free.erase({piece->second.bytes, piece->first});
        joinNext(pool, piece);
    }
    if (const auto next = std::next(piece); next != pool.pieces.end() && !next->second.first && next->second.free) {
        pool.free.erase({next->second.bytes, next->first});
        joinNext(pool, piece);
    }
    pool.free.insert({piece->second.bytes, piece->first});
    if (!m_caches)
        giveBack(pool);
}

size_t Cache::sizeFor(size_t asked) const
{
    return m_caches ? wholeGrains(asked, kGrain) : std::max<size_t>(asked, 1);
}

MemoryStatistics Cache::statistics()
{
    const std::lock_guard lock(m_mutex);
    m_statistics.bytesCached = m_held - m_statistics.bytesInUse;
    return m_statistics;
}

size_t Cache::peak()
{
    const std::lock_guard lock(m_mutex);
    return m_peak;
}

void Cache::beginPeak()
{
    const std::lock_guard lock(m_mutex);
    m_peak = m_statistics.bytesInUse;
}

void Cache::giveBack()
{
    const std::lock_guard lock(m_mutex);
    takeBackLent();
    giveBack(m_small);
    giveBack(m_large);
}

Cache::Pool &Cache::poolFor(size_t bytes)
{
    return bytes <= kSmall ? m_small : m_large;
}

/// The smallest free piece that is large enough; what is left of it stays free.
char *Cache::takeFrom(Pool &pool, size_t bytes)
{
    const auto found = pool.free.lower_bound({bytes, nullptr});
    if (found == pool.free.end())
        return nullptr;
    char *const begin = found->second;
    pool.free.erase(found);
    Piece &piece = pool.pieces.at(begin);
    piece.free = false;
    if (m_caches && piece.bytes > bytes) {
        pool.pieces.emplace(begin + bytes, Piece{piece.bytes - bytes, true, false});
        pool.free.insert({piece.bytes - bytes, begin + bytes});
        piece.bytes = bytes;
    }
    return begin;
}

bool Cache::addSegment(Pool &pool, size_t bytes)
{
    size_t size = !m_caches ? bytes : &pool == &m_small ? kSmallSegment : wholeGrains(bytes, kLargeGrain);
    void *segment = m_source.take(size);
    if (!segment) {
        giveBack(m_small);
        giveBack(m_large);
        segment = m_source.take(size = bytes);
    }
    if (!segment)
        return false;
    ++m_statistics.systemAllocations;
    m_held += size;
    pool.pieces.emplace(static_cast<char *>(segment), Piece{size, true, true});
    pool.free.insert({size, static_cast<char *>(segment)});
    return true;
}

void Cache::joinNext(Pool &pool, std::map<char *, Piece>::iterator piece)
{
    const auto next = std::next(piece);
    piece->second.bytes += next->second.bytes;
    pool.pieces.erase(next);
}

void Cache::giveBack(Pool &pool)
{
    for (auto piece = pool.pieces.begin(); piece != pool.pieces.end();) {
        const auto next = std::next(piece);
        const bool whole = piece->second.first && piece->second.free && (next == pool.pieces.end() || next->second.first);
        if (whole) {
            m_source.give(piece->first);
            m_held -= piece->second.bytes;
            pool.free.erase({piece->second.bytes, piece->first});
            pool.pieces.erase(piece);
        }
        piece = next;
    }
}

} // namespace pretext::cuda
