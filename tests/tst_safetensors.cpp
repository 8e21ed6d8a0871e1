// Safetensors: what is written reads back, PyTorch's layout of the file is met, bad files are refused with the reason, and a failed
// write leaves the file that was there.
#include "core/files/safetensors.h"

#include <QTemporaryDir>
#include <QTest>

#include <bit>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace pretext;

namespace {

void writeRaw(const std::filesystem::path &path, const std::string &bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string readRaw(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string fileOf(const std::string &header, size_t dataBytes)
{
    const uint64_t length = header.size();
    return std::string(reinterpret_cast<const char *>(&length), 8) + header + std::string(dataBytes, '\0');
}

template<class Action>
QString errorOf(Action action)
{
    try {
        action();
    } catch (const std::exception &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

size_t filesIn(const std::filesystem::path &folder)
{
    return std::distance(std::filesystem::directory_iterator(folder), {});
}

} // namespace

class TestSafetensors : public QObject
{
    Q_OBJECT
private:
    QTemporaryDir m_folder;
    std::filesystem::path at(const char *name) const { return std::filesystem::path(m_folder.path().toStdString()) / name; }

private slots:
    void roundTrip()
    {
        SafetensorsFile file;
        file.metadata = {{"step", "500"}, {"note", "a \"quoted\" line\nand τ"}};
        file.tensors["weight"] = FileTensor::of(std::vector<float>{1.5f, -0.f, 3e-40f}, {3, 1});
        file.tensors["label"] = FileTensor::of(std::vector<int32_t>{-7, 9}, {2});
        file.tensors["empty"] = FileTensor::of(std::vector<float>{}, {0, 4});
        file.tensors["scalar"] = FileTensor::of(std::vector<float>{2.f}, {});
        file.tensors["bytes"] = FileTensor{"U8", {3}, std::vector<std::byte>(3, std::byte{255})};
        writeSafetensors(at("round"), file);

        const SafetensorsFile back = readSafetensors(at("round"));
        QCOMPARE(back.metadata, file.metadata);
        QCOMPARE(readSafetensorsMetadata(at("round")), file.metadata);
        QCOMPARE(back.tensors.size(), file.tensors.size());
        for (const auto &[name, tensor] : file.tensors) {
            QCOMPARE(back.tensors.at(name).dtype, tensor.dtype);
            QCOMPARE(back.tensors.at(name).shape, tensor.shape);
            QVERIFY2(back.tensors.at(name).bytes == tensor.bytes, name.c_str());
        }
        uint64_t headerLength;
        std::memcpy(&headerLength, readRaw(at("round")).data(), 8);
        QCOMPARE(headerLength % 8, uint64_t(0));
    }

    void convertsTypes()
    {
        const double wide[] = {0.5, -2};
        const int64_t longs[] = {1, -3};
        const int64_t tooLong[] = {int64_t(1) << 40};
        auto bytesOf = [](const auto &values) {
            const auto *begin = reinterpret_cast<const std::byte *>(values);
            return std::vector<std::byte>(begin, begin + sizeof values);
        };
        QCOMPARE((FileTensor{"F64", {2}, bytesOf(wide)}.floats()), (std::vector<float>{0.5f, -2.f}));
        QCOMPARE((FileTensor{"I64", {2}, bytesOf(longs)}.ints()), (std::vector<int32_t>{1, -3}));
        std::vector<std::byte> halves; // one, minus two, the smallest, the largest, infinity
        for (const int half : {0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00})
            halves.insert(halves.end(), {std::byte(half & 255), std::byte(half >> 8)});
        QCOMPARE((FileTensor{"F16", {5}, halves}.floats()), (std::vector<float>{1.f, -2.f, std::ldexp(1.f, -24), 65504.f, INFINITY}));
        QCOMPARE((FileTensor{"BF16", {1}, {std::byte{0x80}, std::byte{0x3f}}}.floats()), std::vector<float>{1.f});
        QVERIFY(errorOf([&] { (void)FileTensor{"I64", {1}, bytesOf(tooLong)}.ints(); }).contains("32 bits"));
        QVERIFY(errorOf([&] { (void)FileTensor{"I64", {2}, bytesOf(longs)}.floats(); }).contains("I64"));
        QVERIFY(errorOf([&] { (void)FileTensor{"F64", {2}, bytesOf(wide)}.ints(); }).contains("F64"));
    }

    void refusesBadFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        auto row = [](const char *name, const std::string &bytes, const char *reason) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(reason);
        };
        auto tensor = [](const std::string &name, const std::string &rest) { return "\"" + name + "\":{" + rest + "}"; };
        const std::string one = tensor("a", R"("dtype":"F32","shape":[2],"data_offsets":[0,8])");
        row("empty", "", "truncated: it has 0 bytes");
        row("short", "abc", "truncated: it has 3 bytes");
        row("header past the end", fileOf("{" + one + "}", 8).substr(0, 20), "its header claims");
        row("huge header", std::string(8, '\xff') + "{}", "its header claims 18446744073709551615");
        row("no JSON", fileOf("{nonsense", 0), "not a JSON object");
        row("a list", fileOf("[1]", 0), "not a JSON object");
        row("binary header", fileOf(std::string("\xff\xfe\x00", 3), 0), "not a JSON object");
        row("twice", fileOf("{" + one + "," + one + "}", 8), "names \"a\" twice");
        row("metadata", fileOf(R"({"__metadata__":{"a":1}})", 0), "__metadata__");
        row("truncated data", fileOf("{" + one + "}", 7), "truncated: tensor \"a\" ends at byte 8 of the data, which has 7");
        row("trailing bytes", fileOf("{" + one + "}", 9), "last 1 bytes belong to no tensor");
        row("overlap", fileOf("{" + one + "," + tensor("b", R"("dtype":"F32","shape":[2],"data_offsets":[4,12])") + "}", 12),
            "tensors \"a\" and \"b\" overlap");
        row("hole", fileOf("{" + one + "," + tensor("b", R"("dtype":"U8","shape":[1],"data_offsets":[9,10])") + "}", 10), "bytes 8 to 9 belong to no tensor");
        row("unknown type", fileOf("{" + tensor("a", R"("dtype":"F7","shape":[2],"data_offsets":[0,8])") + "}", 8), "the type \"F7\"");
        row("backward offsets", fileOf("{" + tensor("a", R"("dtype":"U8","shape":[2],"data_offsets":[8,6])") + "}", 8), "[8,6]");
        row("shape and size differ", fileOf("{" + tensor("a", R"("dtype":"F32","shape":[3],"data_offsets":[0,8])") + "}", 8), "takes 12 bytes");
        row("negative extent", fileOf("{" + tensor("a", R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])") + "}", 8), "lacks a dtype");
        row("overflowing shape", fileOf("{" + tensor("a", R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])") + "}", 0),
            "impossible shape");
        row("three offsets", fileOf("{" + tensor("a", R"("dtype":"F32","shape":[2],"data_offsets":[0,8,9])") + "}", 8), "lacks a dtype");
        row("no type", fileOf("{" + tensor("a", R"("shape":[2],"data_offsets":[0,8])") + "}", 8), "lacks a dtype");
        row("a number for a tensor", fileOf(R"({"a":3})", 0), "tensor \"a\" lacks");
    }

    void refusesBadFiles()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, reason);
        writeRaw(at("bad.safetensors"), bytes.toStdString());
        const QString error = errorOf([&] { (void)readSafetensors(at("bad.safetensors")); });
        QVERIFY2(error.contains("bad.safetensors") && error.contains(reason), qPrintable(error));
        QVERIFY2(!error.contains('\n'), qPrintable(error));
    }

    void everyTruncationIsRefused()
    {
        SafetensorsFile file;
        file.tensors["a"] = FileTensor::of(std::vector<float>{1, 2, 3}, {3});
        writeSafetensors(at("whole"), file);
        const std::string whole = readRaw(at("whole"));
        for (size_t size = 0; size < whole.size(); ++size) {
            writeRaw(at("cut"), whole.substr(0, size));
            QVERIFY2(errorOf([&] { (void)readSafetensors(at("cut")); }).contains("cut"), qPrintable(QString::number(size)));
        }
    }

    void aFlippedBitIsReadOrRefused()
    {
        SafetensorsFile file;
        file.metadata["step"] = "3";
        file.tensors["a"] = FileTensor::of(std::vector<float>{1, 2, 3}, {3});
        file.tensors["b"] = FileTensor::of(std::vector<int32_t>{4, 5}, {2, 1});
        writeSafetensors(at("whole"), file);
        const std::string whole = readRaw(at("whole"));
        int refused = 0;
        for (size_t i = 0; i < whole.size() * 8; ++i) {
            std::string flipped = whole;
            flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
            writeRaw(at("flipped"), flipped);
            const QString error = errorOf([&] { (void)readSafetensors(at("flipped")); });
            QVERIFY2(error.isEmpty() || error.contains("flipped"), qPrintable(error));
            refused += !error.isEmpty();
        }
        QVERIFY(refused > 500); // most of the header's bits matter
    }

    void namesAMissingFile()
    {
        const QString error = errorOf([&] { (void)readSafetensors(at("nowhere")); });
        QVERIFY2(error.contains("nowhere") && error.contains("No such file"), qPrintable(error));
        QVERIFY(errorOf([&] { (void)readSafetensors(m_folder.path().toStdString()); }).contains("cannot be read"));
    }

    void refusesToWriteAShapeThatDoesNotFit()
    {
        SafetensorsFile file;
        file.tensors["a"] = FileTensor::of(std::vector<float>{1, 2}, {3});
        QVERIFY(errorOf([&] { writeSafetensors(at("never"), file); }).contains("takes 12"));
        QVERIFY(!std::filesystem::exists(at("never")));
    }

    void aFullDiskLeavesTheOldFile()
    {
        writeRaw(at("kept"), "old");
        const size_t before = filesIn(at(""));
        rlimit previous;
        getrlimit(RLIMIT_FSIZE, &previous);
        const rlimit limit{1000, previous.rlim_max};
        auto handler = std::signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        const QString error = errorOf([&] { writeFileAtomically(at("kept"), std::vector<std::byte>(5000)); });
        setrlimit(RLIMIT_FSIZE, &previous);
        std::signal(SIGXFSZ, handler);
        QVERIFY2(error.contains("kept") && error.contains("cannot write 5000 bytes"), qPrintable(error));
        QCOMPARE(readRaw(at("kept")), std::string("old"));
        QCOMPARE(filesIn(at("")), before); // no temporary left behind
    }

    void aReadOnlyFolderIsNamed()
    {
        const QString nowhere = errorOf([&] { writeFileAtomically("/proc/self/file", {}); });
        QVERIFY2(nowhere.contains("/proc/self/file") && nowhere.contains("cannot create"), qPrintable(nowhere));
        std::filesystem::create_directory(at("closed"));
        std::filesystem::permissions(at("closed"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
        const bool root = ::geteuid() == 0; // root may write anywhere, so be nobody for a moment
        if (root)
            QCOMPARE(::seteuid(65534), 0);
        const QString error = errorOf([&] { writeFileAtomically(at("closed") / "file", {}); });
        if (root)
            QCOMPARE(::seteuid(0), 0);
        std::filesystem::permissions(at("closed"), std::filesystem::perms::owner_all);
        QVERIFY2(error.contains("closed") && error.contains("Permission denied"), qPrintable(error));
    }

    void replacesAndKeepsOrdinaryRights()
    {
        writeRaw(at("target"), "old");
        writeFileAtomically(at("target"), std::vector<std::byte>(2, std::byte{'x'}));
        QCOMPARE(readRaw(at("target")), std::string("xx"));
        const auto rights = std::filesystem::status(at("target")).permissions();
        QVERIFY((rights & std::filesystem::perms::owner_read) != std::filesystem::perms::none);
        const mode_t mask = ::umask(0);
        ::umask(mask);
        QCOMPARE(static_cast<unsigned>(rights), 0666u & ~mask);
    }
};

QTEST_APPLESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
