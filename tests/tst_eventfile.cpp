// Event files for TensorBoard, read back by the rules of TFRecord and protocol buffers.
#include "core/engine/resuming.h"
#include "core/engine/runfolder.h"
#include "core/files/eventfile.h"
#include "core/files/regularfile.h"
#include "tests/toydata.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>

using namespace pretext;
namespace fs = std::filesystem;

namespace {

template<class T>
T at(const std::string &bytes, size_t offset)
{
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

uint32_t unmasked(uint32_t masked)
{
    const uint32_t rotated = masked - 0xa282ead8u;
    return (rotated >> 17) | (rotated << 15);
}

/// The fields of a message: of blocks their bytes, of numbers their bytes as they lie there, of varints eight bytes.
std::multimap<int, std::string> fieldsOf(const std::string &message)
{
    std::multimap<int, std::string> fields;
    size_t offset = 0;
    const auto varint = [&] {
        uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            const auto byte = uint8_t(message.at(offset++));
            value |= uint64_t(byte & 0x7f) << shift;
            if (byte < 0x80)
                return value;
        }
    };
    while (offset < message.size()) {
        const uint64_t key = varint();
        size_t size = key % 8 == 1 ? 8 : 4;
        if (key % 8 == 0) {
            const uint64_t value = varint();
            fields.emplace(int(key >> 3), std::string(reinterpret_cast<const char *>(&value), 8));
            continue;
        }
        if (key % 8 == 2)
            size = varint();
        fields.emplace(int(key >> 3), message.substr(offset, size));
        offset += size;
    }
    return fields;
}

struct ReadEvent
{
    double wallTime = 0;
    int64_t step = 0;
    std::string version;
    bool starts = false;
    std::map<std::string, float> scalars;
};

ReadEvent eventOf(const std::string &message)
{
    ReadEvent event;
    for (const auto &[field, bytes] : fieldsOf(message)) {
        if (field == 1)
            event.wallTime = at<double>(bytes, 0);
        else if (field == 2)
            event.step = at<int64_t>(bytes, 0);
        else if (field == 3)
            event.version = bytes;
        else if (field == 7)
            event.starts = at<int64_t>(fieldsOf(bytes).find(1)->second, 0) == 1;
        else if (field == 5)
            for (const auto &[one, scalar] : fieldsOf(bytes)) {
                const auto parts = fieldsOf(scalar);
                event.scalars[parts.find(1)->second] = at<float>(parts.find(2)->second, 0);
            }
    }
    return event;
}

std::vector<ReadEvent> eventsIn(const fs::path &file)
{
    const std::string bytes = readRegularFile(file, 1 << 20);
    std::vector<ReadEvent> events;
    for (size_t offset = 0; offset < bytes.size();) {
        const auto size = size_t(at<uint64_t>(bytes, offset));
        const std::string message = bytes.substr(offset + 12, size);
        if (unmasked(at<uint32_t>(bytes, offset + 8)) != crc32c(bytes.substr(offset, 8))
            || unmasked(at<uint32_t>(bytes, offset + 12 + size)) != crc32c(message))
            throw std::runtime_error("a CRC is wrong");
        events.push_back(eventOf(message));
        offset += size + 16;
    }
    return events;
}

std::vector<fs::path> filesIn(const fs::path &folder)
{
    std::vector<fs::path> files;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace

class TestEventFile : public QObject
{
    Q_OBJECT

private slots:
    void theChecksumIsCastagnolis();
    void scalarsAreReadBack();
    void aRunWritesItsRows();
};

void TestEventFile::theChecksumIsCastagnolis()
{
    QCOMPARE(crc32c("123456789"), 0xe3069283u);           // the polynomial's check value
    QCOMPARE(crc32c(std::string(32, '\0')), 0x8a9136aau); // RFC 3720, B.4
    QCOMPARE(crc32c(std::string(32, char(0xff))), 0x62a8ab43u);
}

void TestEventFile::scalarsAreReadBack()
{
    QTemporaryDir folder;
    EventFile file(folder.path().toStdString() + "/tensorboard", 301, 1234.5);
    file.append(301, 1235, {{"loss/total", 0.25}, {"evaluation/knn", std::numeric_limits<double>::quiet_NaN()}, {"gradient/norm", 3e-9}});
    const std::vector<ReadEvent> events = eventsIn(file.path());
    QCOMPARE(events.size(), size_t(3));
    QCOMPARE(events[0].version, std::string("brain.Event:2"));
    QVERIFY(events[1].starts);
    QCOMPARE(events[1].step, int64_t(301));
    QCOMPARE(events[2].step, int64_t(301));
    QCOMPARE(events[2].wallTime, 1235.);
    QVERIFY((events[2].scalars == std::map<std::string, float>{{"loss/total", 0.25f}, {"gradient/norm", 3e-9f}}));
    const EventFile other(folder.path().toStdString() + "/tensorboard", 1, 1234.5);
    QVERIFY(other.path() != file.path());
}

void TestEventFile::aRunWritesItsRows()
{
    QTemporaryDir folder;
    TrainerOptions options = toyOptions(4, folder.path().toStdString() + "/run");
    options.tensorboard = true;
    Lanes lanes;
    QCOMPARE(QString::fromStdString(trainToy(options, lanes).failure), QString());
    const std::vector<fs::path> files = filesIn(options.out / "tensorboard");
    QCOMPARE(files.size(), size_t(1));
    const std::vector<ReadEvent> events = eventsIn(files[0]);
    const MetricsTable table = readMetrics(options.out / "metrics.csv");
    QCOMPARE(events.size(), table.rows.size() + 2);
    for (size_t i = 0; i < table.rows.size(); ++i)
        for (size_t c = 2; c < table.columns.size(); ++c)
            QCOMPARE(events[i + 2].scalars.at(table.columns[c]), float(table.rows[i][c]));

    TrainerOptions back = options;
    const Resumption resumption = resumptionOf(options.out, 2);
    back.start = resumption.options.start;
    back.config = resumption.options.config;
    Lanes others;
    QCOMPARE(QString::fromStdString(trainToy(back, others).failure), QString());
    const std::vector<fs::path> both = filesIn(options.out / "tensorboard");
    QCOMPARE(both.size(), size_t(2));
    const std::vector<ReadEvent> again = eventsIn(both[0] == files[0] ? both[1] : both[0]);
    QVERIFY(again[1].starts);
    QCOMPARE(again[1].step, int64_t(3)); // what the first file has from there on is void
    QCOMPARE(again.size(), size_t(4));
}

QTEST_GUILESS_MAIN(TestEventFile)
#include "tst_eventfile.moc"
