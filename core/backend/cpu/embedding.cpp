// Rows of tables by number, and their gradients. Each thread sums its own columns of the table over all rows in order, so the result
// depends neither on the team nor on how often an id occurs.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"

#include <cstring>
#include <stdexcept>
#include <string>

namespace pretext::cpu {

namespace {

void requireIds(const Tensor &ids, int64_t rows)
{
    const int32_t *id = i32(ids);
    for (int64_t i = 0; i < ids.size(); ++i)
        if (id[i] < 0 || id[i] >= rows)
            throw std::invalid_argument("[embedding] id " + std::to_string(id[i]) + " at position " + std::to_string(i) + " is not one of the table's "
                                        + std::to_string(rows) + " rows");
}

} // namespace

void gatherRows(const Tensor &table, const Tensor &ids, Tensor &y)
{
    const int64_t width = table.shape()[1];
    requireIds(ids, table.shape()[0]);
    parallelFor(ids.size(), rowGrain(width), [=, source = f32(table), id = i32(ids), target = f32(y)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            std::memcpy(target + row * width, source + id[row] * width, size_t(width) * sizeof(float));
    });
}

void scatterRows(const Tensor &dy, const Tensor &ids, Tensor &dtable)
{
    const int64_t width = dtable.shape()[1], rows = dtable.shape()[0], count = ids.size();
    constexpr int64_t kColumns = 16; // one cache line
    const int64_t strips = (width + kColumns - 1) / kColumns;
    parallelFor(strips, rowGrain(count * kColumns), [=, source = f32(dy), id = i32(ids), target = f32(dtable)](int64_t begin, int64_t end) {
        const int64_t left = begin * kColumns, columns = std::min(width, end * kColumns) - left;
        for (int64_t row = 0; row < rows; ++row)
            std::memset(target + row * width + left, 0, size_t(columns) * sizeof(float));
        for (int64_t row = 0; row < count; ++row) {
            const float *from = source + row * width + left;
            float *to = target + id[row] * width + left;
            for (int64_t i = 0; i < columns; ++i)
                to[i] += from[i];
        }
    });
}

void addPositions(const Tensor &x, const Tensor &table, Tensor &y)
{
    const int64_t width = x.shape()[2], positions = x.shape()[1], rows = x.shape()[0] * positions;
    parallelFor(rows, rowGrain(width), [=, source = f32(x), added = f32(table), target = f32(y)](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row)
            for (int64_t i = 0; i < width; ++i)
                target[row * width + i] = source[row * width + i] + added[row % positions * width + i];
    });
}

void addPositionsBackward(const Tensor &dy, Tensor &dtable)
{
    const int64_t width = dy.shape()[2], positions = dy.shape()[1], samples = dy.shape()[0];
    parallelFor(dtable.shape()[0], rowGrain(samples * width), [=, source = f32(dy), target = f32(dtable)](int64_t begin, int64_t end) {
        for (int64_t position = begin; position < end; ++position) {
            float *sum = target + position * width;
            std::memset(sum, 0, size_t(width) * sizeof(float));
            for (int64_t sample = 0; position < positions && sample < samples; ++sample)
                for (int64_t i = 0; i < width; ++i)
                    sum[i] += source[(sample * positions + position) * width + i];
        }
    });
}

} // namespace pretext::cpu
