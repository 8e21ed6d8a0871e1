#include "core/exchange/report.h"

#include "core/files/safetensors.h"
#include "core/files/said.h"

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
        throw std::runtime_error(file + ": " + pretext::said("what was read back gives %1 values, not %2", {got.size(), expected.size()}));
    for (size_t i = 0; i < expected.size(); ++i)
        compare(double(expected[i]), double(got[i]));
}

void requireAgreement(const ExportReport &report)
{
    if (report.largestDifference <= kAgreement * report.scale)
        return;
    std::error_code ignored;
    std::filesystem::remove_all(report.file, ignored);
    char difference[32], scale[32];
    std::snprintf(difference, sizeof difference, "%.2g", report.largestDifference);
    std::snprintf(scale, sizeof scale, "%.3g", report.scale);
    throw std::runtime_error(report.file + ": "
                             + said("what was written does not compute what the encoder does (largest difference %1, of values up to %2, compared with %3), so "
                                    "it was removed; is the disk sound?",
                                    {difference, scale, report.checkedWith}));
}

void requireAsWritten(const std::filesystem::path &path, const SafetensorsFile &file)
{
    const SafetensorsFile got = readSafetensors(path);
    for (const auto &[name, tensor] : file.tensors)
        if (const auto found = got.tensors.find(name); found == got.tensors.end() || found->second.bytes != tensor.bytes) {
            std::error_code ignored;
            std::filesystem::remove(path, ignored);
            throw std::runtime_error(path.string() + ": "
                                     + said("%1 was not read back as it was written, so the file was removed; is the disk sound?", {name}));
        }
}

} // namespace pretext
