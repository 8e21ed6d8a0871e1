// Being asked to end changes nothing of what is computed: signals that come while matrices are multiplied leave every number as it is.
#include "app/cli/stopsignals.h"
#include "core/analysis/knn.h"
#include "core/tensor/random.h"

#include <QTest>

#include <chrono>
#include <thread>

#include <unistd.h>

using namespace pretext;

namespace {

Matrix anyRows(int64_t rows, int64_t columns, uint32_t seed)
{
    Random random(seed);
    Matrix matrix{rows, columns, std::vector<float>(size_t(rows * columns))};
    for (float &value : matrix.values)
        value = random.uniform(-1, 1);
    return matrix;
}

} // namespace

class TestStopSignals : public QObject
{
    Q_OBJECT
private slots:
    void aSignalOnlyAsks()
    {
        StopSignals stopping;
        QVERIFY(!stopping.asked());
        kill(getpid(), SIGTERM);
        QTRY_VERIFY(stopping.asked());
    }

    void productsAreLeftAlone()
    {
        const Matrix bank = anyRows(8192, 128, 1), queries = anyRows(1024, 128, 2);
        const Neighbours expected = nearestNeighbours(bank, queries, 20);
        StopSignals stopping;
        std::jthread sender([](std::stop_token stop) {
            while (!stop.stop_requested()) {
                kill(getpid(), SIGPIPE); // of these any number may come
                std::this_thread::sleep_for(std::chrono::microseconds(200));
            }
        });
        for (int again = 0; again < 10; ++again) {
            const Neighbours found = nearestNeighbours(bank, queries, 20);
            QVERIFY(found.indices == expected.indices);
            QVERIFY(found.similarities == expected.similarities);
        }
        QVERIFY(stopping.asked());
    }
};

QTEST_GUILESS_MAIN(TestStopSignals)
#include "tst_stopsignals.moc"
