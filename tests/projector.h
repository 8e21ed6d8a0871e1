// How TensorBoard's Embedding Projector reads vectors and labels, by its rules (parseTensors, parseMetadata and streamParse of its data-provider.ts), since the
// projector itself runs in a browser: pieces of a megabyte, lines that are blank once trimmed passed over, a heading where the first line has a tab,
// values kept by their column's name, empty ones as none.
#pragma once

#include <QString>
#include <QStringList>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pretext::test {

struct Projected
{
    int64_t rows = 0;
    std::vector<float> numbers;
    std::map<std::string, std::vector<QString>> columns; // a null string: no value
};

/// False where it would wait for ever: for a piece behind the last, since that has no line end.
inline bool forEachProjectorLine(const std::string &bytes, const std::function<void(const std::string &)> &use)
{
    constexpr size_t kPiece = 1000000;
    std::string rest;
    for (size_t offset = 0; offset <= bytes.size();) {
        const std::string piece = offset < bytes.size() ? bytes.substr(offset, kPiece) : std::string();
        offset += kPiece;
        const size_t last = piece.rfind('\n');
        if (last == std::string::npos) {
            rest += piece;
            continue;
        }
        const std::string whole = rest + piece.substr(0, last + 1);
        for (size_t begin = 0, end; (end = whole.find('\n', begin)) != std::string::npos; begin = end + 1)
            use(whole.substr(begin, end - begin));
        rest = piece.substr(last + 1);
        if (offset + 1 >= bytes.size()) {
            if (!rest.empty())
                use(rest);
            return true;
        }
    }
    return false;
}

/// What String.prototype.trim() takes away: white space, line ends and the byte order mark.
inline QString trimmedByScript(const QString &line)
{
    const auto blank = [](QChar c) {
        return (c >= QChar(0x09) && c <= QChar(0x0d)) || c == QChar(0xfeff) || c == QChar(0x2028) || c == QChar(0x2029)
               || c.category() == QChar::Separator_Space;
    };
    qsizetype begin = 0, end = line.size();
    while (begin < end && blank(line[begin]))
        ++begin;
    while (end > begin && blank(line[end - 1]))
        --end;
    return line.mid(begin, end - begin);
}

/// None where it says that parsing failed.
inline std::optional<Projected> readVectors(const std::string &bytes)
{
    Projected read;
    qsizetype dimensions = -1;
    bool whole = true;
    const bool ended = forEachProjectorLine(bytes, [&](const std::string &text) {
        const QString line = trimmedByScript(QString::fromStdString(text));
        if (line.isEmpty())
            return;
        const QStringList row = line.split('\t');
        bool number = false;
        row[0].toDouble(&number);
        dimensions = dimensions < 0 ? row.size() : dimensions;
        whole = whole && number && row.size() == dimensions && dimensions > 1; // else its first would be taken for a label
        for (const QString &value : row) {
            read.numbers.push_back(float(value.toDouble(&number)));
            whole = whole && number;
        }
        ++read.rows;
    });
    return ended && whole ? std::optional(read) : std::nullopt;
}

inline std::optional<Projected> readMetadata(const std::string &bytes)
{
    Projected read;
    QStringList names{"label"};
    bool first = true;
    const bool ended = forEachProjectorLine(bytes, [&](const std::string &text) {
        const QString line = QString::fromStdString(text);
        if (trimmedByScript(line).isEmpty())
            return;
        const QStringList values = line.split('\t');
        if (std::exchange(first, false) && values.size() > 1) {
            names = values;
            return;
        }
        std::map<std::string, QString> row; // the later of two of a name stands
        for (qsizetype c = 0; c < names.size(); ++c)
            row[names[c].toStdString()] = c < values.size() && !values[c].isEmpty() ? values[c] : QString();
        for (const auto &[name, value] : row)
            read.columns[name].push_back(value);
        ++read.rows;
    });
    return ended ? std::optional(read) : std::nullopt;
}

} // namespace pretext::test
