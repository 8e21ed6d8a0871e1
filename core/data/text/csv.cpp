#include "core/data/text/csv.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace {

class CsvReader
{
public:
    CsvReader(std::string_view text, char separator) : m_text(text), m_separator(separator) {}

    bool atEnd() const { return m_at >= m_text.size(); }
    size_t line() const { return m_line; }

    std::vector<std::string> record()
    {
        std::vector<std::string> fields{field()};
        while (m_at < m_text.size() && m_text[m_at] == m_separator) {
            ++m_at;
            fields.push_back(field());
        }
        endLine();
        return fields;
    }

private:
    std::string field()
    {
        if (m_at < m_text.size() && m_text[m_at] == '"')
            return quoted();
        const size_t end = std::min(m_text.find_first_of(std::string{m_separator, '\r', '\n'}, m_at), m_text.size());
        std::string value(m_text.substr(m_at, end - m_at));
        m_at = end;
        return value;
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
        throw std::invalid_argument("line " + std::to_string(first) + " opens a quote that is never closed");
    }

    void endLine()
    {
        if (m_text.substr(m_at).starts_with("\r\n"))
            ++m_at;
        ++m_at;
        ++m_line;
    }

    std::string_view m_text;
    char m_separator;
    size_t m_at = 0, m_line = 1;
};

char separatorOf(std::string_view text)
{
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
    const auto count = [&](char c) { return std::count(line.begin(), line.end(), c); };
    return *std::max_element(std::begin(",;\t"), std::end(",;\t") - 1, [&](char a, char b) { return count(a) < count(b); });
}

} // namespace

CsvTable parseCsv(std::string_view text)
{
    CsvTable table;
    CsvReader reader(text, separatorOf(text));
    while (!reader.atEnd()) {
        const size_t line = reader.line();
        std::vector<std::string> record = reader.record();
        if (record == std::vector<std::string>{""})
            continue;
        if (table.header.empty())
            table.header = std::move(record);
        else if (record.size() == table.header.size())
            table.rows.push_back(std::move(record));
        else
            table.skipped.push_back("line " + std::to_string(line) + ": " + std::to_string(record.size()) + " fields, not "
                                    + std::to_string(table.header.size()));
    }
    return table;
}

} // namespace pretext
