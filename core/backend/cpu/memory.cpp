// Memory: the one cache of it, copies between types, and the way to and from the host.
#include "core/backend/cpu/cache.h"
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/rows.h"

#include <cstring>
#include <stdexcept>

namespace pretext::cpu {

namespace {

Cache &cache()
{
    static Cache *cache = new Cache; // never destroyed: tensors with static storage are released after everything else
    return *cache;
}

/// Of floats and bfloat16.
template<class From, class To>
void convert(const From *from, To *to, int64_t size)
{
    parallelFor(size, kGrain, [=](int64_t begin, int64_t end) { eachVector(end - begin, [=](auto where) { where.put(to + begin, where.of(from + begin)); }); });
}

void copyBytes(const void *from, void *to, int64_t bytes)
{
    parallelFor(bytes, 4 * kGrain, [=](int64_t begin, int64_t end) {
        std::memcpy(static_cast<char *>(to) + begin, static_cast<const char *>(from) + begin, size_t(end - begin));
    });
}

int64_t bytesOf(const Tensor &x)
{
    return x.size() * int64_t(pretext::bytesOf(x.type()));
}

} // namespace

void *allocate(size_t bytes)
{
    return cache().take(bytes);
}
void release(void *data, size_t bytes)
{
    cache().give(data, bytes);
}
MemoryStatistics memory()
{
    return cache().statistics();
}

void toHost(const Tensor &x, void *destination)
{
    copyBytes(BackendAccess::storage(x).data, destination, bytesOf(x));
}

void fromHost(const void *source, Tensor &y)
{
    copyBytes(source, BackendAccess::storage(y).data, bytesOf(y));
}

void fill(Tensor &y, float value)
{
    const auto set = [&](auto *data, auto stored) {
        parallelFor(y.size(), kGrain, [=](int64_t begin, int64_t end) { std::fill(data + begin, data + end, stored); });
    };
    switch (y.type()) {
    case DType::f32: return set(f32(y), value);
    case DType::bf16: return set(bf16(y), uint16_t(narrowed(splat(value))[0]));
    case DType::i32: return set(i32(y), int32_t(value));
    }
}

void copy(const Tensor &x, Tensor &y)
{
    if (x.type() == y.type())
        copyBytes(BackendAccess::storage(x).data, BackendAccess::storage(y).data, bytesOf(x));
    else if (x.type() == DType::f32 && y.type() == DType::bf16)
        convert(f32(x), bf16(y), x.size());
    else if (x.type() == DType::bf16 && y.type() == DType::f32)
        convert(bf16(x), f32(y), x.size());
    else if (x.type() == DType::i32 && y.type() == DType::f32)
        std::copy_n(i32(x), x.size(), f32(y));
    else
        throw std::invalid_argument("[copy] floating-point values are not copied to or from this type");
}

void beginMemoryPeak()
{
    cache().beginPeak();
}

size_t memoryPeak()
{
    return cache().peak();
}

void giveBack()
{
    cache().giveBack();
}

} // namespace pretext::cpu
