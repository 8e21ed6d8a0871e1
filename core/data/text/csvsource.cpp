// A table of texts: one column is the text, the others are labels. FILE.csv#NAME says which column is the text; without it, it is the one
// named text, sentence, content, review, body or line, or the only one.
#include "core/data/sources/source.h"
#include "core/data/text/csv.h"
#include "core/data/text/textdataset.h"

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

struct CsvPlace { fs::path file; std::string column; };

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
    std::error_code error;
    const fs::path file = csvPlaceOf(path).file;
    const std::string extension = file.extension().string();
    return fs::is_regular_file(file, error) && (extension == ".csv" || extension == ".tsv" || extension == ".CSV" || extension == ".TSV");
}

std::string lowerAscii(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
    return text;
}

size_t columnNamed(const CsvTable &table, const std::string &name)
{
    return static_cast<size_t>(std::find_if(table.header.begin(), table.header.end(), [&](const std::string &h) { return lowerAscii(h) == lowerAscii(name); })
                               - table.header.begin());
}

/// The column taken where none is named; beyond the header: none.
size_t usualColumn(const CsvTable &table)
{
    for (const char *name : {"text", "sentence", "content", "review", "body", "line"})
        if (const size_t found = columnNamed(table, name); found < table.header.size())
            return found;
    return table.header.size() == 1 ? 0 : table.header.size();
}

size_t textColumn(const CsvTable &table, const CsvPlace &place)
{
    const size_t found = place.column.empty() ? usualColumn(table) : columnNamed(table, place.column);
    if (found < table.header.size())
        return found;
    std::string names;
    for (const std::string &name : table.header)
        names += (names.empty() ? "" : ", ") + name;
    throw std::invalid_argument("[csv] " + place.file.string() + ": has no column '" + (place.column.empty() ? "text" : place.column)
                                + "'; its first line names: " + names + ". Choose one as " + place.file.filename().string() + "#NAME");
}

CsvTable readTable(const fs::path &file)
{
    const std::string content = readText(file);
    try {
        return parseCsv(content);
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument("[csv] " + file.string() + ": " + error.what());
    }
}

std::optional<float> numberIn(const std::string &field)
{
    float value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    return error == std::errc() && end == field.data() + field.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

struct CsvLabels { LabelColumn column; std::vector<float> values; };

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

std::shared_ptr<const Dataset> openCsv(const fs::path &path, const DatasetOptions &)
{
    const CsvPlace place = csvPlaceOf(path);
    const CsvTable table = readTable(place.file);
    const size_t text = textColumn(table, place);
    DatasetInfo info;
    info.name = shownPath(path);
    info.skipped = table.skipped;
    const std::vector<CsvLabels> labels = csvLabelsOf(table, text, info);
    std::vector<TextSample> samples;
    for (size_t r = 0; r < table.rows.size(); ++r) {
        std::vector<float> values;
        for (const CsvLabels &column : labels)
            values.push_back(column.values[r]);
        const uint64_t group = stableHash(table.rows[r][text]);
        for (std::string &part : cutText(table.rows[r][text]))
            samples.push_back({std::move(part), values, group, place.file.filename().string() + ", row " + std::to_string(r + 1)});
    }
    info.note = "Column '" + table.header[text] + "' is the text, cut where it is longer than " + std::to_string(kLongestSample)
                + " bytes; one row in ten, chosen by its text, is held out.";
    if (!table.skipped.empty())
        info.note += " " + std::to_string(table.skipped.size()) + (table.skipped.size() == 1 ? " line was" : " lines were") + " skipped; the first is "
                     + table.skipped.front() + ".";
    return makeTextDataset(std::move(info), std::move(samples));
}

} // namespace

TextColumns textColumnsOf(const fs::path &path)
{
    const CsvTable table = readTable(path);
    const size_t usual = usualColumn(table);
    return {table.header, usual < table.header.size() ? static_cast<int>(usual) : -1};
}

PathSource csvSource()
{
    return {recognisesCsv, openCsv};
}

} // namespace pretext
