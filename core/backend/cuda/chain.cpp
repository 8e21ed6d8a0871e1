#include "core/backend/cuda/chain.h"

#include "core/backend/cuda/machine.h"

#include <algorithm>
#include <cstring>

namespace pretext::cuda {

namespace {

constexpr size_t kArgumentAlignment = alignof(std::max_align_t);

size_t argumentRoom(size_t bytes)
{
    return (bytes + kArgumentAlignment - 1) / kArgumentAlignment * kArgumentAlignment;
}

bool areSameSize(const dim3 &a, const dim3 &b)
{
    return a.x == b.x && a.y == b.y && a.z == b.z;
}

bool areAlike(const KernelLaunch &a, const KernelLaunch &b)
{
    return a.kernel == b.kernel && areSameSize(a.grid, b.grid) && areSameSize(a.block, b.block) && a.sharedBytes == b.sharedBytes;
}
bool areAlike(const DeviceCopy &a, const DeviceCopy &b)
{
    return a.bytes == b.bytes;
}
/// What cuBLAS launches for a product is its own affair, so that a graph cannot be told of other arguments.
bool areAlike(const CublasProduct &a, const CublasProduct &b)
{
    return a == b;
}

bool areLinksAlike(const Chain::Link &a, const Chain::Link &b)
{
    return std::visit(
        [&b]<class Work>(const Work &work) {
            const auto *other = std::get_if<Work>(&b.work);
            return other && areAlike(work, *other);
        },
        a.work);
}

} // namespace

void Chain::add(const KernelLaunch &launch, std::span<const void *const> arguments)
{
    Link &link = m_links.emplace_back(Link{launch, m_arguments.size(), m_arguments.size(), operationName()});
    for (size_t i = 0; i < arguments.size(); ++i) {
        m_arguments.resize(link.endByte + argumentRoom(launch.sizes[i]));
        std::memcpy(m_arguments.data() + link.endByte, arguments[i], launch.sizes[i]);
        link.endByte = m_arguments.size();
    }
}

void Chain::add(const DeviceCopy &copy)
{
    m_links.push_back({copy, 0, 0, operationName()});
}

void Chain::add(const CublasProduct &product)
{
    m_links.push_back({product, 0, 0, operationName()});
}

void Chain::clear()
{
    m_links.clear();
    m_arguments.clear();
}

Chain::Arguments Chain::argumentsOf(size_t index) const
{
    const Link &link = m_links[index];
    Arguments arguments{};
    auto *at = const_cast<std::byte *>(m_arguments.data()) + link.firstByte; // CUDA takes them so, and changes none
    const auto sizes = std::get<KernelLaunch>(link.work).sizes;
    for (size_t i = 0; i < sizes.size(); ++i) {
        arguments[i] = at;
        at += argumentRoom(sizes[i]);
    }
    return arguments;
}

void Chain::issue(cudaStream_t stream) const
{
    for (size_t i = 0; i < size(); ++i) {
        const Link &link = m_links[i];
        if (const auto *launch = std::get_if<KernelLaunch>(&link.work))
            require(launch->issue(*launch, argumentsOf(i).data(), stream), link.operation);
        else if (const auto *copy = std::get_if<DeviceCopy>(&link.work))
            require(cudaMemcpyAsync(copy->to, copy->from, copy->bytes, cudaMemcpyDeviceToDevice, stream), link.operation);
        else
            cuda::issue(std::get<CublasProduct>(link.work), stream);
    }
}

bool Chain::isShapedAs(const Chain &other) const
{
    return std::ranges::equal(m_links, other.m_links, areLinksAlike);
}

bool Chain::differs(size_t index, const Chain &other) const
{
    const Link &a = m_links[index], &b = other.m_links[index];
    if (const auto *copy = std::get_if<DeviceCopy>(&a.work))
        return copy->to != std::get<DeviceCopy>(b.work).to || copy->from != std::get<DeviceCopy>(b.work).from;
    const size_t bytes = a.endByte - a.firstByte;
    return bytes > 0 && std::memcmp(m_arguments.data() + a.firstByte, other.m_arguments.data() + b.firstByte, bytes) != 0;
}

} // namespace pretext::cuda
