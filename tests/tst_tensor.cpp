// Tensors, their memory and the random numbers.
#include "core/backend/backend.h"
#include "core/tensor/arithmetic.h"
#include "core/tensor/random.h"
#include "core/tensor/tensor.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <numeric>
#include <thread>

#include <unistd.h>

using namespace pretext;

namespace {

MemoryStatistics memory()
{
    return backend(Device::cpu).memory();
}

template<class Call>
QString messageOf(Call &&call)
{
    try {
        call();
    } catch (const std::invalid_argument &error) {
        return error.what();
    }
    return "nothing was thrown";
}

Tensor sequence(const Shape &shape)
{
    std::vector<float> values(static_cast<size_t>(shape.size()));
    std::iota(values.begin(), values.end(), 1.f);
    return Tensor::fromHost(values, shape);
}

} // namespace

class TestTensor : public QObject
{
    Q_OBJECT

private slots:
    void tensorsAreOnTheDeviceOfTheirScope()
    {
        QCOMPARE(DeviceScope::current(), Device::cpu);
        {
            const DeviceScope outer(Device::cuda);
            QCOMPARE(DeviceScope::current(), Device::cuda);
            if (!available(Device::cuda)) // each asks the scope's device, which is not there
                for (const auto &make : std::vector<std::function<void()>>{[] { Tensor({2}); }, [] { Tensor::zeros({2}); },
                                                                           [] {
                                                                               Tensor::fromHost(std::vector<float>{1, 2}, {2});
                                                                           },
                                                                           [] {
                                                                               Tensor::fromHost(std::vector<int32_t>{1, 2}, {2});
                                                                           }})
                    QVERIFY(messageOf(make).startsWith("[device]"));
            const DeviceScope inner(Device::cpu);
            QCOMPARE(Tensor::zeros({2}).device(), Device::cpu);
        }
        QCOMPARE(DeviceScope::current(), Device::cpu);
        std::thread([] { QCOMPARE(DeviceScope::current(), Device::cpu); }).join();
    }

    void devicesHaveNames()
    {
        QCOMPARE(deviceNamed("cpu"), Device::cpu);
        QCOMPARE(deviceNamed("auto"), available(Device::cuda) ? Device::cuda : Device::cpu);
        QVERIFY(messageOf([] { deviceNamed("gpu"); }).contains("not one of auto, cpu, cuda"));
        if (!available(Device::cuda))
            QVERIFY(messageOf([] { deviceNamed("cuda"); }).contains("--device cpu"));
    }

    void hostRoundTripKeepsEveryBit()
    {
        const std::vector<float> values{0.f, -0.f, 1e-42f, 3.5f, std::numeric_limits<float>::infinity(), -1.f};
        QVERIFY(Tensor::fromHost(values, {2, 3}).toHost() == values);
        const std::vector<int32_t> integers{-1, 0, std::numeric_limits<int32_t>::max()};
        QVERIFY(Tensor::fromHost(integers, {3}).toHostInt() == integers);
    }

    void reshapedSharesAndCloneDoesNot()
    {
        Tensor x = sequence({2, 3});
        const Tensor view = x.reshaped({3, 2}), copy = x.clone();
        x.setFromHost(std::vector<float>(6, 7.f));
        QVERIFY(view.toHost() == std::vector<float>(6, 7.f));
        QVERIFY(copy.toHost() == sequence({6}).toHost());
    }

    void bfloat16RoundsToNearestEven()
    {
        // 1 + 2^-8 lies between 1 and 1 + 2^-7 and goes to the even one; anything above goes up.
        const std::vector<float> values{1.f, 1.00390625f, 1.0078125f, 1.01171875f, 1.005f, -3.1415927f, INFINITY};
        const std::vector<float> expected{1.f, 1.f, 1.0078125f, 1.015625f, 1.0078125f, -3.140625f, INFINITY};
        Tensor narrow({7}, DType::bf16);
        narrow.setFromHost(values);
        QVERIFY(narrow.toHost() == expected);
        QVERIFY(narrow.clone().toHost() == expected);
        Tensor wide({7});
        wide.copyFrom(narrow);
        QVERIFY(wide.toHost() == expected);
        narrow.setFromHost(std::vector<float>(7, std::nanf("")));
        QVERIFY(std::isnan(narrow.toHost()[3]));
    }

    void sumsThatAreNotOnTheTape()
    {
        const Tensor x = sequence({100000});
        const std::vector<Tensor> several{x, Tensor::full({2, 2}, 3.f), x};
        const std::vector<float> sums = sumSquares(several).toHost();
        const double n = 100000, exact = n * (n + 1) * (2 * n + 1) / 6;
        QVERIFY(std::abs(double(sums[0]) - exact) < 1e-6 * exact);
        QCOMPARE(sums.size(), size_t(3));
        QCOMPARE(sums[1], 36.f);
        QCOMPARE(sums[2], sums[0]);
    }

    void anAverageOverTimeMovesAShareOfTheWay()
    {
        const Tensor x = sequence({3});
        Tensor y = Tensor::full({3}, 5.f);
        lerp(x, 0.25f, y);
        QCOMPARE(y.toHost(), (std::vector<float>{4.f, 4.25f, 4.5f}));
        const Tensor tenth = Tensor::full({3}, 0.1f);
        Tensor far = Tensor::full({3}, 1e8f);
        lerp(tenth, 0.f, far);
        QCOMPARE(far.toHost()[0], 1e8f);
        lerp(tenth, 1.f, far);
        QCOMPARE(far.toHost()[0], 0.1f);
    }

    void mistakesAreNamed()
    {
        const std::vector<float> five(5);
        QCOMPARE(messageOf([&] { Tensor::fromHost(five, {2, 3}); }), "[tensor] 5 values do not fill the shape [2, 3]");
        QCOMPARE(messageOf([&] { sequence({6}).reshaped({4}); }), "[reshape] [6] and [4] differ in size");
        QCOMPARE(messageOf([&] { sequence({6}).copyFrom(sequence({2, 3})); }), "[copy] shapes [2, 3] and [6] differ");
        QCOMPARE(messageOf([&] { sequence({2}).item(); }), "[tensor] item needs one element, not the shape [2]");
        QCOMPARE(messageOf([&] { sequence({2}).toHostInt(); }), "[tensor] toHostInt needs a tensor of integers");
        QCOMPARE(messageOf([&] { Tensor({2, -1}); }), "[tensor] negative extent in shape [2, -1]");
        QCOMPARE(messageOf([&] { Tensor().toHost(); }), "[tensor] is undefined");
        QCOMPARE(messageOf([&] { sumSquares({}); }), "[sumSquares] there is no tensor");
        QCOMPARE(messageOf([&] { sumSquares(std::vector<Tensor>{sequence({2}), Tensor()}); }), "[sumSquares] a tensor is undefined");
        QCOMPARE(messageOf([&] { sumSquares(std::vector<Tensor>{Tensor({2, 3}, DType::i32)}); }), "[sumSquares] a tensor is not of 32-bit floats: [2, 3]");
        Tensor pair = sequence({2});
        QCOMPARE(messageOf([&] { lerp(sequence({3}), 0.5f, pair); }), "[lerp] shapes differ: [3] and [2]");
        if (!available(Device::cuda)) {
            const QString message = messageOf([&] { Tensor({2}, DType::f32, Device::cuda); }); // with CUDA in the build it says what was looked for
            QVERIFY2(message.startsWith("[device] ") && message.endsWith("; leave --device out, or give --device cpu"), qPrintable(message));
        }
    }

    void freedBlocksAreUsedAgain()
    {
        const void *first = nullptr;
        for (int round = 0; round < 3; ++round) {
            void *block = backend(Device::cpu).allocate(100000);
            QCOMPARE(reinterpret_cast<uintptr_t>(block) % 64, uintptr_t(0));
            if (round)
                QCOMPARE(static_cast<const void *>(block), first);
            first = block;
            backend(Device::cpu).release(block, 100000);
        }
    }

    void largeFreedNeighboursServeALargerRequest()
    {
        constexpr size_t kBytes = 3 << 20;
        const Backend &cpu = backend(Device::cpu);
        for (bool firstGoesFirst : {true, false}) {
            void *blocks[2] = {cpu.allocate(kBytes), cpu.allocate(kBytes)};
            cpu.release(blocks[firstGoesFirst ? 0 : 1], kBytes);
            cpu.release(blocks[firstGoesFirst ? 1 : 0], kBytes);
            const int64_t asked = memory().systemAllocations;
            void *both = cpu.allocate(2 * kBytes);
            QCOMPARE(both, std::min(blocks[0], blocks[1]));
            QCOMPARE(memory().systemAllocations, asked);
            cpu.release(both, 2 * kBytes);
        }
    }

    void whatIsFreeGoesBackToTheSystemAndWhatIsInUseStays()
    {
        constexpr size_t kBytes = 64 << 20;
        const Backend &cpu = backend(Device::cpu);
        const auto resident = [] {
            std::ifstream statm("/proc/self/statm");
            size_t total = 0, pages = 0;
            statm >> total >> pages;
            return pages * size_t(sysconf(_SC_PAGESIZE));
        };
        char *blocks[3];
        for (char *&block : blocks)
            std::memset(block = static_cast<char *>(cpu.allocate(kBytes)), 7, kBytes);
        const size_t cached = memory().bytesCached, full = resident();
        cpu.release(blocks[0], kBytes);
        cpu.release(blocks[2], kBytes);
        cpu.giveBack();
        QVERIFY(full - resident() > 2 * kBytes - kBytes / 8);
        QVERIFY(memory().bytesCached < cached + kBytes + kBytes / 8); // the last block's memory counts as never used
        QVERIFY(std::all_of(blocks[1], blocks[1] + kBytes, [](char value) { return value == 7; }));
        for (const int again : {0, 2})
            std::memset(blocks[again] = static_cast<char *>(cpu.allocate(kBytes)), 9, kBytes);
        QVERIFY(std::all_of(blocks[1], blocks[1] + kBytes, [](char value) { return value == 7; }));
        for (char *block : blocks)
            cpu.release(block, kBytes);
    }

    void everySizeGetsItsOwnBytes()
    {
        const size_t before = memory().bytesInUse;
        std::vector<Tensor> tensors;
        for (int64_t size = 0; size < 700; ++size)
            tensors.push_back(Tensor::full({size}, float(size)));
        for (const Tensor &tensor : tensors)
            QVERIFY(tensor.toHost() == std::vector<float>(size_t(tensor.size()), float(tensor.size())));
        tensors.clear();
        QCOMPARE(memory().bytesInUse, before);
    }

    void allocatorServesSeveralThreads()
    {
        const size_t before = memory().bytesInUse;
        std::vector<int> wrong(4);
        {
            std::vector<std::jthread> workers;
            for (int worker = 0; worker < 4; ++worker)
                workers.emplace_back([&wrong, worker] {
                    for (int round = 0; round < 300; ++round) {
                        const Tensor x = Tensor::full({1 + round % 50}, float(worker));
                        wrong[size_t(worker)] += x.toHost().back() != float(worker);
                    }
                });
        }
        QCOMPARE(std::accumulate(wrong.begin(), wrong.end(), 0), 0);
        QCOMPARE(memory().bytesInUse, before);
    }

    void randomIsPhilox()
    {
        // Known answer of Random123 for philox4x32-10, counter and key all zero.
        Random random(0);
        QCOMPARE(random.bits(), 0x6627e8d5u);
        QCOMPARE(random.bits(), 0xe169c58du);
        QCOMPARE(random.bits(), 0xbc57ac4cu);
        QCOMPARE(random.bits(), 0x9b00dbd8u);
    }

    void randomStreamsAreKeyed()
    {
        Random one(1, 2, 3, 4), same(1, 2, 3, 4);
        std::vector<Random> others{Random(2, 2, 3, 4), Random(1, 3, 3, 4), Random(1, 2, 4, 4), Random(1, 2, 3, 5), Random(uint64_t(1) << 32 | 1, 2, 3, 4)};
        const uint32_t first = one.bits();
        QCOMPARE(same.bits(), first);
        for (Random &other : others)
            QVERIFY(other.bits() != first);
    }

    void randomHasItsMoments()
    {
        Random random(5);
        constexpr int kCount = 200000;
        double mean = 0, square = 0, uniform = 0;
        std::array<int, 7> counts{};
        for (int i = 0; i < kCount; ++i) {
            const double value = double(random.normal());
            mean += value / kCount;
            square += value * value / kCount;
            const float u = random.uniform(2.f, 4.f);
            QVERIFY(u >= 2.f && u < 4.f);
            uniform += double(u) / kCount;
            ++counts[random.below(7)];
        }
        QVERIFY(std::abs(mean) < 0.01);
        QVERIFY(std::abs(square - 1) < 0.02);
        QVERIFY(std::abs(uniform - 3) < 0.01);
        for (int count : counts)
            QVERIFY(std::abs(count - kCount / 7) < 900); // over five standard deviations
    }
};

QTEST_APPLESS_MAIN(TestTensor)
#include "tst_tensor.moc"
