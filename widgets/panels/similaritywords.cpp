// What the similarity panel says: in sentences, for assistive technology and beside the map, and as CSV.
#include "widgets/panels/similaritypanel.h"

#include "widgets/plots/textlayout.h"

namespace pretext {

QString SimilarityPanel::nameOf(Shown shown)
{
    switch (shown) {
    case Shown::softmax: return tr("softmax");
    case Shown::gradientShare: return tr("gradient share");
    default: return tr("cosine");
    }
}

bool SimilarityPanel::isCompared(Cell cell) const
{
    return cell.row != cell.column && (batch().contrast() != Contrast::secondViews || batch().viewOf(cell.row) != batch().viewOf(cell.column));
}

QString SimilarityPanel::relation(Cell cell) const
{
    if (cell.row == cell.column)
        return tr("The same view: left out of the loss.");
    if (!isCompared(cell))
        return tr("Left out of the loss, which compares first views with second views only.");
    if (batch().pairOf(cell.row) == batch().pairOf(cell.column))
        return tr("A positive pair: two views of one sample, pulled together.");
    if (batch().contrast() == Contrast::none)
        return tr("Views of two samples: this method pushes no two of them apart.");
    const int a = batch().label(batch().pairOf(cell.row)), b = batch().label(batch().pairOf(cell.column));
    if (a >= 0 && a == b)
        return tr("A negative pair of the same class: pushed apart although alike.");
    return tr("A negative pair: views of two samples, pushed apart.");
}

QString SimilarityPanel::valueText(Cell cell) const
{
    const float value = m_map.value(placeOf(cell));
    if (std::isnan(value))
        return tr("%1: none").arg(nameOf(m_shown));
    return nameOf(m_shown) + u' ' + (m_map.scale().percent ? percentText(value) : decimalText(value));
}

QString SimilarityPanel::missing() const
{
    if (batch().similarity())
        return tr("This method has no temperature, so there is no %1 to show. Choose Cosine above.").arg(nameOf(m_shown));
    return waitingForPairs(controller(), tr("the similarity"));
}

QString SimilarityPanel::description() const
{
    if (!m_ready)
        return missing();
    const auto cell = currentCell();
    if (!cell)
        return tr("Heat map of %1 rows and columns. Arrow keys move over its cells.").arg(m_map.rows());
    const auto named = [this](int row) {
        const QString sentence = batch().sentence(row);
        return batch().rowName(row) + (sentence.isEmpty() ? QString() : QStringLiteral(": “%1”").arg(sentence));
    };
    return tr("%1. Row: %2. Column: %3. %4 %5").arg(valueText(*cell), named(cell->row), named(cell->column), relation(*cell), batch().whyAlike()).trimmed();
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
