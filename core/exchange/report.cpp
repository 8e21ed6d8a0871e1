#include "core/exchange/report.h"

#include "core/files/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>

namespace pretext {

namespace {

constexpr double kAgreement = 1e-3; // of the largest value: another engine sums in another order

} // namespace

void ExportReport::compare(double expected, double got)
{
    const double difference = std::abs(expected - got);
    largestDifference = std::max(largestDifference, std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity());
    scale = std::isfinite(expected) ? std::max(scale, std::abs(expected)) : scale;
}

void ExportReport::compare(std::span<const float> expected, std::span<const float> got)
{
    if (expected.size() != got.size())
        throw std::runtime_error(file + ": what was read back gives " + std::to_string(got.size()) + " values, not " + std::to_string(expected.size()));
    for (size_t i = 0; i < expected.size(); ++i)
        compare(double(expected[i]), double(got[i]));
}

void requireAgreement(const ExportReport &report)
{
    if (report.largestDifference <= kAgreement * report.scale)
        return;
    std::error_code ignored;
    std::filesystem::remove_all(report.file, ignored);
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "largest difference %.2g, of values up to %.3g", report.largestDifference, report.scale);
    throw std::runtime_error(report.file + ": what was written does not compute what the encoder does (" + numbers + ", compared with " + report.checkedWith
                             + "), so it was removed; is the disk sound?");
}

void requireAsWritten(const std::filesystem::path &path, const SafetensorsFile &file)
{
    const SafetensorsFile got = readSafetensors(path);
    for (const auto &[name, tensor] : file.tensors)
        if (const auto found = got.tensors.find(name); found == got.tensors.end() || found->second.bytes != tensor.bytes) {
            std::error_code ignored;
            std::filesystem::remove(path, ignored);
            throw std::runtime_error(path.string() + ": " + name + " was not read back as it was written, so the file was removed; is the disk sound?");
        }
}

} // namespace pretext
