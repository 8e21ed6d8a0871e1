// What the similarity panel says: in sentences, for assistive technology and beside the map, and as CSV.
#include "widgets/panels/similaritypanel.h"

#include "widgets/plots/textlayout.h"

namespace pretext {

QString SimilarityPanel::nameOf(Shown shown)
{
    switch (shown) {
    case Shown::softmax: return QStringLiteral("softmax");
    case Shown::gradientShare: return QStringLiteral("gradient share");
    default: return QStringLiteral("cosine");
    }
}

bool SimilarityPanel::isCompared(Cell cell) const
{
    return cell.row != cell.column && (batch().contrast() != Contrast::secondViews || batch().viewOf(cell.row) != batch().viewOf(cell.column));
}

QString SimilarityPanel::relation(Cell cell) const
{
    if (cell.row == cell.column)
        return QStringLiteral("The same view: left out of the loss.");
    if (!isCompared(cell))
        return QStringLiteral("Left out of the loss, which compares first views with second views only.");
    if (batch().pairOf(cell.row) == batch().pairOf(cell.column))
        return QStringLiteral("A positive pair: two views of one sample, pulled together.");
    if (batch().contrast() == Contrast::none)
        return QStringLiteral("Views of two samples: this method pushes no two of them apart.");
    const int a = batch().label(batch().pairOf(cell.row)), b = batch().label(batch().pairOf(cell.column));
    if (a >= 0 && a == b)
        return QStringLiteral("A negative pair of the same class: pushed apart although alike.");
    return QStringLiteral("A negative pair: views of two samples, pushed apart.");
}

QString SimilarityPanel::valueText(Cell cell) const
{
    const float value = m_map.value(placeOf(cell));
    if (std::isnan(value))
        return nameOf(m_shown) + QStringLiteral(": none");
    return nameOf(m_shown) + u' ' + (m_map.scale().percent ? percentText(value) : decimalText(value));
}

QString SimilarityPanel::missing() const
{
    if (batch().similarity())
        return QStringLiteral("This method has no temperature, so there is no %1 to show. Choose Cosine above.").arg(nameOf(m_shown));
    return waitingForPairs(controller(), QStringLiteral("the similarity"));
}

QString SimilarityPanel::description() const
{
    if (!m_ready)
        return missing();
    const auto cell = currentCell();
    if (!cell)
        return QStringLiteral("Heat map of %1 rows and columns. Arrow keys move over its cells.").arg(m_map.rows());
    const auto named = [this](int row) {
        const QString sentence = batch().sentence(row);
        return batch().rowName(row) + (sentence.isEmpty() ? QString() : QStringLiteral(": “%1”").arg(sentence));
    };
    return QStringLiteral("%1. Row: %2. Column: %3. %4 %5")
        .arg(valueText(*cell), named(cell->row), named(cell->column), relation(*cell), batch().whyAlike())
        .trimmed();
}

/// Millions of numbers take a second to write, so the maker works from a copy.
std::function<QString()> SimilarityPanel::csvMaker() const
{
    if (!m_ready)
        return [] { return QString(); };
    QStringList names;
    for (int row : m_rows)
        names << QStringLiteral("%1/%2").arg(batch().snapshot()->indices[batch().pairOf(row)]).arg(batch().viewOf(row));
    return [names, values = m_map.values()] {
        QString text = QStringLiteral("sample/view,") + names.join(u',') + u'\n';
        auto value = values.begin();
        for (const QString &name : names) {
            text += name;
            for (qsizetype column = 0; column < names.size(); ++column, ++value)
                text += u',' + (std::isnan(*value) ? QString() : QString::number(*value, 'g', 7));
            text += u'\n';
        }
        return text;
    };
}

} // namespace pretext
