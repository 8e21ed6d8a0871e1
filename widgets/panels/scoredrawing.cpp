#include "widgets/panels/scoredrawing.h"

#include "widgets/plots/barplot.h"
#include "widgets/plots/textlayout.h"
#include "widgets/said.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pretext {

namespace {

constexpr qreal kCurveLines = 11; // height of a curve
constexpr qreal kBarHeight = 3;

QString textOf(const ScoreCell &cell)
{
    return translated(cell.text);
}

std::vector<qreal> columnWidths(const Canvas &canvas, const ScoreTable &table)
{
    std::vector<qreal> widths;
    for (size_t column = 0; column < table.header.size(); ++column) {
        qreal widest = canvas.textWidth(translated(table.header[column]), kSmall);
        for (const std::vector<ScoreCell> &row : table.rows)
            widest = std::max(widest, canvas.textWidth(textOf(row[column])));
        widths.push_back(widest + 2.5 * canvas.theme().spacing);
    }
    return widths;
}

qreal sumOf(const std::vector<qreal> &widths)
{
    return std::accumulate(widths.begin(), widths.end(), qreal(0));
}

qreal drawGrid(Canvas &canvas, const QRectF &area, const ScoreTable &table)
{
    const Theme &theme = canvas.theme();
    std::vector<qreal> widths = columnWidths(canvas, table);
    const qreal total = sumOf(widths);
    const qreal fit = std::min(1., area.width() / total), line = lineHeight(canvas), rowHeight = line + kBarHeight + theme.spacing;
    qreal y = area.top() + line / 2, x = area.left();
    for (size_t column = 0; column < widths.size(); ++column) {
        widths[column] *= fit;
        canvas.text({x, y}, elided(canvas, translated(table.header[column]), widths[column] - theme.spacing, kSmall), theme.mutedText, Align::left, kSmall);
        x += widths[column];
    }
    y += rowHeight;
    for (const std::vector<ScoreCell> &row : table.rows) {
        x = area.left();
        for (size_t column = 0; column < row.size(); ++column) {
            const qreal room = widths[column] - theme.spacing;
            canvas.text({x, y}, elided(canvas, textOf(row[column]), room), theme.text);
            if (std::isfinite(row[column].share))
                drawShare(canvas, QRectF(x, y + line / 2, room, kBarHeight), row[column].share, theme.accent);
            x += widths[column];
        }
        y += rowHeight;
    }
    return y - rowHeight / 2 - area.top();
}

qreal drawCurve(Canvas &canvas, const QRectF &area, const ScoreTable &table)
{
    const std::vector<ScoreCell> &row = table.rows.front();
    std::vector<Bar> bars;
    for (size_t column = 1; column < row.size(); ++column)
        bars.push_back({translated(table.header[column]), row[column].share});
    const qreal height = kCurveLines * lineHeight(canvas);
    drawBars(canvas, QRectF(area.topLeft(), QSizeF(std::min(area.width(), 3 * height), height)), bars, textOf(row.front()), translated(table.header.front()));
    return height;
}

} // namespace

qreal scoresWidth(const Canvas &canvas, const ScoreTable &table)
{
    return table.isCurve ? 2 * kCurveLines * lineHeight(canvas) : sumOf(columnWidths(canvas, table));
}

qreal drawScores(Canvas &canvas, const QRectF &area, const ScoreTable &table)
{
    const Theme &theme = canvas.theme();
    qreal height = table.isCurve ? drawCurve(canvas, area, table) : drawGrid(canvas, area, table);
    if (!table.below.empty())
        height +=
            drawWrapped(canvas, QRectF(area.left(), area.top() + height, area.width(), 1e4), QString::fromStdString(table.below), theme.mutedText, kSmall);
    return height + 2 * theme.spacing;
}

QString scoresCsv(const std::vector<ScoreTable> &tables)
{
    const auto quoted = [](const std::string &text) { return u'"' + QString::fromStdString(text).replace(u'"', QStringLiteral("\"\"")) + u'"'; };
    QString csv;
    for (const ScoreTable &table : tables) {
        QStringList fields;
        for (const std::string &name : table.header)
            fields << quoted(name);
        csv += (csv.isEmpty() ? QString() : QStringLiteral("\n")) + fields.join(u',') + u'\n';
        for (const std::vector<ScoreCell> &row : table.rows) {
            fields.clear();
            for (const ScoreCell &cell : row)
                fields << quoted(cell.text);
            csv += fields.join(u',') + u'\n';
        }
    }
    return csv;
}

QString scoresInWords(const ScoreTable &table)
{
    QStringList sentences;
    for (const std::vector<ScoreCell> &row : table.rows) {
        QStringList parts{textOf(row.front())};
        for (size_t column = 1; column < row.size(); ++column)
            if (!row[column].text.empty())
                parts << translated(table.header[column]) + u' ' + textOf(row[column]);
        sentences << parts.join(QStringLiteral(", ")) + u'.';
    }
    return sentences.join(u' ');
}

} // namespace pretext
