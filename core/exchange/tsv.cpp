// Tab-separated vectors and labels, as embedding projectors read them: one row a sample, no heading.
#include "core/analysis/alike.h"
#include "core/data/counted.h"
#include "core/data/modalitytype.h"
#include "core/exchange/export.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace pretext {
namespace {

constexpr const char *kNoLabel = "(none)";

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

void compareFloats(const std::filesystem::path &path, const Matrix &matrix, ExportReport &report)
{
    std::ifstream file(path);
    for (float expected : matrix.values) {
        std::string text;
        file >> text;
        float value = std::numeric_limits<float>::quiet_NaN();
        std::from_chars(text.data(), text.data() + text.size(), value);
        report.compare(double(expected), double(value));
    }
}

/// A field of a line: white space of any kind is one space, and where nothing else is left, `instead`. Projectors drop lines that are blank after
/// trimming, and take each later label for the sample before its own.
std::string field(const std::string &text, const std::string &instead)
{
    std::string plain;
    bool gap = false;
    for (size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        const bool blank = isSpace(c.value) || c.value < 0x20 || c.value == 0x7f || c.value == 0xfeff; // the last is trimmed, too
        if (!blank && gap && !plain.empty())
            plain += ' ';
        if (!blank)
            appendUtf8(plain, c.value);
        gap = blank;
        at += c.bytes;
    }
    return plain.empty() ? instead : plain;
}

/// The same of a name: white space but for single spaces within it is written as \u{...}, as is what cannot be seen.
std::string nameField(const std::string &text, const std::string &instead)
{
    std::string plain = field(text, "");
    if (plain == text && text.find("\\u{") == std::string::npos)
        return plain.empty() ? instead : plain;
    plain.clear();
    for (size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        const size_t next = at + c.bytes;
        const bool alone = c.value == ' ' && at > 0 && next < text.size() && text[at - 1] != ' ' && text[next] != ' ';
        const bool unseen = isSpace(c.value) || c.value < 0x20 || c.value == 0x7f || c.value == 0xfeff;
        char code[16];
        std::snprintf(code, sizeof code, "\\u{%X}", unsigned(c.value));
        const bool likeOurs = std::string_view(text).substr(at).starts_with("\\u{"); // a name that has it already is another's
        if ((unseen && !alone) || likeOurs)
            plain += code;
        else
            appendUtf8(plain, c.value);
        at = next;
    }
    return plain;
}

/// Throws where the file is not a line for each row, none of them blank and each of as many fields.
void checkLines(const std::filesystem::path &path, const TsvMetadata &metadata, int64_t rows)
{
    std::ifstream file(path);
    const int64_t heading = metadata.columns.size() > 1;
    int64_t lines = 0;
    for (std::string line; std::getline(file, line); ++lines) {
        const size_t fields = 1 + size_t(std::count(line.begin(), line.end(), '\t'));
        if (line.find_first_not_of(" \t\r") == std::string::npos || fields != metadata.columns.size())
            throw std::runtime_error(path.string() + ": " + said("its line %1 is not the label that was to be written; do not use it", {lines + 1}));
    }
    if (lines != rows + heading)
        throw std::runtime_error(path.string() + ": "
                                 + said(lines == 1 ? PRETEXT_SAID("has %1 line where %2 were to be written; do not use it")
                                                   : PRETEXT_SAID("has %1 lines where %2 were to be written; do not use it"),
                                        {lines, rows + heading}));
}

/// The heading, in which each name stands once: projectors keep a row's values by the column's name, so that the last of two alike would stand for both.
std::vector<std::string> headingOf(const std::vector<TsvColumn> &columns)
{
    std::vector<std::string> names;
    for (const TsvColumn &column : columns) {
        const std::string name = field(column.name, "column " + std::to_string(names.size() + 1));
        std::string unique = name;
        for (int number = 2; std::find(names.begin(), names.end(), unique) != names.end(); ++number)
            unique = name + " " + std::to_string(number);
        names.push_back(unique);
    }
    return names;
}

void writeMetadata(const std::filesystem::path &path, const TsvMetadata &metadata, int64_t rows)
{
    std::string text;
    const std::vector<std::string> heading = headingOf(metadata.columns);
    for (int64_t row = metadata.columns.size() > 1 ? -1 : 0; row < rows; ++row) // a single column has no heading
        for (size_t c = 0; c < metadata.columns.size(); ++c) {
            const TsvColumn &column = metadata.columns[c];
            text += row < 0 ? heading[c] : (column.named ? nameField : field)(column.values[size_t(row)], kNoLabel);
            text += c + 1 < metadata.columns.size() ? '\t' : '\n';
        }
    writeText(path, text);
    checkLines(path, metadata, rows);
}

} // namespace

std::filesystem::path tsvLabelFile(const std::filesystem::path &path)
{
    return std::filesystem::path(path).replace_extension(".metadata.tsv");
}

TsvMetadata tsvMetadata(const Dataset &dataset, Split split, int64_t rows)
{
    TsvMetadata metadata;
    const std::vector<LabelColumn> &columns = dataset.info().columns;
    for (int c = 0; c < int(columns.size()); ++c) {
        TsvColumn column{columns[size_t(c)].name, {}, true};
        for (int64_t row = 0; row < rows; ++row) {
            const float value = dataset.label(split, row, c);
            const std::vector<std::string> &classes = columns[size_t(c)].classes;
            std::string number;
            append(number, value);
            column.values.push_back(classes.empty() ? number : classes.at(size_t(value)));
        }
        metadata.columns.push_back(std::move(column));
    }
    const ModalityType &kind = modalityType(dataset.info().modality);
    TsvColumn what{kind.wordsAre, {}, kind.shaped};
    bool told = false;
    for (int64_t row = 0; row < rows; ++row) {
        what.values.push_back(kind.words(dataset, split, row));
        told |= !what.values.back().empty();
    }
    if (told)
        metadata.columns.push_back(std::move(what));
    return metadata;
}

ExportReport writeTsv(const std::filesystem::path &path, const Matrix &matrix, const TsvMetadata &metadata)
{
    for (const TsvColumn &column : metadata.columns)
        if (int64_t(column.values.size()) != matrix.rows)
            throw std::invalid_argument("[tsv] " + counted(matrix.rows, "row") + " but " + counted(int64_t(column.values.size()), "label") + " of "
                                        + column.name);
    requireFinite(matrix);
    std::string text;
    for (int64_t row = 0; row < matrix.rows; ++row)
        for (int64_t column = 0; column < matrix.columns; ++column) {
            append(text, matrix.at(row, column));
            text += column + 1 < matrix.columns ? '\t' : '\n';
        }
    writeText(path, text);
    if (!metadata.columns.empty())
        writeMetadata(tsvLabelFile(path), metadata, matrix.rows);
    ExportReport report{path.string(), 0, 0, said("the file, read again")};
    report.alike = matrix.rows > 1 && allAlike(matrix);
    compareFloats(path, matrix, report);
    requireAgreement(report);
    return report;
}

} // namespace pretext
