// What the similarity panel says: in sentences, for assistive technology and beside the map, and as CSV.
#include "widgets/panels/similaritypanel.h"

#include "core/ssl/method.h"
#include "widgets/plots/textlayout.h"
#include "widgets/said.h"
#include "widgets/workbench.h"

namespace pretext {

namespace {

/// In either direction; of a matrix that is not there nothing is.
bool holds(const Matrix &matrix, Cell cell)
{
    return cell.row < matrix.rows && cell.column < matrix.columns
           && !(std::isnan(matrix.at(cell.row, cell.column)) && std::isnan(matrix.at(cell.column, cell.row)));
}

} // namespace

QString SimilarityPanel::relation(Cell cell) const
{
    const bool oneSample = mode().ofViews && batch().pairOf(cell.row) == batch().pairOf(cell.column);
    if (!mode().diagonal.isEmpty())
        return cell.row == cell.column ? mode().diagonal : oneSample ? mode().pair : mode().beside;
    if (cell.row == cell.column)
        return tr("The same view: left out of the loss.");
    if (oneSample)
        return tr("A positive pair: two views of one sample, pulled together.");
    if (m_shares.values.empty())
        return tr("Views of two samples: this method pushes no two of a batch apart.");
    if (!holds(m_shares, cell))
        return holds(m_softmax, cell) ? tr("Two samples of one class: this method pulls them together, too.")
               : batch().views() == 2 ? tr("Left out of the loss, which compares first views with second views only.")
                                      : tr("Left out of the loss, which compares each view with those of other numbers only.");
    const int a = batch().label(batch().pairOf(cell.row)), b = batch().label(batch().pairOf(cell.column));
    if (a >= 0 && a == b)
        return tr("A negative pair of the same class: pushed apart although alike.");
    return tr("A negative pair: views of two samples, pushed apart.");
}

QString SimilarityPanel::valueText(Cell cell) const
{
    const float value = m_map.value(placeOf(cell));
    if (std::isnan(value))
        return tr("%1: none").arg(mode().name);
    const auto text = [percent = m_map.scale().percent](float number) { return percent ? percentText(number) : decimalText(number); };
    if (isDifference())
        return tr("%1 %2: right %3, left %4")
            .arg(mode().name, (value > 0 ? QStringLiteral("+") : QString()) + text(value), text(m_right.at(cell.row, cell.column)),
                 text(m_left.at(cell.row, cell.column)));
    return mode().name + u' ' + text(value);
}

QString SimilarityPanel::noneOf(const Mode &mode) const
{
    return tr("%1 makes no %2.").arg(translated(methodType(run().config().method).title), mode.name);
}

QString SimilarityPanel::missing() const
{
    const Snapshot *snapshot = batch().snapshot();
    if (const SideBySide *together = m_differs ? workbench().sideBySide() : nullptr)
        return together->both().left ? tr("There is no difference to show: one of the two runs makes no %1.").arg(mode().name) : together->whyNotBoth();
    if (snapshot && !snapshot->offered.contains(mode().channel) && snapshot->offered.contains("similarity"))
        return noneOf(mode()) + ' ' + tr("Choose another matrix above.");
    return waitingForPairs(run(), tr("the similarity"));
}

QString SimilarityPanel::placeName(int row) const
{
    return mode().ofViews ? batch().rowName(row) : tr("dimension %1").arg(row);
}

QString SimilarityPanel::description() const
{
    if (!m_ready)
        return missing();
    const auto cell = currentCell();
    if (!cell)
        return tr("Heat map of %1 rows and columns. Arrow keys move over its cells.").arg(m_map.rows());
    const auto named = [this](int row) {
        const QString sentence = mode().ofViews ? batch().sentence(row) : QString();
        return placeName(row) + (sentence.isEmpty() ? QString() : QStringLiteral(": “%1”").arg(sentence));
    };
    const QString alike = mode().ofViews ? batch().whyAlike() : QString();
    return tr("%1. Row: %2. Column: %3. %4 %5").arg(valueText(*cell), named(cell->row), named(cell->column), relation(*cell), alike).trimmed();
}

/// Millions of numbers take a second to write, so the maker works from a copy.
std::function<QString()> SimilarityPanel::csvMaker() const
{
    if (!m_ready)
        return [] { return QString(); };
    QStringList names;
    for (int row : m_rows)
        names << (mode().ofViews ? QStringLiteral("%1/%2").arg(batch().snapshot()->indices[batch().pairOf(row)]).arg(batch().viewOf(row))
                                 : QString::number(row));
    return [names, corner = mode().ofViews ? QStringLiteral("sample/view,") : QStringLiteral("dimension,"), values = m_map.values()] {
        QString text = corner + names.join(u',') + u'\n';
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
