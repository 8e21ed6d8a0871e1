// CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in their binary version: records of one or two label bytes and 3 x 32 x 32 planar pixels.
// A folder with its train and test files, or a lone file.
#include "core/data/sources/memory.h"
#include "core/data/sources/source.h"
#include "core/files/regularfile.h"
#include "core/files/said.h"
#include "core/files/shownpath.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr int kCifarSide = 32;
constexpr size_t kCifarPixels = 3 * kCifarSide * kCifarSide;
constexpr uint64_t kLargestCifar = uint64_t(4) << 30;

[[noreturn]] void failCifar(const fs::path &path, const std::string &why)
{
    throw std::invalid_argument("[cifar] " + shownPath(path) + ": " + why);
}

/// One of the two variants: how many label bytes lead a record, and what they say.
struct Variant
{
    size_t labelBytes;
    std::vector<const char *> columns; // in the order of the label columns
    std::vector<size_t> byteOf;        // where in the record each column is
    std::vector<int> classes;
    std::vector<const char *> nameFiles;

    size_t record() const { return labelBytes + kCifarPixels; }
};

const Variant &variant(bool hundred)
{
    static const Variant ten{1, {"label"}, {0}, {10}, {"batches.meta.txt"}};
    static const Variant hundredClasses{2, {"label", "superclass"}, {1, 0}, {100, 20}, {"fine_label_names.txt", "coarse_label_names.txt"}};
    return hundred ? hundredClasses : ten;
}

bool isTrainName(const std::string &name)
{
    return name.starts_with("data_batch") || name == "train.bin";
}
bool isTestName(const std::string &name)
{
    return name == "test_batch.bin" || name == "test.bin";
}

/// The folder itself, or the one that the archive unpacks into it.
fs::path dataFolder(const fs::path &path)
{
    for (const char *inner : {"cifar-10-batches-bin", "cifar-100-binary"})
        if (fs::is_directory(path / inner))
            return path / inner;
    return path;
}

std::vector<fs::path> filesIn(const fs::path &folder, bool (*wanted)(const std::string &))
{
    std::vector<fs::path> files;
    for (const fs::directory_entry &entry : fs::directory_iterator(folder))
        if (std::error_code circle; entry.is_regular_file(circle) && entry.path().extension() == ".bin" && wanted(entry.path().filename().string()))
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// CIFAR-100 calls its files train.bin and test.bin; a file by another name is told by its length.
bool isHundred(const fs::path &path)
{
    const std::string name = path.filename().string();
    if (name == "train.bin" || name == "test.bin")
        return true;
    const uintmax_t size = fs::file_size(path);
    return !name.starts_with("data_batch") && name != "test_batch.bin" && size % variant(false).record() && size % variant(true).record() == 0;
}

void readInto(const fs::path &path, const Variant &kind, Samples &samples)
{
    const std::vector<uint8_t> bytes = wholeBytes(path, kLargestCifar);
    if (bytes.empty() || bytes.size() % kind.record())
        failCifar(path, bytes.empty() ? said("empty; get it again")
                                      : said("truncated or not CIFAR: %1 bytes are no multiple of the %2 bytes of a CIFAR-%3 record; get it again",
                                             {bytes.size(), kind.record(), kind.classes[0]}));
    const size_t count = bytes.size() / kind.record();
    samples.labels.resize(kind.columns.size());
    samples.pixels.reserve(samples.pixels.size() + count * kCifarPixels);
    for (size_t i = 0; i < count; ++i) {
        const uint8_t *record = bytes.data() + i * kind.record(), *planes = record + kind.labelBytes;
        for (size_t column = 0; column < kind.columns.size(); ++column) {
            const uint8_t label = record[kind.byteOf[column]];
            if (label >= kind.classes[column])
                failCifar(path, said("record %1 has %2 %3, expected 0 to %4; it is damaged or not CIFAR-%5",
                                     {i, kind.columns[column], label, kind.classes[column] - 1, kind.classes[0]}));
            samples.labels[column].push_back(label);
        }
        for (int pixel = 0; pixel < kCifarSide * kCifarSide; ++pixel)
            for (int c = 0; c < 3; ++c)
                samples.pixels.push_back(planes[c * kCifarSide * kCifarSide + pixel]);
    }
    samples.count += static_cast<int64_t>(count);
}

/// The names listed one a line beside the data, where they are there and complete; else numbers.
std::vector<std::string> classNames(const fs::path &list, int count)
{
    std::vector<std::string> names;
    std::error_code absent;
    std::istringstream in(fs::is_regular_file(list, absent) ? readRegularFile(list, 1 << 20) : std::string());
    for (std::string line; std::getline(in, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        if (!line.empty())
            names.push_back(line);
    }
    if (static_cast<int>(names.size()) == count)
        return names;
    names.clear();
    for (int i = 0; i < count; ++i)
        names.push_back(std::to_string(i));
    return names;
}

bool recognisesCifar(const fs::path &path)
{
    if (!fs::is_directory(path))
        return path.extension() == ".bin";
    const fs::path folder = dataFolder(path);
    return folder != path || !filesIn(folder, isTrainName).empty() || !filesIn(folder, isTestName).empty() || fs::is_regular_file(path / "data_batch_1");
}

std::shared_ptr<const Dataset> openCifar(const fs::path &path, const DatasetOptions &)
{
    const bool isFolder = fs::is_directory(path);
    const fs::path folder = isFolder ? dataFolder(path) : path.parent_path();
    std::vector<fs::path> trainFiles = isFolder ? filesIn(folder, isTrainName) : std::vector{path}, testFiles;
    if (isFolder)
        testFiles = filesIn(folder, isTestName);
    if (trainFiles.empty())
        std::swap(trainFiles, testFiles);
    if (trainFiles.empty())
        failCifar(folder, pretext::said("holds no CIFAR binary files; get the binary version (data_batch_1.bin ...), not the Python one"));

    const Variant &kind = variant(isHundred(trainFiles.front()));
    Samples train, test;
    for (const fs::path &file : trainFiles)
        readInto(file, kind, train);
    for (const fs::path &file : testFiles)
        readInto(file, kind, test);

    DatasetInfo info;
    info.name = shownPath(path);
    info.image = {kCifarSide, kCifarSide, 3};
    for (size_t column = 0; column < kind.columns.size(); ++column)
        info.columns.push_back({kind.columns[column], classNames(folder / kind.nameFiles[column], kind.classes[column])});
    if (testFiles.empty()) {
        HeldOut heldOut = takeHeldOut(train, info.image);
        test = std::move(heldOut.samples);
        info.note = pretext::said("No test file was opened; %1", {heldOut.note});
        info.doubt = heldOut.doubt;
    }
    return std::make_shared<MemoryDataset>(std::move(info), std::move(train), std::move(test));
}

} // namespace

PathSource cifarSource()
{
    return {recognisesCifar, openCifar};
}

} // namespace pretext
