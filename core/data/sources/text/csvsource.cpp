// A table of texts: one column is the text, the others are labels. FILE.csv#NAME says which column is the text; without it, it is the one
// named text, sentence, content, review, body or line, or the only one.
#include "core/data/sources/source.h"
#include "core/data/sources/text/csv.h"
#include "core/data/sources/text/textdataset.h"
#include "core/data/sources/text/textreading.h"
#include "core/data/tokens/normalise.h"
#include "core/files/said.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostClasses = 100;

struct CsvPlace
{
    fs::path file;
    std::string column;
};

CsvPlace csvPlaceOf(const fs::path &path)
{
    std::error_code error;
    const std::string name = path.string();
    const size_t mark = name.rfind('#');
    if (fs::exists(path, error) || mark == std::string::npos)
        return {path, {}};
    return {name.substr(0, mark), name.substr(mark + 1)};
}

bool recognisesCsv(const fs::path &path)
{
    return isTextTable(csvPlaceOf(path).file);
}

std::string lowerAscii(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
    return text;
}

[[noreturn]] void failTable(const CsvPlace &place, const std::string &why)
{
    throw std::invalid_argument("[csv] " + shownPath(place.file) + ": " + why);
}

std::string namesIn(const CsvTable &table)
{
    std::string names;
    for (const std::string &name : table.header)
        names += (names.empty() ? "" : ", ") + name;
    return names.size() <= 400 ? names : names.substr(0, codePointBoundary(names, 400)) + " ...";
}

[[noreturn]] void failAmbiguous(const CsvPlace &place, const std::string &name, const std::vector<size_t> &columns)
{
    std::string numbers; // but the last
    for (size_t i = 0; i + 1 < columns.size(); ++i)
        numbers += (i == 0 ? "" : ", ") + std::to_string(columns[i] + 1);
    failTable(place,
              said("columns %1 and %2 are both named '%3', so that neither is taken; rename one in the first line", {numbers, columns.back() + 1, name}));
}

/// The column so named, exactly or else but for capitals; beyond the header: none. Two of one name are refused.
size_t columnNamed(const CsvTable &table, const CsvPlace &place, const std::string &name)
{
    for (const bool exactly : {true, false}) {
        std::vector<size_t> found;
        for (size_t c = 0; c < table.header.size(); ++c)
            if (exactly ? table.header[c] == name : lowerAscii(table.header[c]) == lowerAscii(name))
                found.push_back(c);
        if (found.size() > 1)
            failAmbiguous(place, name, found);
        if (found.size() == 1)
            return found.front();
    }
    return table.header.size();
}

/// The column taken where none is named; beyond the header: none.
size_t usualColumn(const CsvTable &table, const CsvPlace &place)
{
    for (const char *name : {"text", "sentence", "content", "review", "body", "line"})
        if (const size_t found = columnNamed(table, place, name); found < table.header.size())
            return found;
    return table.header.size() == 1 ? 0 : table.header.size();
}

size_t textColumn(const CsvTable &table, const CsvPlace &place)
{
    const size_t found = place.column.empty() ? usualColumn(table, place) : columnNamed(table, place, place.column);
    if (found < table.header.size())
        return found;
    failTable(place, said("has no column '%1'; its first line names: %2. Choose one as %3#NAME",
                          {shownText(place.column.empty() ? "text" : place.column), namesIn(table), shownPath(place.file.filename())}));
}

CsvTable readTable(const CsvPlace &place)
{
    const std::string content = readText(place.file);
    try {
        return parseCsv(content, textExtension(place.file) == ".tsv" ? TableKind::tsv : TableKind::csv);
    } catch (const std::invalid_argument &error) {
        failTable(place, error.what());
    }
}

void requireRows(const CsvTable &table, const CsvPlace &place)
{
    if (!table.rows.empty())
        return;
    if (table.skipped.empty())
        failTable(place, said("holds no text: there are no rows below its first line, which names the columns (%1)", {namesIn(table)}));
    const char *why =
        table.skipped.size() == 1
            ? PRETEXT_SAID("none of its %1 row has as many fields as the first line, %2; the first is %3. Check what separates the fields, and the "
                           "quotes")
            : PRETEXT_SAID("none of its %1 rows has as many fields as the first line, %2; the first is %3. Check what separates the fields, and the "
                           "quotes");
    failTable(place, said(why, {table.skipped.size(), table.header.size(), table.skipped.front()}));
}

std::optional<float> numberIn(const std::string &field)
{
    float value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    return error == std::errc() && end == field.data() + field.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

struct CsvLabels
{
    LabelColumn column;
    std::vector<float> values;
};

/// Few different values are classes, many numbers a continuous factor; any other column labels nothing.
std::optional<CsvLabels> csvLabelsOf(const CsvTable &table, size_t c)
{
    std::map<std::string, int> classes;
    bool numbers = true;
    for (const std::vector<std::string> &row : table.rows) {
        classes.emplace(row[c], 0);
        numbers = numbers && numberIn(row[c]);
    }
    CsvLabels labels{{table.header[c], {}}, {}};
    const bool few = classes.size() <= kMostClasses && classes.size() * 2 <= table.rows.size();
    if (classes.size() < 2 || (!few && !numbers))
        return {};
    if (few)
        for (auto &[name, index] : classes) {
            index = static_cast<int>(labels.column.classes.size());
            labels.column.classes.push_back(name.empty() ? "(empty)" : name);
        }
    for (const std::vector<std::string> &row : table.rows)
        labels.values.push_back(few ? float(classes.at(row[c])) : *numberIn(row[c]));
    return labels;
}

std::vector<CsvLabels> csvLabelsOf(const CsvTable &table, size_t text, DatasetInfo &info)
{
    std::vector<CsvLabels> all;
    for (size_t c = 0; c < table.header.size(); ++c)
        if (c != text)
            if (std::optional<CsvLabels> labels = csvLabelsOf(table, c))
                all.push_back(std::move(*labels));
    // The one that is called so is the label.
    std::stable_partition(all.begin(), all.end(), [](const CsvLabels &labels) {
        const std::string name = lowerAscii(labels.column.name);
        return name == "label" || name == "class" || name == "category" || name == "target";
    });
    for (const CsvLabels &labels : all)
        info.columns.push_back(labels.column);
    return all;
}

/// The columns that are used, the text and the labels, are known by their names.
void requireDifferentNames(const CsvTable &table, const CsvPlace &place, size_t text, const std::vector<LabelColumn> &labels)
{
    const auto require = [&](const std::string &name) {
        std::vector<size_t> found;
        for (size_t c = 0; c < table.header.size(); ++c)
            if (table.header[c] == name)
                found.push_back(c);
        if (found.size() > 1 && !name.empty())
            failAmbiguous(place, name, found);
    };
    require(table.header[text]);
    for (const LabelColumn &label : labels)
        require(label.name);
}

std::shared_ptr<const Dataset> openCsv(const fs::path &path, const DatasetOptions &)
{
    const CsvPlace place = csvPlaceOf(path);
    CsvTable table = readTable(place);
    const size_t text = textColumn(table, place);
    requireRows(table, place);
    DatasetInfo info;
    info.name = shownPath(path);
    const std::vector<CsvLabels> labels = csvLabelsOf(table, text, info);
    requireDifferentNames(table, place, text, info.columns);
    std::vector<TextSample> samples;
    std::map<uint64_t, uint64_t> groups; // rows that differ in white space alone stay with the first
    for (size_t r = 0; r < table.rows.size(); ++r) {
        std::vector<float> values;
        for (const CsvLabels &column : labels)
            values.push_back(column.values[r]);
        const std::string &field = table.rows[r][text];
        const uint64_t group = groups.emplace(stableHash(squeezed(field)), stableHash(field)).first->second;
        for (std::string &part : cutText(field))
            samples.push_back({std::move(part), values, group, shownPath(place.file.filename()) + ", row " + std::to_string(r + 1)});
    }
    const std::string heldOut = divideRows(samples, info.columns, RowKind::row, info.doubt);
    info.note = pretext::said("Column '%1' is the text, cut where it is longer than %2 bytes; %3", {table.header[text], kLongestSample, heldOut});
    info.skipped = std::move(table.skipped);
    return makeTextDataset(std::move(info), std::move(samples));
}

} // namespace

bool isTextTable(const fs::path &path)
{
    std::error_code error;
    const std::string extension = textExtension(path);
    return fs::is_regular_file(path, error) && (extension == ".csv" || extension == ".tsv");
}

TextColumns textColumnsOf(const fs::path &path)
{
    const CsvPlace place{path, {}};
    const CsvTable table = readTable(place);
    const size_t usual = usualColumn(table, place);
    return {table.header, usual < table.header.size() ? static_cast<int>(usual) : -1};
}

PathSource csvSource()
{
    return {recognisesCsv, openCsv};
}

} // namespace pretext
