// What drives the points of a t-SNE map apart, summed over all pairs by Barnes-Hut (van der Maaten 2014, section 4.2): cells far enough away count as
// one point at their middle. Points of a leaf go through the tree together and then meet what it found side by side in vectors.
#pragma once

#include <cstdint>
#include <vector>

namespace pretext {

class Repulsion
{
public:
    /// In 2 or 3 dimensions. A cell counts as one point where its longest side is below `theta` of its distance; 0: every pair is computed.
    Repulsion(int dimensions, double theta) : m_dimensions(dimensions), m_theta(float(theta)) {}
    /// Of points [n, d]: forces [n, d], sum over j of q_ij^2 (y_i - y_j) with q_ij = 1 / (1 + |y_i - y_j|^2), and returns the sum of q_ij over all
    /// pairs i != j. The same for any number of threads.
    double of(const std::vector<float> &points, std::vector<float> &forces);

private:
    template<int D>
    double sums(const std::vector<float> &points, std::vector<float> &forces);

    int m_dimensions;
    float m_theta;
    int m_age = 0;                // of the order, in calls
    std::vector<int32_t> m_order; // of the points, by leaf
};

} // namespace pretext
