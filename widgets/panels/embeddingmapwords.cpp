// What the embedding map says: in sentences, for assistive technology and on the canvas, and as CSV.
#include "widgets/panels/embeddingmappanel.h"
#include "widgets/panels/mapmaker.h"
#include "widgets/plots/textlayout.h"
#include "widgets/trainingcontroller.h"

#include <QSlider>

namespace pretext {

QString EmbeddingMapPanel::message() const
{
    if (!controller().hasJob())
        return QStringLiteral("A map of held-out samples needs an encoder, and there is none before the first training step. Open data in the File menu, or "
                              "start a lesson.");
    if (!m_problem.isEmpty())
        return QStringLiteral("There is no map: ") + m_problem + u'.';
    if (m_maker->samples() == 0)
        return QStringLiteral("These data hold no sample back from training, so there is none to map. Data with a test split have some.");
    if (!m_maker->progress().isEmpty())
        return QStringLiteral("The first map is on its way, ") + m_maker->progress() + u'.';
    return waitingText(controller(), QStringLiteral("the encoder's weights, of which the map is made"));
}

QString EmbeddingMapPanel::title() const
{
    const EmbeddingMap &map = *m_shown.map;
    const QString data = m_samples.dataset() ? QStringLiteral(" of ") + QString::fromStdString(m_samples.dataset()->info().name) : QString();
    const QString of = map.samples() < map.of ? QStringLiteral("%1 of the %2").arg(map.samples()).arg(map.of) : QStringLiteral("All %1").arg(map.of);
    QString text = QStringLiteral("Step %1: %2 held-out samples%3").arg(map.step).arg(of, data);
    if (map.collapsed())
        text += QStringLiteral(". All of them are one point: the encoder has collapsed, or the samples are all alike");
    if (!m_problem.isEmpty())
        text += QStringLiteral(". No newer map: ") + m_problem;
    return text;
}

QString EmbeddingMapPanel::stepText() const
{
    if (!m_shown.map)
        return QStringLiteral("No map yet");
    const bool newest = m_slider->value() == m_slider->maximum();
    return QStringLiteral("Step %1%2").arg(m_shown.map->step).arg(newest ? QStringLiteral(", newest") : QString());
}

Scatter::AxisName EmbeddingMapPanel::axisName(int axis) const
{
    const EmbeddingMap &map = *m_shown.map;
    const int degrees = qRound(map.degrees(axis));
    const QString component = QStringLiteral("PC %1").arg(map.component(axis)), share = QStringLiteral("%1 %").arg(qRound(100 * map.share(axis)));
    const QString turned = degrees > 0 ? QStringLiteral(" turned by %1°").arg(degrees) : QString();
    return {QStringLiteral("%1%2 (%3 of variance)").arg(component, turned, share), QStringLiteral("%1 (%2)").arg(component, share)};
}

QString EmbeddingMapPanel::neighboursTitle() const
{
    const EmbeddingMap *newest = m_maker->newest();
    if (!newest || newest->rowOf(current()) < 0)
        return QStringLiteral("The newest map does not show this sample, so its neighbours are not known.");
    const QString when = newest == m_shown.map.get() ? QString() : QStringLiteral(" at step %1, the newest").arg(newest->step);
    return QStringLiteral("Nearest in the whole embedding%1, by cosine:").arg(when);
}

QString EmbeddingMapPanel::description() const
{
    if (!m_shown.map)
        return message();
    const QString where = title() + QStringLiteral(". Axes: %1 and %2.").arg(axisName(0).name, axisName(1).name);
    if (current() < 0)
        return where
               + QStringLiteral(" %1 Arrow keys move from point to point, Enter keeps one, Page Up and Page Down go through the steps.")
                     .arg(m_shown.labels->note);
    QStringList near;
    for (const Neighbour &neighbour : neighbours())
        near << QStringLiteral("%1 (%2)").arg(m_samples.name(neighbour.sample), decimalText(neighbour.cosine));
    const QString text = m_samples.at(current()).text;
    return QStringLiteral("%1%2%3. %4 %5. %6")
        .arg(m_samples.name(current()), text.isEmpty() ? QString() : QStringLiteral(": ") + text, current() == m_fixed ? QStringLiteral(", kept") : QString(),
             neighboursTitle(), near.join(QStringLiteral(", ")), where);
}

QString EmbeddingMapPanel::csv() const
{
    if (!m_shown.map || !m_samples.dataset())
        return {};
    const EmbeddingMap &map = *m_shown.map;
    QString text = QStringLiteral("index,label,x,y\n");
    for (int64_t row = 0; row < map.samples(); ++row) {
        const int64_t sample = map.sample(row);
        text += QStringLiteral("%1,\"%2\",%3,%4\n")
                    .arg(sample)
                    .arg(labelText(*m_samples.dataset(), sample).replace(u'"', QStringLiteral("\"\"")), QString::number(map.points.at(row, 0), 'g', 7),
                         QString::number(map.points.at(row, 1), 'g', 7));
    }
    return text;
}

} // namespace pretext
