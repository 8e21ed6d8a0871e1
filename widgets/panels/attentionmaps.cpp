#include "widgets/panels/attentionmaps.h"

#include "widgets/plots/textlayout.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pretext {

bool isWhole(const AttentionView &view)
{
    const size_t rows = view.pieces.size(), columns = view.keys().size();
    return rows > 0 && columns > 0 && view.layers > 0 && view.heads > 0 && view.visible.size() == rows * columns
           && view.weights.size() == rows * columns * size_t(view.layers) * view.heads && std::min(view.gridRows, view.gridColumns) >= 0
           && (view.gridRows > 0) == (view.gridColumns > 0) && size_t(view.gridRows) * view.gridColumns <= columns && (view.gridRows == 0 || rows == columns);
}

bool seesAll(const AttentionView &view)
{
    return std::ranges::all_of(view.visible, [](uint8_t seen) { return seen != 0; });
}

namespace {

/// One head's weights: blank where the objective hides the column from the row. The scale reaches the largest weight of the rows that have
/// some choice: the first of a causal model attends to itself whatever it has learned.
HeatMap mapOfTokens(const AttentionView &view, size_t head)
{
    const size_t rows = view.pieces.size(), columns = view.keys().size(), cells = rows * columns;
    std::vector<float> values(view.weights.begin() + head * cells, view.weights.begin() + (head + 1) * cells);
    float largest = 0;
    for (size_t row = 0; row < rows; ++row) {
        const auto visible = view.visible.begin() + row * columns;
        const bool chooses = size_t(std::count(visible, visible + columns, uint8_t(1))) > columns / 4;
        for (size_t column = 0; column < columns; ++column) {
            float &value = values[row * columns + column];
            largest = chooses ? std::max(largest, value) : largest; // not a NaN
            if (!visible[column])
                value = std::numeric_limits<float>::quiet_NaN();
        }
    }
    HeatMap map;
    map.setScale({ColourMap::sequential, 0, roundedUp(largest)});
    map.setValues(int(rows), int(columns), std::move(values));
    return map;
}

HeatMap mapOfPatches(const AttentionView &view, size_t head, int query)
{
    const size_t side = view.pieces.size();
    const auto row = view.weights.begin() + (head * side + size_t(query)) * side;
    std::vector<float> values(row + view.beforePatches(), row + side);
    float largest = 0;
    for (const float value : values)
        largest = std::max(largest, value); // not a NaN
    HeatMap map;
    map.setScale({ColourMap::sequential, 0, roundedUp(largest)});
    map.setValues(view.gridRows, view.gridColumns, std::move(values));
    return map;
}

} // namespace

HeatMap attentionMap(const AttentionView &view, size_t head, int query)
{
    return view.ofPatches() ? mapOfPatches(view, head, queryOf(view, query)) : mapOfTokens(view, head);
}

int queryOf(const AttentionView &view, int chosen)
{
    if (chosen >= 0 && chosen < int(view.pieces.size()))
        return chosen;
    return view.beforePatches() > 0 ? 0 : (view.gridRows / 2) * view.gridColumns + view.gridColumns / 2;
}

QString attentionCsv(const AttentionView &view)
{
    const size_t rows = view.pieces.size(), columns = view.keys().size();
    const auto quoted = [](const std::string &piece) { return u'"' + QString::fromStdString(piece).replace(u'"', QStringLiteral("\"\"")) + u'"'; };
    QString text = QStringLiteral("layer,head,query,query token,key,key token,may see,weight\n");
    size_t at = 0;
    for (int layer = 0; layer < view.layers; ++layer)
        for (int head = 0; head < view.heads; ++head)
            for (size_t row = 0; row < rows; ++row)
                for (size_t column = 0; column < columns; ++column, ++at)
                    text += QStringLiteral("%1,%2,%3,").arg(layer + 1).arg(head + 1).arg(row) + quoted(view.pieces[row]) + QStringLiteral(",%1,").arg(column)
                            + quoted(view.keys()[column]) + QStringLiteral(",%1,").arg(view.visible[row * columns + column])
                            + (std::isnan(view.weights[at]) ? QString() : QString::number(view.weights[at], 'g', 9)) + u'\n';
    return text;
}

} // namespace pretext
