// The device's caching allocator, so that a training step that repeats finds the memory of the step before: asking CUDA for memory waits for all that the device
// has to do. Pieces are cut from segments and grow together again when they are free. Each cache is of one stream: a piece may be taken again at once, while work
// of that stream that used it still waits, as the next user comes after it. A piece that the other stream used, too, is free when that is done with it.
#pragma once

#include "core/backend/backend.h"
#include "core/backend/cuda/fence.h"

#include <cstddef>
#include <list>
#include <map>
#include <mutex>
#include <set>

namespace pretext::cuda {

/// Where segments come from. take gives null where there is no more.
struct SegmentSource
{
    void *(*take)(size_t bytes);
    void (*give)(void *segment);
};

class Cache
{
public:
    /// Where `caches` is false every request is a segment of its own, so that a checker of memory knows where it ends.
    explicit Cache(SegmentSource source, bool caches = true);
    /// At least this many bytes, aligned to 256; null where there are no more, even after what is free was given back.
    void *take(size_t bytes);
    /// What was taken with the same number of bytes. It is nobody's before the fence is passed.
    void give(void *piece, size_t bytes, Fence until = {});
    /// Whether the piece is of this cache.
    bool gave(const void *piece);
    MemoryStatistics statistics();
    size_t peak();
    void beginPeak();
    /// What is free goes back, as whole segments. Nothing may be running on the device that still uses it.
    void giveBack();

private:
    struct Piece
    {
        size_t bytes;
        bool free;
        bool first; // of a segment
    };
    /// Small pieces have segments of their own: one that stays would keep the next large one out.
    struct Pool
    {
        std::map<char *, Piece> pieces;
        std::set<std::pair<size_t, char *>> free;
    };

    /// A piece that the other stream may still use.
    struct Lent
    {
        void *piece;
        size_t asked;
        Fence until;
    };

    void takeBackLent();
    void free(void *piece, size_t asked);
    Pool &poolFor(size_t bytes);
    size_t sizeFor(size_t asked) const;
    char *takeFrom(Pool &pool, size_t bytes);
    bool addSegment(Pool &pool, size_t bytes);
    void joinNext(Pool &pool, std::map<char *, Piece>::iterator piece);
    void giveBack(Pool &pool);

    SegmentSource m_source;
    bool m_caches;
    std::mutex m_mutex;
    Pool m_small, m_large;
    std::list<Lent> m_lent;
    size_t m_held = 0, m_peak = 0;
    MemoryStatistics m_statistics;
};

} // namespace pretext::cuda
