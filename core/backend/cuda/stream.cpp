#include "core/backend/cuda/stream.h"

#include "core/backend/cuda/graphcache.h"
#include "core/backend/cuda/machine.h"

#include <cstdlib>
#include <exception>
#include <mutex>
#include <string_view>
#include <utility>

namespace pretext::cuda {

namespace {

/// The device begins with the first while the host asks for the next, and a graph of so many takes about as long to give as two launches.
constexpr size_t kLongestChain = 32;

bool wantsGraphs()
{
    const char *set = std::getenv("PRETEXT_CUDA_GRAPHS");
    return !waitsForEach() && !(set && std::string_view(set) == "off");
}

/// Of all threads: memory that one gave back is another's at once, so that what they ask for stays in order.
class Operations
{
public:
    template<class... Work>
    void ask(const Work &...work)
    {
        const std::lock_guard lock(m_mutex);
        throwWhatFailed();
        m_asked.add(work...);
        if (!m_graphsWanted || m_asked.size() == kLongestChain)
            give();
    }

    cudaStream_t settled()
    {
        const std::lock_guard lock(m_mutex);
        throwWhatFailed();
        give();
        return m_stream;
    }

    void settle() noexcept
    {
        const std::lock_guard lock(m_mutex);
        try {
            give();
        } catch (...) {
            m_failed = std::current_exception();
        }
    }

    void useGraphs(bool on)
    {
        const std::lock_guard lock(m_mutex);
        give();
        m_graphsWanted = on;
    }

    bool usesGraphs()
    {
        const std::lock_guard lock(m_mutex);
        return m_graphsWanted;
    }

    void forgetGraphs()
    {
        const std::lock_guard lock(m_mutex);
        m_graphs.clear();
    }

private:
    /// What the device refuses is not asked for again, nor what comes after it.
    void give()
    {
        std::swap(m_asked, m_given);
        m_asked.clear();
        if (m_graphsWanted)
            m_graphs.give(m_given, m_stream);
        else
            m_given.issue(m_stream);
    }

    void throwWhatFailed()
    {
        if (m_failed)
            std::rethrow_exception(std::exchange(m_failed, nullptr));
    }

    std::mutex m_mutex;
    cudaStream_t m_stream = newStream();
    Chain m_asked, m_given;
    GraphCache m_graphs;
    bool m_graphsWanted = wantsGraphs();
    std::exception_ptr m_failed;
};

/// Never destroyed: tensors with static storage are released after everything else.
Operations &operations()
{
    static auto *const all = new Operations;
    return *all;
}

} // namespace

cudaStream_t stream()
{
    return operations().settled();
}

cudaStream_t copies()
{
    static const cudaStream_t made = newStream();
    return made;
}

cudaStream_t newStream()
{
    cudaStream_t stream{};
    require(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    return stream;
}

void ask(const KernelLaunch &launch, std::span<const void *const> arguments)
{
    operations().ask(launch, arguments);
}

void ask(const DeviceCopy &copy)
{
    operations().ask(copy);
}

void ask(const CublasProduct &product)
{
    operations().ask(product);
}

void giveAllThatWasAsked() noexcept
{
    operations().settle();
}

void useGraphs(bool on)
{
    operations().useGraphs(on);
}

bool usesGraphs()
{
    return operations().usesGraphs();
}

void forgetGraphs()
{
    operations().forgetGraphs();
}

} // namespace pretext::cuda
