// What operations asked for and the device was not yet given, in order: kernels with their arguments, copies within the device, products of cuBLAS. It can be
// given as it is, one call after another, and two of them can be held against each other, which tells whether the graph of the one does for the other.
#pragma once

#include "core/backend/cuda/cublasproduct.h"

#include <array>
#include <cstddef>
#include <span>
#include <variant>
#include <vector>

namespace pretext::cuda {

/// A kernel to be launched; its arguments are kept beside it, without their types.
struct KernelLaunch
{
    void *kernel;
    cudaError_t (*issue)(const KernelLaunch &launch, void **arguments, cudaStream_t stream); // which knows the types
    dim3 grid, block;
    size_t sharedBytes;
    std::span<const size_t> sizes; // of the arguments, in bytes
};

struct DeviceCopy
{
    void *to;
    const void *from;
    size_t bytes;
};

class Chain
{
public:
    static constexpr size_t kMostArguments = 16; // of a kernel
    using Arguments = std::array<void *, kMostArguments>;
    struct Link
    {
        std::variant<KernelLaunch, DeviceCopy, CublasProduct> work;
        size_t firstByte = 0, endByte = 0; // of its arguments
        const char *operation = nullptr;   // that asked for it
    };

    void add(const KernelLaunch &launch, std::span<const void *const> arguments);
    void add(const DeviceCopy &copy);
    void add(const CublasProduct &product);
    void clear();

    size_t size() const { return m_links.size(); }
    const Link &operator[](size_t index) const { return m_links[index]; }
    /// Where the arguments of a kernel lie.
    Arguments argumentsOf(size_t index) const;

    /// Throws std::runtime_error where the device refuses one; those before it were taken.
    void issue(cudaStream_t stream) const;

    /// Whether both do the same but for the arguments of kernels and the places of copies.
    bool isShapedAs(const Chain &other) const;
    /// Whether those differ, of two that are shaped alike.
    bool differs(size_t index, const Chain &other) const;

private:
    std::vector<Link> m_links;
    std::vector<std::byte> m_arguments;
};

} // namespace pretext::cuda
