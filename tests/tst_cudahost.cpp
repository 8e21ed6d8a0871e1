// CUDA on the host, which tests CUDA's kernels where there is no card: that it finds what is wrong with a kernel, and what the backend does where the device fails.
#include "core/backend/access.h"
#include "core/backend/backend.h"
#include "core/system/describe.h"
#include "tests/cudahost/cudahost.h"
#include "tests/cudahost/planted.h"
#include "tests/testdevice.h"

#include <QTest>

#include <functional>

using namespace pretext;

namespace {

QString messageOf(const std::function<void()> &act)
{
    try {
        act();
    } catch (const std::exception &error) {
        return QString::fromStdString(describe(error));
    }
    return {};
}

} // namespace

class TestCudaHost : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("PRETEXT_CUDA_CACHE", "off"); } // so that what lies beside a tensor is nobody's

    void plantedMistakesAreFound_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("found");
        QTest::newRow("none") << 0 << "";
        QTest::newRow("a missing barrier") << 1 << "a write and a read of byte";
        QTest::newRow("a sum of all threads") << 2 << "two writes of byte";
        QTest::newRow("a read beyond the end") << 3 << "of device memory, which was not allocated";
        QTest::newRow("shared memory too small") << 4 << "of shared memory, which was not allocated";
        QTest::newRow("a shifted fragment") << 5 << "does not begin at a multiple of 32 bytes";
        QTest::newRow("barriers apart") << 6 << "waits at a barrier that others never reach";
    }

    void plantedMistakesAreFound()
    {
        if (!cudahost::canWatch())
            QSKIP("a sanitizer of the compiler looks at accesses in this build");
        QFETCH(int, which);
        QFETCH(QString, found);
        const Tensor x = Tensor::zeros({64}, Device::cuda), y = Tensor::zeros({64}, Device::cuda);
        switch (which) {
        case 0: planted::turn(f32(x), f32(y), true); break;
        case 1: planted::turn(f32(x), f32(y), false); break;
        case 2: planted::sum(f32(x), f32(y)); break;
        case 3: planted::readBeyond(f32(x), f32(y)); break;
        case 4: planted::overrunShared(f32(x), f32(y)); break;
        case 5: planted::shiftFragment(f32(y)); break;
        default: planted::waitApart(f32(y));
        }
        backend(Device::cuda).synchronize();
        const QString findings = testing::findings();
        QCOMPARE(findings.isEmpty(), found.isEmpty());
        QVERIFY2(findings.contains(found), qPrintable(findings));
    }

    void withoutMemoryASmallerBatchIsAdvised()
    {
        backend(Device::cuda).giveBack();
        cudahost::setMemory(64 << 20);
        const QString message = messageOf([] { Tensor({int64_t(100) << 20}, DType::f32, Device::cuda); });
        cudahost::setMemory(size_t(-1));
        QVERIFY2(message.contains("CUDA on the host has not enough memory (0.1 GB of 0.1 GB are free): choose a smaller batch"), qPrintable(message));
        QCOMPARE(Tensor::full({3}, 2.f, Device::cuda).toHost(), std::vector<float>(3, 2.f));
    }

    void aLostDeviceIsToldOf()
    {
        const Tensor y = Tensor::zeros({8}, Device::cuda);
        y.toHost();
        cudahost::loseDevice(cudaErrorIllegalAddress);
        Tensor z = Tensor::zeros({8}, Device::cuda);
        const QString message = messageOf([&] { z.toHost(); });
        cudahost::loseDevice(cudaSuccess);
        QVERIFY2(message.contains("an illegal memory access was encountered (cudaErrorIllegalAddress)"), qPrintable(message));
        QVERIFY2(message.contains("fill") && message.contains("last checkpoint"), qPrintable(message));
    }
};

QTEST_APPLESS_MAIN(TestCudaHost)
#include "tst_cudahost.moc"
