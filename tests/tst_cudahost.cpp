// CUDA on the host, which tests CUDA's kernels where there is no card: that it finds what is wrong with a kernel, and what the backend does where the device fails.
#include "core/backend/access.h"
#include "core/backend/backend.h"
#include "core/backend/cuda/cublas.h"
#include "core/backend/cuda/machine.h"
#include "core/backend/cuda/stream.h"
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

/// Numbers on the device.
class DeviceNumbers
{
public:
    explicit DeviceNumbers(const std::vector<float> &values) : m_tensor(Tensor::fromHost(values, {int64_t(values.size())}, Device::cuda)) {}
    float *at(int index) const { return f32(m_tensor) + index; }
    std::vector<float> values() const { return m_tensor.toHost(); }

private:
    Tensor m_tensor;
};

cudaGraphExec_t madeReady(cudaGraph_t graph)
{
    cudaGraphExec_t ready = nullptr;
    cudaGraphInstantiateWithFlags(&ready, graph, 0);
    return ready;
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
        QVERIFY2(message.contains("CUDA on the host has not enough memory (0.067 GB of 0.067 GB are free): choose a smaller batch"), qPrintable(message));
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

    /// Which is given to the device with what comes after it.
    void aLaunchThatIsRefusedIsToldOfByItsOperation()
    {
        const Tensor y = Tensor::zeros({64}, Device::cuda);
        Tensor z({64}, DType::f32, Device::cuda);
        backend(Device::cuda).synchronize();
        {
            const cuda::OperationName name("planted");
            planted::askForTooMuch(f32(y));
        }
        backend(Device::cuda).fill(z, 1);
        const QString message = messageOf([] { backend(Device::cuda).synchronize(); });
        QVERIFY2(message.contains("[planted] the device failed"), qPrintable(message));
        backend(Device::cuda).fill(z, 2);
        QCOMPARE(z.toHost(), std::vector<float>(64, 2.f)); // what was refused is not asked for again
    }

    /// Also where only whoever may not throw gave it to the device, which a tensor's end does here.
    void whatWasRefusedMeanwhileIsToldOf()
    {
        Tensor y = Tensor::zeros({64}, Device::cuda);
        planted::askForTooMuch(f32(y));
        y = {};
        QVERIFY(messageOf([] { backend(Device::cuda).synchronize(); }).contains("the device failed"));
        QCOMPARE(messageOf([] { backend(Device::cuda).synchronize(); }), QString());
    }

    void headsThatAreTooWideAreRefusedByName()
    {
        for (const int64_t features : {2046, 2047}) {
            Tensor q = Tensor::zeros({1, 2, features}, Device::cuda), y = q.clone(), dq = q.clone(), dk = q.clone(), dv = q.clone();
            Tensor sums({1, 1, 2}, DType::f32, Device::cuda);
            const QString message = messageOf([&] {
                backend(Device::cuda).attention(q, q, q, {}, {.heads = 1}, sums, y);
                backend(Device::cuda).attentionBackward(q, q, q, {}, sums, y, y, {.heads = 1}, dq, dk, dv);
                backend(Device::cuda).synchronize();
            });
            QCOMPARE(message, features == 2046 ? QString() : QString("[attention] heads of 2047 features are too wide for the card: take more heads"));
        }
        QCOMPARE(testing::findings(), QString());
    }

    void aGraphsNodesAreInOrderOnlyWhereTheyAreToldTo()
    {
        for (const bool told : {false, true}) {
            const DeviceNumbers device({1, 2, 3});
            cudaGraph_t graph = nullptr;
            QCOMPARE(cudaGraphCreate(&graph, 0), cudaSuccess);
            cudaGraphNode_t first = nullptr, second = nullptr;
            QCOMPARE(cudaGraphAddMemcpyNode1D(&first, graph, nullptr, 0, device.at(1), device.at(0), sizeof(float), cudaMemcpyDeviceToDevice), cudaSuccess);
            QCOMPARE(cudaGraphAddMemcpyNode1D(&second, graph, &first, told ? 1 : 0, device.at(2), device.at(1), sizeof(float), cudaMemcpyDeviceToDevice),
                     cudaSuccess);
            const cudaGraphExec_t ready = madeReady(graph);
            QCOMPARE(cudaGraphLaunch(ready, cuda::stream()), cudaSuccess);
            QCOMPARE(device.values(), told ? (std::vector<float>{1, 1, 1}) : (std::vector<float>{1, 1, 2}));
            cudaGraphExecDestroy(ready);
            cudaGraphDestroy(graph);
        }
    }

    void whatWasLaunchedStaysAsItWas()
    {
        const DeviceNumbers device({1, 2, 3});
        cudaGraph_t graph = nullptr;
        cudaGraphCreate(&graph, 0);
        cudaGraphNode_t node = nullptr;
        cudaGraphAddMemcpyNode1D(&node, graph, nullptr, 0, device.at(1), device.at(0), sizeof(float), cudaMemcpyDeviceToDevice);
        const cudaGraphExec_t ready = madeReady(graph);
        QCOMPARE(cudaGraphLaunch(ready, cuda::stream()), cudaSuccess);
        QCOMPARE(cudaGraphExecMemcpyNodeSetParams1D(ready, node, device.at(2), device.at(0), sizeof(float), cudaMemcpyDeviceToDevice), cudaSuccess);
        QCOMPARE(cudaGraphExecMemcpyNodeSetParams1D(ready, node, device.at(2), device.at(0), 2 * sizeof(float), cudaMemcpyDeviceToDevice),
                 cudaErrorInvalidValue);
        QCOMPARE(device.values(), (std::vector<float>{1, 1, 3}));
        QCOMPARE(cudaGraphLaunch(ready, cuda::stream()), cudaSuccess);
        QCOMPARE(device.values(), (std::vector<float>{1, 1, 1}));
        cudaGraphExecDestroy(ready);
        cudaGraphDestroy(graph);
    }

    /// As the device refuses it.
    void whatCannotBeCapturedIsRefused()
    {
        const cudaStream_t aside = cuda::newStream();
        cudaGraph_t graph = nullptr;
        QCOMPARE(cudaStreamEndCapture(aside, &graph), cudaErrorIllegalState);
        QCOMPARE(cudaStreamBeginCapture(aside, cudaStreamCaptureModeRelaxed), cudaSuccess);
        QCOMPARE(cudaStreamBeginCapture(aside, cudaStreamCaptureModeRelaxed), cudaErrorIllegalState);
        QCOMPARE(cudaStreamSynchronize(aside), cudaErrorStreamCaptureUnsupported);
        QCOMPARE(cudaStreamEndCapture(aside, &graph), cudaErrorStreamCaptureInvalidated);
        cudaEvent_t event{};
        cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
        cudaStreamBeginCapture(aside, cudaStreamCaptureModeRelaxed);
        QCOMPARE(cudaStreamWaitEvent(aside, event), cudaErrorStreamCaptureIsolation);
        QCOMPARE(cudaStreamEndCapture(aside, &graph), cudaErrorStreamCaptureInvalidated);
        cudaStreamBeginCapture(aside, cudaStreamCaptureModeThreadLocal);
        void *memory = nullptr;
        QCOMPARE(cudaMalloc(&memory, 4), cudaErrorStreamCaptureUnsupported);
        QCOMPARE(cudaStreamEndCapture(aside, &graph), cudaErrorStreamCaptureInvalidated);
    }

    /// cuBLAS would ask for some in the graph, and such a graph can be no other's part.
    void aProductWithoutMemoryToWorkInIsNoPartOfAGraph()
    {
        const DeviceNumbers device({2, 3, 0});
        const cudaStream_t aside = cuda::newStream();
        cuda::Cublas::Handle handle = nullptr;
        cuda::cublas()->create(&handle);
        for (const bool given : {false, true}) {
            cuda::cublas()->setStream(handle, aside);
            if (given)
                cuda::cublas()->setWorkspace(handle, device.at(2), sizeof(float));
            const float one = 1, none = 0;
            cudaGraph_t product = nullptr, whole = nullptr;
            cudaStreamBeginCapture(aside, cudaStreamCaptureModeRelaxed);
            cuda::cublas()->gemm(handle, 0, 0, 1, 1, 1, &one, device.at(0), cuda::Cublas::float32, 1, device.at(1), cuda::Cublas::float32, 1, &none,
                                 device.at(2), cuda::Cublas::float32, 1, cuda::Cublas::inFloat, cuda::Cublas::kAnyAlgorithm);
            QCOMPARE(cudaStreamEndCapture(aside, &product), cudaSuccess);
            cudaGraphCreate(&whole, 0);
            cudaGraphNode_t node = nullptr;
            QCOMPARE(cudaGraphAddChildGraphNode(&node, whole, nullptr, 0, product), given ? cudaSuccess : cudaErrorNotSupported);
            if (given) {
                const cudaGraphExec_t ready = madeReady(whole);
                QCOMPARE(cudaGraphLaunch(ready, cuda::stream()), cudaSuccess);
                QCOMPARE(device.values(), (std::vector<float>{2, 3, 6}));
                cudaGraphExecDestroy(ready);
            }
            cudaGraphDestroy(product);
            cudaGraphDestroy(whole);
        }
    }
};

QTEST_APPLESS_MAIN(TestCudaHost)
#include "tst_cudahost.moc"
