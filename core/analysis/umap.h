// UMAP (McInnes, Healy and Melville 2018): neighbours as a fuzzy set, and points in the plane or in space whose own fuzzy set is as much alike as can
// be. Clusters keep more of their places to each other than in t-SNE.
#pragma once

#include "core/analysis/layout.h"
#include "core/analysis/neighbourgraph.h"

namespace pretext {

struct UmapOptions
{
    int iterations = 0;         // epochs; 0: 500 of up to 10 000 points, 200 of more, as the paper has it
    double leastDistance = 0.1; // min_dist: how close points may lie
    double rate = 1;            // of the first step; it falls to nothing along a line
    int negatives = 5;          // points that each attraction also drives away
};
/// Of a map that was laid out before, whose points are near where they belong.
UmapOptions warmUmap(int iterations);

inline constexpr int kUmapNeighbours = 15;
/// The fuzzy set (algorithms 2 and 3): of each point's neighbours the nearest belongs to it wholly, the others so that their memberships sum to log2(k); the
/// union of both points' sights.
SparseMatrix fuzzySet(const NeighbourGraph &graph);

/// Membership of two points of the map at distance d: 1 / (1 + a d^(2 b)).
struct UmapCurve
{
    double a, b;
};
/// The curve that is nearest to one up to the least distance and falls off exponentially beyond (definition 11), in least squares over [0, 3].
UmapCurve umapCurve(double leastDistance);

class Umap : public Layout
{
public:
    /// `start` [n, d], finite. Throws std::invalid_argument where sizes differ.
    Umap(const SparseMatrix &memberships, const Matrix &start, const UmapOptions &options);
    void run(int iterations) override;
    Matrix points() const override { return m_points; }

private:
    struct Edge
    {
        int32_t from, to;
        float apart, next; // epochs between two times that it attracts, and the epoch of the next
    };
    void attract(const Edge &edge, float rate);
    void drive(int32_t point, int32_t away, float rate);

    UmapOptions m_options;
    float m_a, m_b;
    Matrix m_points;
    std::vector<Edge> m_edges;
};

} // namespace pretext
