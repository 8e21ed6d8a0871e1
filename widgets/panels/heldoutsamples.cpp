#include "widgets/panels/heldoutsamples.h"

#include "widgets/panels/batchview.h"
#include "widgets/panels/maplabels.h"

namespace pretext {

namespace {

constexpr qsizetype kMostKept = 500;

HeldOutSample readSample(const Dataset &dataset, int64_t index)
{
    HeldOutSample sample;
    try {
        sample.label = labelText(dataset, index);
        if (dataset.info().modality == Modality::text) {
            sample.text = QString::fromStdString(dataset.text(Split::test, index)).simplified();
        } else {
            sample.image = {newImageKey(), 0, toQImage(dataset.image(Split::test, index))};
            sample.text = QString::fromStdString(dataset.caption(Split::test, index));
        }
    } catch (const std::exception &error) {
        sample.text = QString::fromUtf8(error.what());
    }
    return sample;
}

} // namespace

void HeldOutSamples::setDataset(std::shared_ptr<const Dataset> dataset)
{
    if (dataset == m_dataset)
        return;
    m_dataset = std::move(dataset);
    m_read.clear();
}

const HeldOutSample &HeldOutSamples::at(int64_t index)
{
    static const HeldOutSample none;
    if (!m_dataset || index < 0 || index >= m_dataset->size(Split::test))
        return none;
    if (const auto known = m_read.constFind(index); known != m_read.constEnd())
        return *known;
    if (m_read.size() >= kMostKept)
        m_read.clear();
    return *m_read.insert(index, readSample(*m_dataset, index));
}

QString HeldOutSamples::name(int64_t index)
{
    const QString label = at(index).label, number = QStringLiteral("held-out sample %1").arg(index);
    return label.isEmpty() ? number : label + QStringLiteral(", ") + number;
}

} // namespace pretext
