// Tab-separated vectors and labels, as embedding projectors read them: one row a sample, no heading.
#include "core/exchange/export.h"
#include "core/exchange/safetensors.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace pretext {
namespace {

void writeText(const std::filesystem::path &path, const std::string &text)
{
    const auto *data = reinterpret_cast<const std::byte *>(text.data());
    writeFileAtomically(path, {data, data + text.size()});
}

/// The shortest text that reads back as the same float.
void append(std::string &text, float value)
{
    char buffer[32];
    text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

double largestDifference(const std::filesystem::path &path, const Matrix &matrix)
{
    std::ifstream file(path);
    double largest = 0;
    for (float expected : matrix.values) {
        std::string text;
        file >> text;
        float value = std::numeric_limits<float>::quiet_NaN();
        std::from_chars(text.data(), text.data() + text.size(), value);
        const double difference = std::abs(double(value) - expected);
        if (!(difference <= largest) && !(std::isnan(value) && std::isnan(expected)))
            largest = difference;
    }
    return largest;
}

} // namespace

std::filesystem::path tsvLabelFile(const std::filesystem::path &path)
{
    return std::filesystem::path(path).replace_extension(".metadata.tsv");
}

ExportReport writeTsv(const std::filesystem::path &path, const Matrix &matrix, const std::vector<std::string> &labels)
{
    if (!labels.empty() && int64_t(labels.size()) != matrix.rows)
        throw std::invalid_argument("[tsv] " + std::to_string(matrix.rows) + " rows but " + std::to_string(labels.size()) + " labels");
    std::string text;
    for (int64_t row = 0; row < matrix.rows; ++row)
        for (int64_t column = 0; column < matrix.columns; ++column) {
            append(text, matrix.at(row, column));
            text += column + 1 < matrix.columns ? '\t' : '\n';
        }
    writeText(path, text);
    if (!labels.empty()) {
        text.clear();
        for (std::string label : labels) {
            std::ranges::replace_if(label, [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
            text += label + "\n";
        }
        writeText(tsvLabelFile(path), text);
    }
    ExportReport report{path.string(), largestDifference(path, matrix), 0, "the file, read again"};
    for (float value : matrix.values)
        report.scale = std::max(report.scale, double(std::abs(value)));
    return report;
}

} // namespace pretext
