// Lays out a t-SNE map of rows of raw numbers, for tests/bench/maps.py, which runs it in turn with scikit-learn: bench_maps IN N D OUT DIMENSIONS,
// where IN has N x D raw float32 and OUT gets N x DIMENSIONS. Prints the seconds it took.
#include "core/analysis/projection.h"
#include "core/analysis/tsne.h"
#include "core/system/threads.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

using namespace pretext;

namespace {

double secondsSince(std::chrono::steady_clock::time_point begun)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 6) {
        std::fprintf(stderr, "bench_maps IN N D OUT DIMENSIONS\n");
        return 2;
    }
    Matrix rows{std::atoll(argv[2]), std::atoll(argv[3]), {}};
    rows.values.resize(size_t(rows.rows * rows.columns));
    std::ifstream in(argv[1], std::ios::binary);
    if (!in.read(reinterpret_cast<char *>(rows.values.data()), std::streamsize(rows.values.size() * sizeof(float)))) {
        std::fprintf(stderr, "%s: has fewer than %s x %s values\n", argv[1], argv[2], argv[3]);
        return 1;
    }
    setThreads(0);
    constexpr double kPerplexity = 30;
    const auto begun = std::chrono::steady_clock::now();
    const NeighbourGraph graph = neighbourGraph(rows, tsneNeighbours(kPerplexity));
    const double searched = secondsSince(begun);
    const int dimensions = std::atoi(argv[5]);
    Tsne map(tsneAffinities(graph, kPerplexity), tsneStart(project(fitPca(rows, dimensions), rows)), {});
    const double prepared = secondsSince(begun);
    map.run(map.planned());
    std::printf("{\"seconds\": %.2f, \"neighbours\": %.2f, \"affinities\": %.2f}\n", secondsSince(begun), searched, prepared - searched);
    const Matrix points = map.points();
    std::ofstream(argv[4], std::ios::binary).write(reinterpret_cast<const char *>(points.values.data()), std::streamsize(points.values.size() * sizeof(float)));
}
