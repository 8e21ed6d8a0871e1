// A map in space as it is seen: turned under the user's hand, without perspective, so that what is parallel stays so.
#pragma once

#include "core/channels/channel.h"
#include "widgets/plots/scatter.h"

#include <array>

namespace pretext {

class MapOrbit
{
public:
    /// By as many pixels as the pointer moved.
    void turn(QPointF change);
    void reset();
    struct Seen
    {
        std::vector<QPointF> places; // upwards is positive
        Scatter::Space space;
    };
    Seen look(const Matrix &points) const; // [n, 3]
    /// Where the three axes point, as seen; of unit length in space.
    std::array<QPointF, 3> axes() const;

private:
    using Row = std::array<double, 3>;
    static std::array<Row, 3> first(); // a little from above and from the side, so that no axis is hidden

    std::array<Row, 3> m_turn = first(); // rows: right, up, towards the eye
};

} // namespace pretext
