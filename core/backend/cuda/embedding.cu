// Rows of tables by number, and their gradients. Floor: gathering reads and writes M D floats; scattering reads dy and writes the table once, and each row of
// the table looks through all M ids (V M words from the second-level cache, 0.1 ms of 8192 rows and ids on a large card); bound by memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/parallel.h"

namespace pretext::cuda {

namespace {

constexpr int kStrip = 4 * kWarp; // columns of a warp

/// A warp sums the rows of dy that belong to one row of the table, in their order, so that equal inputs give equal bits.
__global__ void scatterKernel(const float *dy, const int32_t *ids, int64_t count, int64_t rows, int64_t width, float *dtable)
{
    const int64_t row = int64_t(blockIdx.x) * blockDim.y + threadIdx.y, left = int64_t(blockIdx.y) * kStrip + threadIdx.x;
    if (row >= rows)
        return;
    float sums[kStrip / kWarp] = {};
    for (int64_t first = 0; first < count; first += kWarp) {
        const int64_t mine = first + threadIdx.x;
        unsigned hits = __ballot_sync(0xffffffffu, mine < count && ids[mine] == row);
        for (; hits != 0; hits &= hits - 1) {
            const float *from = dy + (first + __ffs(int(hits)) - 1) * width;
            for (int at = 0; at < kStrip / kWarp; ++at)
                if (left + at * kWarp < width)
                    sums[at] += from[left + at * kWarp];
        }
    }
    for (int at = 0; at < kStrip / kWarp; ++at)
        if (left + at * kWarp < width)
            dtable[row * width + left + at * kWarp] = sums[at];
}

} // namespace

void gatherRows(const Tensor &table, const Tensor &ids, Tensor &y)
{
    const int64_t width = table.shape()[1], rows = table.shape()[0];
    forEach(y.size(), [=, from = f32(table), id = ints(ids), to = f32(y), wrong = trouble()] __device__(int64_t at) {
        const int32_t row = id[at / width];
        const bool there = row >= 0 && row < rows;
        if (!there)
            report(wrong, Trouble::embeddingId, at / width, row, rows);
        to[at] = there ? from[row * width + at % width] : 0.f;
    });
}

void scatterRows(const Tensor &dy, const Tensor &ids, Tensor &dtable)
{
    constexpr unsigned kRows = 4; // of a block
    const int64_t rows = dtable.shape()[0], width = dtable.shape()[1];
    launch(scatterKernel, dim3(wholeBlocks(rows, kRows), wholeBlocks(width, kStrip)), dim3(kWarp, kRows), 0, f32(dy), ints(ids), ids.size(), rows, width,
           f32(dtable));
}

void addPositions(const Tensor &x, const Tensor &table, Tensor &y)
{
    const int64_t width = x.shape()[2], positions = x.shape()[1];
    forEach(y.size(), [=, from = f32(x), added = f32(table), to = f32(y)] __device__(int64_t i) { to[i] = from[i] + added[i % (positions * width)]; });
}

void addPositionsBackward(const Tensor &dy, Tensor &dtable)
{
    const int64_t width = dy.shape()[2], positions = dy.shape()[1], samples = dy.shape()[0];
    forEach(dtable.size(), [=, d = f32(dy), to = f32(dtable)] __device__(int64_t i) {
        float sum = 0;
        for (int64_t sample = 0; i < positions * width && sample < samples; ++sample)
            sum += d[sample * positions * width + i];
        to[i] = sum;
    });
}

} // namespace pretext::cuda
