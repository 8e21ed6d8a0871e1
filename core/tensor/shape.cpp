#include "core/tensor/shape.h"

#include <stdexcept>

namespace pretext {

Shape::Shape(std::initializer_list<int64_t> dims)
{
    if (dims.size() > kMaxRank)
        throw std::invalid_argument("[shape] at most " + std::to_string(kMaxRank) + " axes, not " + std::to_string(dims.size()));
    for (int64_t dim : dims)
        m_dims[m_rank++] = dim;
}

int64_t Shape::size(int first, int last) const
{
    int64_t size = 1;
    for (int axis = first; axis < last; ++axis)
        size *= m_dims[axis];
    return size;
}

Shape Shape::withAxis(int axis, int64_t extent) const
{
    Shape shape = *this;
    shape.m_dims[size_t(axis < 0 ? axis + m_rank : axis)] = extent;
    return shape;
}

std::string Shape::str() const
{
    std::string text = "[";
    for (int axis = 0; axis < m_rank; ++axis)
        text += (axis ? ", " : "") + std::to_string(m_dims[axis]);
    return text + "]";
}

} // namespace pretext
