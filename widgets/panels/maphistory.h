// The maps of one kind of a job by step, thinned evenly where there are many.
#pragma once

#include "core/analysis/embeddingmap.h"

#include <memory>
#include <vector>

namespace pretext {

struct KeptMap
{
    std::shared_ptr<const EmbeddingMap> map;
    std::shared_ptr<const std::vector<float>> apart = {}; // of each sample's two views, 1 - cosine; null where it was not asked for
    int iteration = 0, planned = 0;                       // of a layout that is on its way; 0 of 0: it is done
};

class MapHistory
{
public:
    static constexpr size_t kMost = 200;

    /// As the newest. Those of the same step and later ones go: it was rewound. Of more than kMost one goes whose neighbours in time are nearest to
    /// each other, but neither the first nor the last nor `kept`.
    void add(KeptMap map, const EmbeddingMap *kept);
    void clear() { m_maps.clear(); }
    int size() const { return int(m_maps.size()); }
    bool empty() const { return m_maps.empty(); }
    const KeptMap &at(int index) const { return m_maps[size_t(index)]; }
    int indexOf(const EmbeddingMap *map) const; // -1: gone

private:
    void thin(const EmbeddingMap *kept);

    std::vector<KeptMap> m_maps;
};

} // namespace pretext
