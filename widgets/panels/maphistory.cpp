#include "widgets/panels/maphistory.h"

#include <limits>

namespace pretext {

void MapHistory::add(KeptMap map, const EmbeddingMap *kept)
{
    while (!m_maps.empty() && m_maps.back().map->step >= map.map->step)
        m_maps.pop_back();
    m_maps.push_back(std::move(map));
    if (m_maps.size() > kMost)
        thin(kept);
}

void MapHistory::thin(const EmbeddingMap *kept)
{
    size_t least = 0;
    int64_t shortest = std::numeric_limits<int64_t>::max();
    for (size_t i = 1; i + 1 < m_maps.size(); ++i)
        if (const int64_t apart = m_maps[i + 1].map->step - m_maps[i - 1].map->step; apart < shortest && m_maps[i].map.get() != kept) {
            shortest = apart;
            least = i;
        }
    m_maps.erase(m_maps.begin() + long(least));
}

int MapHistory::indexOf(const EmbeddingMap *map) const
{
    for (size_t i = 0; i < m_maps.size(); ++i)
        if (m_maps[i].map.get() == map)
            return int(i);
    return -1;
}

} // namespace pretext
