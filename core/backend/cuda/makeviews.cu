// Views of images: crop, flip and rotation as one resampling, then what augmentations do to pixels, then each channel's mean and deviation. A block makes a view from
// its first byte to its last float, in shared memory where two copies of it fit (76 x 76 in grey, 44 x 44 in colour), else in memory of its own that the caches keep.
// Floor: a batch of 256 images and two views of each in 28 x 28 reads 0.2 MB of bytes and writes 1.6 MB of floats, half a microsecond of an H100's 3.35 TB/s and 7
// of a laptop's 256 GB/s; the bytes come by PCI Express, at 25 GB/s in 8 microseconds. A resampling is 20 operations a value, a blur of radius r 6 r + 4, all else
// below 40: 0.05 GFLOP with every augmentation on, a microsecond and 4. What it should meet is neither: 512 blocks of 256 threads are one wave on an H100, and each
// walks through its deeds with a barrier or two, so that the way through them, ten to twenty microseconds, is the limit. Of 224 x 224 in colour it is memory.
#include "core/backend/cuda/cuda.h"
#include "core/backend/cuda/viewsteps.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace pretext::cuda {

namespace {

/// What a launch has of the plan, and where it puts the views of one kind.
struct ViewWork
{
    const unsigned char *images;
    const PlannedView *views;
    const PixelDeed *deeds;
    int64_t count = 0;
    int channels = 0, height = 0, width = 0, notes = 0;
    float mean[3] = {}, scale[3] = {};
    float *scratch = nullptr; // null: in shared memory
    float *y = nullptr;
};

/// Between which two places of an axis a place of the view lies.
struct Between
{
    __device__ Between(int i, int begin, int extent, int size)
    {
        const float source = fmaxf(0.f, (i + 0.5f) * (float(extent) / size) - 0.5f);
        const int at = int(source) < extent ? int(source) : extent - 1;
        low = begin + at;
        high = begin + (at + 1 < extent ? at + 1 : at);
        weight = source - at;
    }
    int low, high;
    float weight; // of the second
};

__device__ void resampleStraight(const unsigned char *image, const PlannedView &view, const ViewCanvas &canvas)
{
    const Resampling &box = view.from;
    const int channels = canvas.channels, width = canvas.width;
    canvas.each([&](int i) {
        const int x = i % width;
        const Between across(box.flipped ? width - 1 - x : x, box.x, box.width, width), down(i / width, box.y, box.height, canvas.height);
        const unsigned char *const upper = image + int64_t(down.low) * view.width * channels, *const lower = image + int64_t(down.high) * view.width * channels;
        const float lowerWeight = down.weight / 255, upperWeight = (1 - down.weight) / 255;
        for (int c = 0; c < channels; ++c) {
            const int left = across.low * channels + c, right = across.high * channels + c;
            const float a = upperWeight * upper[left] + lowerWeight * lower[left], b = upperWeight * upper[right] + lowerWeight * lower[right];
            canvas.plane(c)[i] = a + across.weight * (b - a);
        }
    });
}

/// Black beyond the image.
__device__ void resampleTurned(const unsigned char *image, const PlannedView &view, const ViewCanvas &canvas)
{
    const Resampling &map = view.from;
    const int channels = canvas.channels;
    const float right = float(view.width), bottom = float(view.height);
    canvas.each([&](int i) {
        const int x = i % canvas.width, y = i / canvas.width;
        const float sourceX = fminf(fmaxf(map.originX + y * map.rowX + x * map.columnX, -1.f), right);
        const float sourceY = fminf(fmaxf(map.originY + y * map.rowY + x * map.columnY, -1.f), bottom);
        const int left = int(floorf(sourceX)), top = int(floorf(sourceY));
        const float u = sourceX - left, v = sourceY - top;
        for (int c = 0; c < channels; ++c) {
            const auto at = [&](int row, int column) {
                const bool inside = row >= 0 && row < view.height && column >= 0 && column < view.width;
                return inside ? image[(int64_t(row) * view.width + column) * channels + c] / 255.f : 0.f;
            };
            const float upper = at(top, left) + u * (at(top, left + 1) - at(top, left));
            const float lower = at(top + 1, left) + u * (at(top + 1, left + 1) - at(top + 1, left));
            canvas.plane(c)[i] = upper + v * (lower - upper);
        }
    });
}

__device__ void takeMade(const float *made, const ViewCanvas &canvas)
{
    canvas.each([&](int i) {
        for (int c = 0; c < canvas.channels; ++c)
            canvas.plane(c)[i] = made[int64_t(i) * canvas.channels + c];
    });
}

__global__ void makeViewsKernel(ViewWork work)
{
    const int64_t values = int64_t(work.channels) * work.height * work.width;
    float *const notes = sharedMemory<float>() + kRowScratch / sizeof(float);
    float *const planes = work.scratch ? work.scratch + int64_t(blockIdx.x) * 2 * values : notes + work.notes;
    for (int64_t index = blockIdx.x; index < work.count; index += gridDim.x) {
        __syncthreads(); // whoever still reads the view before
        const PlannedView &view = work.views[index];
        const unsigned char *const image = work.images + view.image;
        ViewCanvas canvas{planes, planes + values, notes, work.channels, work.height, work.width};
        if (view.height == 0)
            takeMade(reinterpret_cast<const float *>(image), canvas);
        else if (view.from.turned)
            resampleTurned(image, view, canvas);
        else
            resampleStraight(image, view, canvas);
        for (int deed = 0; deed < view.deeds; ++deed)
            apply(canvas, work.deeds[view.firstDeed + deed]);
        canvas.each([&](int i) {
            for (int c = 0; c < work.channels; ++c)
                work.y[index * values + int64_t(i) * work.channels + c] = (canvas.plane(c)[i] - work.mean[c]) * work.scale[c];
        });
    }
}

/// The plan on the device, in one copy: views, deeds, bytes of images.
struct PlanOnDevice
{
    explicit PlanOnDevice(const ViewPlan &plan)
    {
        constexpr size_t kSteady = 64 * 1024; // bytes by which it grows, so that a step asks for as much memory as the one before
        const size_t ofViews = plan.views.size() * sizeof(PlannedView), ofDeeds = plan.deeds.size() * sizeof(PixelDeed);
        static thread_local std::vector<char> packed;
        packed.resize((ofViews + ofDeeds + plan.images.size() + kSteady - 1) / kSteady * kSteady);
        const auto put = [](size_t at, const void *from, size_t bytes) {
            if (bytes > 0)
                std::memcpy(packed.data() + at, from, bytes);
        };
        put(0, plan.views.data(), ofViews);
        put(ofViews, plan.deeds.data(), ofDeeds);
        put(ofViews + ofDeeds, plan.images.data(), plan.images.size());
        const size_t count = packed.size() / sizeof(int32_t);
        memory = Tensor::fromHost(std::span(reinterpret_cast<const int32_t *>(packed.data()), count), {int64_t(count)}, Device::cuda);
        const auto *begin = static_cast<const unsigned char *>(bytesBehind(memory));
        views = reinterpret_cast<const PlannedView *>(begin);
        deeds = reinterpret_cast<const PixelDeed *>(begin + ofViews);
        images = begin + ofViews + ofDeeds;
    }
    Tensor memory;
    const PlannedView *views;
    const PixelDeed *deeds;
    const unsigned char *images;
};

void makeKind(ViewWork work, const Tensor &y)
{
    constexpr size_t kMostShared = 48 * 1024; // without asking for more
    constexpr int kBlocks = 4;                // of a multiprocessor
    const Shape &shape = y.shape();
    work.count = shape[0];
    work.height = int(shape[1]), work.width = int(shape[2]), work.channels = int(shape[3]);
    work.notes = std::max(kMostShuffled, std::min(work.height, work.width));
    work.y = f32(y);
    const size_t scratch = kRowScratch + size_t(work.notes) * sizeof(float), planes = 2 * size_t(shape.size(1, 4)) * sizeof(float);
    const bool fits = scratch + planes <= kMostShared;
    const int64_t blocks = fits ? work.count : std::min<int64_t>(work.count, kBlocks * multiprocessors());
    const Tensor memory = fits ? Tensor() : Tensor({blocks, 2 * shape.size(1, 4)}, DType::f32, Device::cuda);
    work.scratch = fits ? nullptr : f32(memory);
    launch(makeViewsKernel, unsigned(blocks), kThreads, scratch + (fits ? planes : 0), work);
}

} // namespace

void makeViews(const ViewPlan &plan, std::span<const Tensor> y)
{
    static_assert(sizeof(PlannedView) % alignof(PixelDeed) == 0 && sizeof(PixelDeed) % alignof(PlannedView) == 0);
    const PlanOnDevice there(plan);
    ViewWork work{there.images, there.views, there.deeds};
    std::copy_n(plan.mean, 3, work.mean);
    std::copy_n(plan.scale, 3, work.scale);
    for (const Tensor &kind : y) {
        makeKind(work, kind);
        work.views += kind.shape()[0];
    }
}

} // namespace pretext::cuda
