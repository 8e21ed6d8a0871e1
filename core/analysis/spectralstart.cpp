// Eigenvectors by a Krylov space of a block of vectors, begun again from the best of it until they hold still: a block, since those of a graph that is nearly
// in parts lie near each other.
#include "core/analysis/spectralstart.h"

#include "core/analysis/eigen.h"
#include "core/tensor/random.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pretext {

namespace {

using Vectors = Eigen::MatrixXd; // [n, vectors]

constexpr int64_t kDenseUpTo = 300; // points, of which all eigenvectors at once cost less

/// D^-1/2 W D^-1/2 of a graph.
class NormalisedGraph
{
public:
    explicit NormalisedGraph(const SparseMatrix &graph) : m_graph(graph), m_root(graph.rows())
    {
        for (int64_t i = 0; i < graph.rows(); ++i) {
            double degree = 0;
            for (int64_t at = graph.starts[size_t(i)]; at < graph.starts[size_t(i + 1)]; ++at)
                degree += graph.values[size_t(at)];
            m_root[i] = std::sqrt(std::max(degree, 1e-30));
        }
    }
    int64_t points() const { return m_graph.rows(); }
    /// Of eigenvalue 1, where all is connected.
    Eigen::VectorXd first() const { return m_root.normalized(); }
    Vectors times(const Vectors &vectors) const
    {
        Vectors result = Vectors::Zero(vectors.rows(), vectors.cols());
        for (int64_t i = 0; i < points(); ++i)
            for (int64_t at = m_graph.starts[size_t(i)]; at < m_graph.starts[size_t(i + 1)]; ++at) {
                const int32_t j = m_graph.columns[size_t(at)];
                result.row(i) += m_graph.values[size_t(at)] / (m_root[i] * m_root[j]) * vectors.row(j);
            }
        return result;
    }

private:
    const SparseMatrix &m_graph;
    Eigen::VectorXd m_root; // of degrees
};

/// The part of a block that the first columns of a basis do not span, as an orthonormal one. Twice, as once leaves what rounding brings.
Vectors orthonormal(Vectors block, const Vectors &basis, Eigen::Index columns)
{
    for (int twice = 0; twice < 2; ++twice)
        block -= basis.leftCols(columns) * (basis.leftCols(columns).transpose() * block).eval();
    const Eigen::HouseholderQR<Vectors> qr(block);
    return qr.householderQ() * Vectors::Identity(block.rows(), block.cols());
}

/// Whether a vector is no longer than a share of how far its eigenvalue is from the first.
bool holdsStill(const NormalisedGraph &graph, const Vectors &found, const Eigen::VectorXd &values)
{
    constexpr double kShare = 1e-3, kSmallest = 1e-6;
    const Vectors rest = graph.times(found) - found * values.asDiagonal();
    for (Eigen::Index i = 0; i < found.cols(); ++i)
        if (rest.col(i).norm() > std::max(kShare * (1 - values[i]), kSmallest))
            return false;
    return true;
}

/// Largest first, [n, count].
Vectors byKrylovSpace(const NormalisedGraph &graph, int count, const std::function<bool(double)> &progress)
{
    constexpr int kSpare = 2, kSteps = 30, kRounds = 20;
    const int width = count + kSpare;
    Random random(5);
    Vectors block(graph.points(), width);
    for (Eigen::Index i = 0; i < block.size(); ++i)
        block.data()[i] = random.normal();
    Vectors basis(graph.points(), 1 + kSteps * width), images(graph.points(), kSteps * width);
    basis.col(0) = graph.first();
    for (int round = 0; round < kRounds; ++round) {
        if (progress && !progress(double(round) / kRounds))
            return {};
        for (int step = 0; step < kSteps; ++step) {
            block = orthonormal(std::move(block), basis, 1 + step * width);
            basis.middleCols(1 + step * width, width) = block;
            images.middleCols(step * width, width) = block = graph.times(block);
        }
        const auto own = basis.rightCols(kSteps * width);
        const Eigen::SelfAdjointEigenSolver<Vectors> inside(own.transpose() * images); // values rise
        block = own * inside.eigenvectors().rightCols(width).rowwise().reverse();
        if (holdsStill(graph, block.leftCols(count), inside.eigenvalues().tail(count).reverse()))
            break;
    }
    return block.leftCols(count);
}

/// The same, of all of them. Those beyond are zeros.
Vectors byAll(const NormalisedGraph &graph, int count)
{
    const Vectors whole = graph.times(Vectors::Identity(graph.points(), graph.points()));
    const Eigen::SelfAdjointEigenSolver<Vectors> all((whole + whole.transpose()) / 2); // values rise, the last is the first one's
    const Eigen::Index there = std::min<Eigen::Index>(count, graph.points() - 1);
    Vectors found = Vectors::Zero(graph.points(), count);
    found.leftCols(there) = all.eigenvectors().middleCols(graph.points() - 1 - there, there).rowwise().reverse();
    return found;
}

/// An eigenvector's sign is nobody's: its largest entry is positive.
void turnUp(Vectors &vectors)
{
    for (Eigen::Index column = 0; column < vectors.cols(); ++column) {
        Eigen::Index largest = 0;
        vectors.col(column).cwiseAbs().maxCoeff(&largest);
        if (vectors(largest, column) < 0)
            vectors.col(column) *= -1;
    }
}

/// The rows and columns of a graph that belong to a part, and which they are.
SparseMatrix partOf(const SparseMatrix &graph, const std::vector<int> &parts, int part, std::vector<int64_t> &members)
{
    std::vector<int32_t> places(parts.size(), -1);
    members.clear();
    for (size_t i = 0; i < parts.size(); ++i)
        if (parts[i] == part) {
            places[i] = int32_t(members.size());
            members.push_back(int64_t(i));
        }
    SparseMatrix result;
    result.starts.push_back(0);
    for (const int64_t i : members) {
        for (int64_t at = graph.starts[size_t(i)]; at < graph.starts[size_t(i + 1)]; ++at) {
            result.columns.push_back(places[size_t(graph.columns[size_t(at)])]);
            result.values.push_back(graph.values[size_t(at)]);
        }
        result.starts.push_back(int64_t(result.columns.size()));
    }
    return result;
}

/// Few parts on the axes, to both sides.
Vectors onAxes(int parts, int dimensions)
{
    Vectors middles = Vectors::Zero(parts, dimensions);
    const int half = (parts + 1) / 2;
    for (int part = 0; part < parts; ++part)
        middles(part, part % half) = part < half ? 1 : -1;
    return middles;
}

/// Many by how near their middles are: exp(-d^2), and of that the eigenvectors of its Laplacian, each entry by the root of its degree.
Vectors byMiddles(const Matrix &rows, const std::vector<int> &parts, int count, int dimensions)
{
    Vectors middles = Vectors::Zero(count, rows.columns);
    Eigen::VectorXd sizes = Eigen::VectorXd::Zero(count);
    for (int64_t i = 0; i < rows.rows; ++i) {
        middles.row(parts[size_t(i)]) += eigen(rows).row(i).cast<double>();
        sizes[parts[size_t(i)]] += 1;
    }
    middles = sizes.cwiseInverse().asDiagonal() * middles;
    Vectors near(count, count);
    for (int a = 0; a < count; ++a)
        for (int b = 0; b < count; ++b)
            near(a, b) = a == b ? 0 : std::exp(-(middles.row(a) - middles.row(b)).squaredNorm());
    const Eigen::VectorXd root = near.rowwise().sum().cwiseMax(1e-30).cwiseSqrt();
    const Vectors normalised = root.cwiseInverse().asDiagonal() * near * root.cwiseInverse().asDiagonal();
    const Eigen::SelfAdjointEigenSolver<Vectors> all(normalised);
    Vectors found = root.cwiseInverse().asDiagonal() * all.eigenvectors().middleCols(count - 1 - dimensions, dimensions).rowwise().reverse();
    turnUp(found);
    return found / std::max(found.maxCoeff(), 1e-30);
}

/// Half the way from a part to the nearest other one.
double roomOf(const Vectors &middles, int part)
{
    double nearest = 0;
    for (Eigen::Index other = 0; other < middles.rows(); ++other)
        if (const double apart = (middles.row(other) - middles.row(part)).norm(); apart > 0 && (nearest == 0 || apart < nearest))
            nearest = apart;
    return nearest > 0 ? nearest / 2 : 1;
}

/// A map of each part, as large as it has room, around its middle.
Vectors partByPart(const SparseMatrix &graph, const Matrix &rows, const std::vector<int> &parts, int count, int dimensions)
{
    const Vectors middles = count > 2 * dimensions ? byMiddles(rows, parts, count, dimensions) : onAxes(count, dimensions);
    Vectors start(graph.rows(), dimensions);
    Random random(6);
    std::vector<int64_t> members;
    for (int part = 0; part < count; ++part) {
        const SparseMatrix own = partOf(graph, parts, part, members);
        const double room = roomOf(middles, part);
        Vectors map(int64_t(members.size()), dimensions);
        if (int64_t(members.size()) < 2 * dimensions || int64_t(members.size()) <= dimensions + 1) { // too few to have one
            for (Eigen::Index i = 0; i < map.size(); ++i)
                map.data()[i] = room * (2 * random.uniform() - 1);
        } else {
            map = eigen(laplacianEigenmap(own, dimensions)).cast<double>();
            map *= room / std::max(map.cwiseAbs().maxCoeff(), 1e-30);
        }
        for (size_t i = 0; i < members.size(); ++i)
            start.row(members[i]) = map.row(int64_t(i)) + middles.row(part);
    }
    return start;
}

} // namespace

Matrix laplacianEigenmap(const SparseMatrix &graph, int dimensions, const std::function<bool(double)> &progress)
{
    const NormalisedGraph normalised(graph);
    Vectors found = graph.rows() <= kDenseUpTo ? byAll(normalised, dimensions) : byKrylovSpace(normalised, dimensions, progress);
    if (found.rows() > 0)
        turnUp(found);
    Matrix map{found.rows(), dimensions, std::vector<float>(size_t(found.rows() * dimensions))};
    if (map.rows > 0)
        eigen(map) = found.cast<float>();
    return map;
}

std::vector<int> connectedParts(const SparseMatrix &graph)
{
    std::vector<int> parts(size_t(graph.rows()), -1);
    int count = 0;
    std::vector<int64_t> waiting;
    for (int64_t first = 0; first < graph.rows(); ++first) {
        if (parts[size_t(first)] >= 0)
            continue;
        parts[size_t(first)] = count;
        waiting.push_back(first);
        while (!waiting.empty()) {
            const int64_t i = waiting.back();
            waiting.pop_back();
            for (int64_t at = graph.starts[size_t(i)]; at < graph.starts[size_t(i + 1)]; ++at)
                if (const int32_t j = graph.columns[size_t(at)]; graph.values[size_t(at)] > 0 && parts[size_t(j)] < 0) {
                    parts[size_t(j)] = count;
                    waiting.push_back(j);
                }
        }
        ++count;
    }
    return parts;
}

Matrix spectralStart(const SparseMatrix &graph, const Matrix &rows, int dimensions, const std::function<bool(double)> &progress)
{
    constexpr double kReach = 10, kScatter = 1e-4;
    const std::vector<int> parts = connectedParts(graph);
    const int count = parts.empty() ? 0 : *std::ranges::max_element(parts) + 1;
    Matrix start;
    if (count > 1) {
        start = {graph.rows(), dimensions, std::vector<float>(size_t(graph.rows() * dimensions))};
        eigen(start) = partByPart(graph, rows, parts, count, dimensions).cast<float>();
    } else {
        start = laplacianEigenmap(graph, dimensions, progress);
    }
    if (start.rows == 0)
        return start;
    const float farthest = std::max(eigen(start).cwiseAbs().maxCoeff(), 1e-30f);
    Random random(2);
    for (float &value : start.values)
        value = float(kReach * value / farthest + kScatter * random.normal());
    for (int64_t column = 0; column < start.columns; ++column) {
        auto places = eigen(start).col(column);
        const float low = places.minCoeff(), high = places.maxCoeff();
        places = (kReach / std::max(high - low, 1e-30f) * (places.array() - low)).matrix();
    }
    return start;
}

} // namespace pretext
