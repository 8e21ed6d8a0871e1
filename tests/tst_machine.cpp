// What the machine leaves this process: control groups of both versions, laid out in a folder, and the threads that follow from them.
#include "core/backend/backend.h"
#include "core/engine/memoryneed.h"
#include "core/system/controlgroup.h"
#include "core/system/describe.h"
#include "core/system/threads.h"

#include <QtTest>

#include <chrono>
#include <fstream>
#include <new>
#include <thread>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

/// A folder that stands for the root of the file system.
class Root
{
public:
    Root() { write("proc/meminfo", "MemTotal:       16000 kB\nMemFree:         2000 kB\nMemAvailable:    8000 kB\n"); }
    void write(const std::string &file, const std::string &text)
    {
        const fs::path path = this->path() / file;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }
    fs::path path() const { return fs::path(m_folder.path().toStdString()); }

private:
    QTemporaryDir m_folder;
};

Root second()
{
    Root root;
    root.write("proc/self/cgroup", "0::/class/student\n");
    root.write("proc/self/mountinfo", "31 23 0:28 / /sys rw - sysfs sysfs rw\n41 31 0:38 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n");
    root.write("sys/fs/cgroup/class/student/cpu.max", "max 100000\n");
    root.write("sys/fs/cgroup/class/student/memory.max", "max\n");
    return root;
}

Root first()
{
    Root root;
    root.write("proc/self/cgroup", "9:name=systemd:/\n4:memory:/box/42\n2:cpuset:/\n1:cpu,cpuacct:/box/42\n");
    root.write("proc/self/mountinfo", "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                                      "34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
                                      "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    root.write("sys/fs/cgroup/cpu,cpuacct/box/42/cpu.cfs_quota_us", "-1\n");
    root.write("sys/fs/cgroup/cpu,cpuacct/box/42/cpu.cfs_period_us", "100000\n");
    root.write("sys/fs/cgroup/memory/box/42/memory.limit_in_bytes", "9223372036854771712\n");
    root.write("sys/fs/cgroup/memory/box/42/memory.usage_in_bytes", "1000\n");
    return root;
}

} // namespace

class TestMachine : public QObject
{
    Q_OBJECT

private slots:
    void noLimitIsNoQuota()
    {
        for (Root (*lay)() : {&second, &first}) {
            const Root root = lay();
            QVERIFY(!processorQuota(root.path()));
            QCOMPARE(freeMemory(root.path())->bytes, uint64_t(8000) * 1024);
            QCOMPARE(freeMemory(root.path())->limitedBy, std::string("the machine"));
        }
    }

    void everyLevelOfVersionTwoCounts()
    {
        Root root = second();
        root.write("sys/fs/cgroup/class/cpu.max", "150000 100000\n"); // of the group above
        QCOMPARE(*processorQuota(root.path()), 1.5);
        root.write("sys/fs/cgroup/class/student/cpu.max", "25000 100000\n");
        QCOMPARE(*processorQuota(root.path()), 0.25);

        root.write("sys/fs/cgroup/class/memory.max", "5000000\n");
        root.write("sys/fs/cgroup/class/memory.current", "3000000\n");
        root.write("sys/fs/cgroup/class/memory.stat", "anon 1000000\ninactive_file 500000\nactive_file 7\n");
        QCOMPARE(freeMemory(root.path())->bytes, uint64_t(2500000)); // what is only cached is free
        QCOMPARE(freeMemory(root.path())->limitedBy, std::string("its control group"));
        root.write("sys/fs/cgroup/class/student/memory.max", "1000\n");
        root.write("sys/fs/cgroup/class/student/memory.current", "2000\n");
        QCOMPARE(freeMemory(root.path())->bytes, uint64_t(0)); // over its limit, not minus one thousand
    }

    void everyLevelOfVersionOneCounts()
    {
        Root root = first();
        root.write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us", "250000\n");
        root.write("sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
        QCOMPARE(*processorQuota(root.path()), 2.5);
        root.write("sys/fs/cgroup/cpu,cpuacct/box/42/cpu.cfs_quota_us", "50000\n");
        QCOMPARE(*processorQuota(root.path()), 0.5);

        root.write("sys/fs/cgroup/memory/box/42/memory.limit_in_bytes", "4000000\n");
        root.write("sys/fs/cgroup/memory/box/42/memory.usage_in_bytes", "3000000\n");
        root.write("sys/fs/cgroup/memory/box/42/memory.stat", "cache 9\ninactive_file 1\ntotal_inactive_file 200000\n");
        QCOMPARE(freeMemory(root.path())->bytes, uint64_t(1200000));
    }

    void bothVersionsAtOnce()
    {
        Root root = first(); // as where version 2 is mounted beside the other, under another name
        root.write("proc/self/cgroup", "1:cpu,cpuacct:/box/42\n0::/box/42\n");
        root.write("proc/self/mountinfo", "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                                          "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        root.write("sys/fs/cgroup/cpu,cpuacct/box/42/cpu.cfs_quota_us", "300000\n");
        root.write("sys/fs/cgroup/unified/box/42/cpu.max", "400000 100000\n");
        QCOMPARE(*processorQuota(root.path()), 3.0);
    }

    void inAContainerTheMountIsItsGroup()
    {
        Root root = first(); // the path is the host's, the mount begins at the container
        root.write("proc/self/cgroup", "1:cpu,cpuacct:/docker/4711\n0::/../../outside\n");
        root.write("proc/self/mountinfo", "32 31 0:29 /docker/4711 /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
                                          "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
        root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
        root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
        QCOMPARE(*processorQuota(root.path()), 1.0);
        root.write("sys/fs/cgroup/unified/cpu.max", "80000 100000\n"); // a path that leads out of the mount means the mount
        QCOMPARE(*processorQuota(root.path()), 0.8);
    }

    void damagedFilesLimitNothing()
    {
        Root root = second();
        root.write("sys/fs/cgroup/class/student/cpu.max", "0 0\n");
        root.write("sys/fs/cgroup/class/cpu.max", "");
        root.write("sys/fs/cgroup/class/memory.max", "much");
        root.write("proc/meminfo", "MemAvailable:\n");
        QVERIFY(!processorQuota(root.path()));
        QVERIFY(!freeMemory(root.path()));
    }

    void threadsAreTheLeast_data()
    {
        QTest::addColumn<int>("asked");
        QTest::addColumn<int>("cores");
        QTest::addColumn<double>("quota"); // 0: none
        QTest::addColumn<int>("threads");
        QTest::addColumn<QString>("reason");
        QTest::newRow("all") << 0 << 8 << 0. << 8 << "all cores";
        QTest::newRow("fewer asked") << 3 << 8 << 0. << 3 << "as asked";
        QTest::newRow("more asked") << 16 << 8 << 0. << 8 << "16 asked, but there are 8 cores";
        QTest::newRow("quota") << 0 << 8 << 1.5 << 2 << "the processor quota is 1.5 of 8 cores";
        QTest::newRow("quota and asked") << 4 << 8 << 1.5 << 2 << "4 asked, but the processor quota is 1.5 of 8 cores";
        QTest::newRow("fewer asked than the quota") << 1 << 8 << 1.5 << 1 << "as asked";
        QTest::newRow("a part of one") << 0 << 1 << 0.1 << 1 << "all cores";
        QTest::newRow("a part of two") << 0 << 2 << 0.1 << 1 << "the processor quota is 0.1 of 2 cores";
        QTest::newRow("no quota, bound to some cores") << 0 << 2 << 0. << 2 << "this process may use 2 of 8 cores";
        QTest::newRow("larger quota") << 0 << 8 << 64. << 8 << "all cores";
    }

    void threadsAreTheLeast()
    {
        QFETCH(int, asked);
        QFETCH(int, cores);
        QFETCH(double, quota);
        const int machine = QString(QTest::currentDataTag()).contains("bound") ? 8 : cores;
        const ThreadChoice choice = chooseThreads(asked, cores, quota > 0 ? std::optional(quota) : std::nullopt, machine);
        QTEST(choice.count, "threads");
        QTEST(QString::fromStdString(choice.reason), "reason");
    }

    void everyLimitOfTheThreadsIsNamed()
    {
        const QString bound = QString::fromStdString(explainedThreads(3, 4, 1.5, 8));
        QCOMPARE(bound, QString("Computes on 2 threads: 3 asked, but the processor quota is 1.5 of 4 cores. The machine has 8 cores; this process may run on 4 "
                                "of them (its affinity); "
                                "its control group gives it the time of 1.5; 3 were asked for (--threads)."));
        const QString free = QString::fromStdString(explainedThreads(0, 8, {}, 8));
        QCOMPARE(
            free,
            QString(
                "Computes on 8 threads: all cores. The machine has 8 cores; this process may run on all of them; its control group sets no processor quota; "
                "no number was asked for (--threads)."));
    }

    /// A step that takes a megabyte, ten kilobytes a sample and 32 bytes for each pair, as a loss of each with each does.
    static double bytesOf(int64_t batch) { return 1e6 + 1e4 * double(batch) + 32. * double(batch) * double(batch); }

    static QString refusalOf(int64_t batch, double free, int64_t &largestAsked)
    {
        try {
            requireThatItFits(batch, {uint64_t(free), "the machine"}, [&](int64_t asked) {
                largestAsked = std::max(largestAsked, asked);
                return bytesOf(asked);
            });
        } catch (const std::runtime_error &error) {
            return error.what();
        }
        return {};
    }

    void aBatchThatCannotFitIsRefused_data()
    {
        QTest::addColumn<int>("batch");
        QTest::addColumn<double>("free");
        for (const int batch : {32, 64, 256, 1024, 4096, 30000})
            for (const double share : {0.05, 0.5, 0.9, 1.3, 4.})
                QTest::addRow("%d in %g of its need", batch, share) << batch << share * bytesOf(batch);
    }

    void aBatchThatCannotFitIsRefused()
    {
        QFETCH(int, batch);
        QFETCH(double, free);
        int64_t asked = 0;
        const QString refusal = refusalOf(batch, free, asked);
        QVERIFY(4 * asked <= batch || asked <= 2); // small steps only
        QVERIFY(bytesOf(asked) < free || asked <= 2);
        if (1.2 * bytesOf(batch) < free && 2 * bytesOf(2) < free)
            QCOMPARE(refusal, QString());
        if (free <= bytesOf(batch))
            QVERIFY(refusal.contains(QString("a batch of %1").arg(batch)));
        const auto named = QRegularExpression("at most (\\d+)").match(refusal);
        if (named.hasMatch() && 4 * bytesOf(2) < free) { // else there is no room to see what pairs take
            const int64_t fits = named.captured(1).toLongLong();
            QVERIFY(fits < batch && bytesOf(fits) < free);
        }
    }

    void theLargestBatchThatFitsIsNamed()
    {
        int64_t asked = 0;
        const QString refusal = refusalOf(30000, 4e9, asked);
        const int64_t fits = QRegularExpression("choose a batch of at most (\\d+)").match(refusal).captured(1).toLongLong();
        QVERIFY2(refusal.startsWith("a step with a batch of 30000 needs about 32.0 GB of memory, and 4.0 GB of the machine are free:"), qPrintable(refusal));
        QVERIFY2(fits > 9000 && bytesOf(fits) < 4e9 && bytesOf(fits) > 0.85 * 4e9, qPrintable(refusal)); // the pairs are seen, and little is given away
    }

    void aBatchFarBeyondTheMemoryCostsSmallSteps()
    {
        int64_t asked = 0;
        QVERIFY(refusalOf(30000, 1e8, asked).contains("choose a batch of at most"));
        QCOMPARE(asked, int64_t(32));
    }

    /// A step of images, slow, with the kernels' other way from 128 samples on: larger steps are not waited for, however near the memory is.
    void aSlowStepIsLaidOutFromSmallOnes_data()
    {
        QTest::addColumn<double>("share");
        QTest::newRow("does not fit") << 0.95;
        QTest::newRow("fits") << 1.4;
    }

    void aSlowStepIsLaidOutFromSmallOnes()
    {
        QFETCH(double, share);
        const auto bytes = [](int64_t batch) { return 1.2e7 + double(batch) * (batch < 128 ? 1.4e6 : 1.45e6) + 16. * double(batch) * double(batch); };
        int64_t asked = 0;
        QString refusal;
        try {
            requireThatItFits(4096, {uint64_t(share * bytes(4096)), "the machine"}, [&](int64_t batch) {
                asked = batch;
                std::this_thread::sleep_for(std::chrono::milliseconds(8 * batch));
                return bytes(batch);
            });
        } catch (const std::runtime_error &error) {
            refusal = error.what();
        }
        QVERIFY2(asked >= 32 && asked <= 64, std::to_string(asked).c_str());
        QVERIFY2(refusal.isEmpty() == (share > 1), qPrintable(refusal));
        const int64_t fits = QRegularExpression("at most (\\d+)").match(refusal).captured(1).toLongLong();
        QVERIFY2(refusal.isEmpty() || (fits > 3000 && fits < 4096), qPrintable(refusal));
    }

    void anOrdinaryBatchCostsASmallStep()
    {
        int64_t asked = 0;
        QCOMPARE(refusalOf(256, 8e9, asked), QString());
        QCOMPARE(asked, int64_t(2));
    }

    void outOfMemoryIsASentence()
    {
        QVERIFY(describe(std::bad_alloc()).starts_with("there is not enough memory"));
        QVERIFY(describe(std::bad_alloc()).find("bad_alloc") == std::string::npos);
        QCOMPARE(describe(std::runtime_error("what it is")), std::string("what it is"));
    }

    /// However busy the machine is: the processor decides.
    void precisionIsTheProcessors()
    {
#if defined(__x86_64__)
        __builtin_cpu_init();
        bool pairs = false;
#if defined(__AVX512BF16__)
        pairs = __builtin_cpu_supports("avx512bf16");
#endif
        QCOMPARE(QString(nameOf(precisionNamed("auto"))), QString(pairs ? "bf16" : "f32"));
#endif
    }
};

QTEST_GUILESS_MAIN(TestMachine)
#include "tst_machine.moc"
