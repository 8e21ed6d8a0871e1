// t-SNE (van der Maaten and Hinton 2008): points in the plane or in space of which near ones stand for samples that are near each other in the
// embedding. What lies far apart on it, and how large its clusters are, means nothing.
#pragma once

#include "core/analysis/layout.h"
#include "core/analysis/neighbourgraph.h"
#include "core/analysis/repulsion.h"

namespace pretext {

struct TsneOptions
{
    int iterations = 1000; // all of them
    int exaggerated = 250; // of them, the first, in which what attracts counts so many times:
    double exaggeration = 12;
    double theta = 0.5; // of Barnes-Hut, see repulsion.h
};
/// Of a map that was laid out before: nothing is pulled together again.
TsneOptions warmTsne(int iterations);

/// Neighbours that t-SNE looks at: three times the perplexity, as the weights beyond are next to nothing.
int tsneNeighbours(double perplexity);
/// P, symmetric, of sum 1 (the paper's equations 1 and section 3.1): each row's bandwidth is such that its entropy is the perplexity's, which is at most the
/// graph's k.
SparseMatrix tsneAffinities(const NeighbourGraph &graph, double perplexity);
/// Where to begin: principal components [n, d] scaled down to a deviation of 1e-4 (Kobak and Berens 2019); scattered so where they have none.
Matrix tsneStart(const Matrix &principal);
/// KL(P || Q), every pair computed, in nats.
double tsneDivergence(const SparseMatrix &affinities, const Matrix &points);

class Tsne : public Layout
{
public:
    /// `start` [n, 2] or [n, 3], finite. Throws std::invalid_argument where sizes differ.
    Tsne(SparseMatrix affinities, const Matrix &start, const TsneOptions &options);
    void run(int iterations) override;
    Matrix points() const override;
    /// KL(P || Q) after the last iteration, to Barnes-Hut's precision.
    double divergence();
    /// dKL/dy [n, d] at the points, without exaggeration.
    Matrix gradient();

private:
    void attract(double exaggeration, double norm);
    template<int D>
    void attractIn(float exaggeration, float norm);
    void move(float momentum);

    SparseMatrix m_affinities;
    TsneOptions m_options;
    int m_dimensions;
    float m_rate;
    Repulsion m_repulsion;
    std::vector<float> m_points, m_forces, m_slope, m_update, m_gains; // [n, d]
};

} // namespace pretext
