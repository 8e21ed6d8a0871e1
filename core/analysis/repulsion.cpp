// The tree halves the points by their widest side until sixteen are left, a vector's worth. Its shape is that of a heap, so nodes need no links; and
// points move little from call to call, so it is kept for some calls, and only its boxes and middles are found anew.
#include "core/analysis/repulsion.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace pretext {

namespace {

constexpr int kLanes = 16, kKeptFor = 8; // calls
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

template<int D>
struct Cell
{
    std::array<float, D> low, high, middle;
    float mass = 0;

    void takeIn(const Cell &other)
    {
        for (int c = 0; c < D; ++c) {
            low[c] = std::min(low[c], other.low[c]);
            high[c] = std::max(high[c], other.high[c]);
            middle[c] = (mass * middle[c] + other.mass * other.middle[c]) / (mass + other.mass);
        }
        mass += other.mass;
    }
    float longestSide() const
    {
        float longest = 0;
        for (int c = 0; c < D; ++c)
            longest = std::max(longest, high[c] - low[c]);
        return longest;
    }
    /// Of the nearest place in this cell, squared.
    float distanceTo(const std::array<float, D> &place) const
    {
        float sum = 0;
        for (int c = 0; c < D; ++c) {
            const float apart = std::max({low[c] - place[c], place[c] - high[c], 0.f});
            sum += apart * apart;
        }
        return sum;
    }
};

/// What a leaf's points meet: places with the number of points that each stands for.
template<int D>
struct Met
{
    std::array<std::vector<float>, D> place;
    std::vector<float> mass;

    void clear()
    {
        for (std::vector<float> &values : place)
            values.clear();
        mass.clear();
    }
    void add(const std::array<float, D> &at, float points)
    {
        for (int c = 0; c < D; ++c)
            place[c].push_back(at[c]);
        mass.push_back(points);
    }
};

template<int D>
class RepulsionTree
{
public:
    RepulsionTree(const std::vector<float> &points, std::vector<int32_t> &order) : m_points(points), m_order(order)
    {
        while (m_leaves * kLanes < count())
            m_leaves *= 2;
    }
    int64_t count() const { return int64_t(m_points.size()) / D; }
    int64_t leaves() const { return m_leaves; }

    void sort()
    {
        m_order.resize(size_t(count()));
        std::iota(m_order.begin(), m_order.end(), 0);
        halve(0, m_leaves);
    }
    void findCells()
    {
        m_cells.resize(size_t(2 * m_leaves));
        for (int64_t leaf = 0; leaf < m_leaves; ++leaf)
            m_cells[size_t(m_leaves + leaf)] = leafCell(leaf);
        for (int64_t node = m_leaves - 1; node > 0; --node) {
            m_cells[size_t(node)] = m_cells[size_t(2 * node)];
            m_cells[size_t(node)].takeIn(m_cells[size_t(2 * node + 1)]);
        }
    }
    /// What the leaf's points see from where they are, themselves among it.
    void meet(int64_t leaf, float theta, Met<D> &met) const
    {
        const Cell<D> &own = m_cells[size_t(m_leaves + leaf)];
        met.clear();
        int64_t stack[128];
        int depth = 0;
        stack[depth++] = 1;
        while (depth > 0) {
            const int64_t node = stack[--depth];
            const Cell<D> &cell = m_cells[size_t(node)];
            const float side = cell.longestSide();
            if (side * side < theta * theta * own.distanceTo(cell.middle))
                met.add(cell.middle, cell.mass);
            else if (node >= m_leaves)
                for (int64_t at = first(node - m_leaves); at < first(node - m_leaves + 1); ++at)
                    met.add(place(at), 1);
            else {
                stack[depth++] = 2 * node + 1;
                stack[depth++] = 2 * node;
            }
        }
    }
    /// Forces of a leaf's points; returns their sum of q.
    double push(int64_t leaf, const Met<D> &met, std::vector<float> &forces) const
    {
        const int64_t begin = first(leaf), size = first(leaf + 1) - begin;
        Lanes own[D], force[D], sum = Lanes{};
        for (int c = 0; c < D; ++c) {
            force[c] = Lanes{};
            for (int lane = 0; lane < kLanes; ++lane)
                own[c][lane] = place(begin + std::min<int64_t>(lane, size - 1))[c];
        }
        for (size_t j = 0; j < met.mass.size(); ++j) {
            Lanes apart[D], distance = Lanes{} + 1.f;
            for (int c = 0; c < D; ++c) {
                apart[c] = own[c] - met.place[c][j];
                distance += apart[c] * apart[c];
            }
            const Lanes q = 1.f / distance, weighted = met.mass[j] * q, squared = weighted * q;
            sum += weighted;
            for (int c = 0; c < D; ++c)
                force[c] += squared * apart[c];
        }
        double total = 0;
        for (int64_t lane = 0; lane < size; ++lane) {
            total += double(sum[lane]) - 1; // of the point with itself
            for (int c = 0; c < D; ++c)
                forces[size_t(m_order[size_t(begin + lane)]) * D + c] = force[c][lane];
        }
        return total;
    }

private:
    int64_t first(int64_t leaf) const { return count() * leaf / m_leaves; }
    std::array<float, D> place(int64_t at) const
    {
        std::array<float, D> result;
        std::copy_n(&m_points[size_t(m_order[size_t(at)]) * D], D, result.begin());
        return result;
    }
    Cell<D> cellOf(int64_t begin, int64_t end) const
    {
        Cell<D> cell;
        std::array<double, D> sum{};
        cell.low.fill(std::numeric_limits<float>::infinity());
        cell.high.fill(-std::numeric_limits<float>::infinity());
        for (int64_t at = begin; at < end; ++at) {
            const std::array<float, D> here = place(at);
            for (int c = 0; c < D; ++c) {
                cell.low[c] = std::min(cell.low[c], here[c]);
                cell.high[c] = std::max(cell.high[c], here[c]);
                sum[c] += here[c];
            }
        }
        for (int c = 0; c < D; ++c)
            cell.middle[c] = float(sum[c] / double(end - begin));
        cell.mass = float(end - begin);
        return cell;
    }
    Cell<D> leafCell(int64_t leaf) const { return cellOf(first(leaf), first(leaf + 1)); }
    /// The points of leaves [from, to), by the side on which they lie farthest apart.
    void halve(int64_t from, int64_t to)
    {
        if (to - from < 2)
            return;
        const int64_t between = (from + to) / 2;
        const Cell<D> box = cellOf(first(from), first(to));
        int widest = 0;
        for (int c = 1; c < D; ++c)
            if (box.high[c] - box.low[c] > box.high[widest] - box.low[widest])
                widest = c;
        const auto nearer = [&](int32_t a, int32_t b) {
            const float x = m_points[size_t(a) * D + widest], y = m_points[size_t(b) * D + widest];
            return x != y ? x < y : a < b;
        };
        std::nth_element(m_order.begin() + first(from), m_order.begin() + first(between), m_order.begin() + first(to), nearer);
        halve(from, between);
        halve(between, to);
    }

    const std::vector<float> &m_points;
    std::vector<int32_t> &m_order;
    int64_t m_leaves = 1;
    std::vector<Cell<D>> m_cells; // 1 is the root, 2 i and 2 i + 1 are the halves of i
};

} // namespace

template<int D>
double Repulsion::sums(const std::vector<float> &points, std::vector<float> &forces)
{
    RepulsionTree<D> tree(points, m_order);
    if (m_age++ % kKeptFor == 0 || int64_t(m_order.size()) != tree.count())
        tree.sort();
    tree.findCells();
    forces.resize(points.size());
    std::vector<double> sums(size_t(tree.leaves()));
#pragma omp parallel
    {
        Met<D> met;
#pragma omp for schedule(dynamic, 4)
        for (int64_t leaf = 0; leaf < tree.leaves(); ++leaf) {
            tree.meet(leaf, m_theta, met);
            sums[size_t(leaf)] = tree.push(leaf, met, forces);
        }
    }
    return std::accumulate(sums.begin(), sums.end(), 0.); // in the same order for any number of threads
}

double Repulsion::of(const std::vector<float> &points, std::vector<float> &forces)
{
    return m_dimensions == 3 ? sums<3>(points, forces) : sums<2>(points, forces);
}

} // namespace pretext
