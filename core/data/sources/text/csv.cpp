#include "core/data/sources/text/csv.h"

#include "core/files/said.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

constexpr std::string_view kSeparators = ",;\t";
constexpr size_t kMostColumns = 1 << 16, kMostFields = 1 << 26;

class CsvReader
{
public:
    CsvReader(std::string_view text, char separator, TableKind kind) : m_text(text), m_ends{separator, '\r', '\n'}, m_separator(separator), m_kind(kind) {}

    bool atEnd() const { return m_at >= m_text.size(); }
    size_t line() const { return m_line; }

    std::vector<std::string> record()
    {
        std::vector<std::string> fields{field()};
        while (m_at < m_text.size() && m_text[m_at] == m_separator) {
            if (fields.size() == kMostColumns)
                throw std::invalid_argument(pretext::said("line %1 has more than %2 fields; it is no table of texts", {m_line, kMostColumns}));
            ++m_at;
            fields.push_back(field());
        }
        endLine();
        return fields;
    }

private:
    std::string field()
    {
        if (m_kind == TableKind::csv && m_at < m_text.size() && m_text[m_at] == '"')
            return quoted();
        const size_t end = std::min(m_text.find_first_of(m_ends, m_at), m_text.size());
        std::string value(m_text.substr(m_at, end - m_at));
        m_at = end;
        return m_kind == TableKind::tsv ? unwrapped(std::move(value)) : value;
    }

    /// What is within the quotes where they enclose all of it and those inside are doubled; else as it is.
    static std::string unwrapped(std::string value)
    {
        if (value.size() < 2 || value.front() != '"' || value.back() != '"')
            return value;
        std::string inside;
        for (size_t i = 1; i + 1 < value.size(); ++i) {
            if (value[i] == '"' && (i + 2 >= value.size() || value[++i] != '"'))
                return value;
            inside += value[i];
        }
        return inside;
    }

    std::string quoted()
    {
        const size_t first = m_line;
        std::string value;
        for (++m_at; m_at < m_text.size(); ++m_at) {
            if (m_text[m_at] == '"' && !m_text.substr(m_at + 1).starts_with('"')) {
                ++m_at;
                return value + (m_at < m_text.size() && m_text[m_at] != '\r' && m_text[m_at] != '\n' && m_text[m_at] != m_separator ? field() : "");
            }
            m_at += m_text[m_at] == '"'; // two are one
            m_line += m_text[m_at] == '\n';
            value += m_text[m_at];
        }
        throw std::invalid_argument(pretext::said("line %1 opens a quote that is never closed; close it, or write it twice within quotes", {first}));
    }

    void endLine()
    {
        if (m_text.substr(m_at).starts_with("\r\n"))
            ++m_at;
        ++m_at;
        ++m_line;
    }

    const std::string_view m_text;
    const std::string m_ends; // of a field
    const char m_separator;
    const TableKind m_kind;
    size_t m_at = 0, m_line = 1;
};

char separatorOf(std::string_view text)
{
    size_t counts[] = {0, 0, 0};
    bool quoted = false;
    for (size_t i = 0; i < text.size() && (quoted || (text[i] != '\r' && text[i] != '\n')); ++i) {
        quoted = quoted != (text[i] == '"');
        if (const size_t which = quoted ? std::string_view::npos : kSeparators.find(text[i]); which != std::string_view::npos)
            ++counts[which];
    }
    return kSeparators[size_t(std::max_element(std::begin(counts), std::end(counts)) - counts)];
}

} // namespace

CsvTable parseCsv(std::string_view text, TableKind kind)
{
    CsvTable table;
    CsvReader reader(text, kind == TableKind::tsv ? '\t' : separatorOf(text), kind);
    size_t fields = 0;
    while (!reader.atEnd()) {
        const size_t line = reader.line();
        std::vector<std::string> record = reader.record();
        if (record == std::vector<std::string>{""})
            continue;
        if ((fields += record.size()) > kMostFields)
            throw std::invalid_argument(said("has more than %1 fields; choose a part of its rows, or of its columns", {kMostFields}));
        if (table.header.empty())
            table.header = std::move(record);
        else if (record.size() == table.header.size())
            table.rows.push_back(std::move(record));
        else
            table.skipped.push_back(said(record.size() == 1 ? PRETEXT_SAID("line %1: %2 field, not %3") : PRETEXT_SAID("line %1: %2 fields, not %3"),
                                         {line, record.size(), table.header.size()}));
    }
    return table;
}

} // namespace pretext
