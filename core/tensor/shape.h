// The extents of a tensor, outermost first. Images are N x H x W x C throughout the project.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace pretext {

class Shape
{
public:
    static constexpr int kMaxRank = 6;

    Shape() = default;
    Shape(std::initializer_list<int64_t> dims);

    int rank() const { return m_rank; }
    /// Extent of axis `axis`; negative counts from the end.
    int64_t operator[](int axis) const { return m_dims[axis < 0 ? axis + m_rank : axis]; }
    int64_t size() const { return size(0, m_rank); }
    /// Of the axes from `first` to before `last` alone.
    int64_t size(int first, int last) const;
    /// The same shape but for one axis.
    Shape withAxis(int axis, int64_t extent) const;
    std::string str() const; // "[256, 28, 28, 1]"

    friend bool operator==(const Shape &, const Shape &) = default;

private:
    std::array<int64_t, kMaxRank> m_dims{};
    int m_rank = 0;
};

} // namespace pretext
