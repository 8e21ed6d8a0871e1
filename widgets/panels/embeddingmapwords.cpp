// What the embedding map says: in sentences, for assistive technology and on the canvas, and as CSV.
#include "widgets/panels/embeddingmappanel.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/panels/maptimeline.h"
#include "widgets/plots/textlayout.h"
#include "widgets/run.h"

namespace pretext {

QString EmbeddingMapPanel::message() const
{
    if (!run().hasJob())
        return tr("A map of held-out samples needs an encoder, and there is none before the first training step. Open data in the File menu, or "
                  "start a lesson.");
    if (!m_problem.isEmpty())
        return tr("There is no map: %1.").arg(m_problem);
    if (m_maker->samples() == 0)
        return tr("These data hold no sample back from training, so there is none to map. Data with a test split have some.");
    if (!m_maker->follower().progress().isEmpty())
        return tr("The first map is on its way, %1.").arg(m_maker->follower().progress());
    return waitingText(run(), tr("the encoder's weights, of which the map is made"));
}

QString EmbeddingMapPanel::title() const
{
    const EmbeddingMap &map = *m_shown.map;
    const QString data = m_samples.dataset() ? QString::fromStdString(m_samples.dataset()->info().name) : QString();
    const QString of = map.samples() < map.of ? tr("%1 of the %2").arg(map.samples()).arg(map.of) : tr("All %1").arg(map.of);
    QStringList sentences{data.isEmpty() ? tr("Step %1: %2 held-out samples").arg(map.step).arg(of)
                                         : tr("Step %1: %2 held-out samples of %3").arg(map.step).arg(of, data)};
    if (map.collapsed())
        sentences << tr("All of them are one point: the encoder has collapsed, or the samples are all alike");
    if (!m_problem.isEmpty())
        sentences << tr("No newer map: %1").arg(m_problem);
    if (m_shown.planned > 0)
        sentences << tr("It is laid out: iteration %1 of %2").arg(m_shown.iteration).arg(m_shown.planned);
    if (m_differs)
        sentences << differenceText();
    else if (beside() && !isLeft() && sharesMaps() && m_drawn != m_shown.map)
        sentences << tr("Turned onto the left's");
    if (!m_notice.isEmpty())
        sentences << m_notice;
    return sentences.join(QStringLiteral(". "));
}

QString EmbeddingMapPanel::stepText() const
{
    if (!m_shown.map)
        return tr("No map yet");
    return (m_timeline->atEnd() && !run().looksBack() ? tr("Step %1, newest") : tr("Step %1")).arg(m_shown.map->step);
}

QString EmbeddingMapPanel::methodName() const
{
    switch (m_kind.method) {
    case MapMethod::tsne: return tr("t-SNE");
    case MapMethod::umap: return tr("UMAP");
    default: return tr("PCA");
    }
}

/// Only those of principal components in the plane measure something that can be read off.
void EmbeddingMapPanel::nameAxes()
{
    if (m_kind.method == MapMethod::pca && !isSpace())
        m_scatter.setAxes(axisName(0), axisName(1));
    else if (m_kind.method == MapMethod::pca)
        m_scatter.setNoAxes({tr("%1, %2, %3. Drag to turn").arg(axisName(0).name, axisName(1).name, axisName(2).name), tr("Drag to turn")});
    else
        m_scatter.setNoAxes({isSpace() ? tr("%1: near points are neighbours in the embedding; distances have no unit. Drag to turn").arg(methodName())
                                       : tr("%1: near points are neighbours in the embedding; distances have no unit").arg(methodName()),
                             tr("%1, without units").arg(methodName())});
}

QString EmbeddingMapPanel::axesText() const
{
    if (m_kind.method != MapMethod::pca)
        return tr("By %1: near points are neighbours in the embedding.").arg(methodName());
    return isSpace() ? tr("Axes: %1, %2 and %3.").arg(axisName(0).name, axisName(1).name, axisName(2).name)
                     : tr("Axes: %1 and %2.").arg(axisName(0).name, axisName(1).name);
}

Scatter::AxisName EmbeddingMapPanel::axisName(int axis) const
{
    const EmbeddingMap &map = *m_drawn;
    if (map.kind.method != MapMethod::pca)
        return {QString::number(axis + 1), QString::number(axis + 1)};
    const int degrees = qRound(map.degrees(axis));
    const QString component = tr("PC %1").arg(map.component(axis)), share = QStringLiteral("%1 %").arg(qRound(100 * map.share(axis)));
    return {degrees > 0 ? tr("%1 turned by %2° (%3 of variance)").arg(component).arg(degrees).arg(share) : tr("%1 (%2 of variance)").arg(component, share),
            QStringLiteral("%1 (%2)").arg(component, share)};
}

QString EmbeddingMapPanel::neighboursTitle() const
{
    const EmbeddingMap *newest = m_maker->newest();
    if (!newest || newest->rowOf(current()) < 0)
        return tr("The newest map does not show this sample, so its neighbours are not known.");
    return newest == m_shown.map.get() ? tr("Nearest in the whole embedding, by cosine:")
                                       : tr("Nearest in the whole embedding at step %1, the newest, by cosine:").arg(newest->step);
}

QString EmbeddingMapPanel::description() const
{
    if (!m_shown.map)
        return message();
    const QString where = QStringLiteral("%1. %2").arg(title(), axesText());
    if (current() < 0 && !m_chosen.empty() && m_samples.dataset())
        return tr("%1. Escape lets go of them. %2").arg(m_chosen.summary(*m_samples.dataset()), where);
    if (current() < 0)
        return where + u' ' + tr("%1 Arrow keys move from point to point, Enter keeps one, Page Up and Page Down go through the steps.").arg(m_labels->note);
    QStringList near;
    for (const Neighbour &neighbour : neighbours())
        near << QStringLiteral("%1 (%2)").arg(m_samples.name(neighbour.sample), decimalText(neighbour.cosine));
    const QString text = m_samples.at(current()).text, name = m_samples.name(current());
    const QString named = text.isEmpty() ? name : name + QStringLiteral(": ") + text;
    return QStringLiteral("%1. %2 %3. %4")
        .arg(current() == fixed() ? tr("%1, kept").arg(named) : named, neighboursTitle(), near.join(QStringLiteral(", ")), where);
}

QString EmbeddingMapPanel::csv() const
{
    if (!m_shown.map || !m_samples.dataset())
        return {};
    const EmbeddingMap &map = *m_shown.map;
    QString text = isSpace() ? QStringLiteral("index,label,x,y,z\n") : QStringLiteral("index,label,x,y\n");
    for (int64_t row = 0; row < map.samples(); ++row) {
        const int64_t sample = map.sample(row);
        text += QStringLiteral("%1,\"%2\"").arg(sample).arg(labelText(*m_samples.dataset(), sample).replace(u'"', QStringLiteral("\"\"")));
        for (int axis = 0; axis < map.kind.dimensions; ++axis)
            text += u',' + QString::number(double(map.points.at(row, axis)), 'g', 7);
        text += u'\n';
    }
    return text;
}

} // namespace pretext
