#include "widgets/panels/heldoutsamples.h"

#include "widgets/background.h"
#include "widgets/panels/batchview.h"
#include "widgets/panels/maplabels.h"

#include <QObject>

namespace pretext {

namespace {

constexpr qsizetype kMostKept = 2000;
constexpr size_t kMostAsked = 128; // a pointer that crosses the map leaves pictures behind that nobody looks at any more

HeldOutSample wordsOf(const Dataset &dataset, int64_t index)
{
    HeldOutSample sample;
    try {
        sample.label = labelText(dataset, index);
        const ModalityType &kind = modalityType(dataset.info().modality);
        sample.text = QString::fromStdString(kind.words(dataset, Split::test, index));
        if (kind.sentences)
            sample.text = sample.text.simplified();
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
    m_asked.clear();
}

QSize HeldOutSamples::imageSize() const
{
    return inPictures() ? QSize(m_dataset->info().image.width, m_dataset->info().image.height) : QSize();
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
    m_read.insert(index, wordsOf(*m_dataset, index));
    if (inPictures())
        ask(index);
    return m_read[index];
}

void HeldOutSamples::ask(int64_t index)
{
    m_asked.push_back(index);
    if (m_asked.size() > kMostAsked) {
        m_read.remove(m_asked.front()); // asked again when it is looked at again
        m_asked.erase(m_asked.begin());
    }
    readNext();
}

void HeldOutSamples::readNext()
{
    if (m_reading || m_asked.empty())
        return;
    m_reading = true;
    const int64_t index = m_asked.back();
    m_asked.pop_back();
    inBackground(
        m_receiver, [dataset = m_dataset, index] { return toQImage(modalityType(dataset->info().modality).picture(*dataset, Split::test, index)); },
        [this, dataset = m_dataset, index](const QImage &image) {
            finish(dataset, index, [&](HeldOutSample &sample) { sample.image = {newImageKey(), 0, image}; });
        },
        [this, dataset = m_dataset, index](const QString &line) { finish(dataset, index, [&](HeldOutSample &sample) { sample.text = line; }); },
        analysisPool());
}

void HeldOutSamples::finish(const std::shared_ptr<const Dataset> &dataset, int64_t index, const std::function<void(HeldOutSample &)> &fill)
{
    m_reading = false;
    if (const auto known = m_read.find(index); dataset == m_dataset && known != m_read.end()) {
        fill(*known);
        m_arrived();
    }
    readNext();
}

QString HeldOutSamples::name(int64_t index)
{
    const QString label = at(index).label, number = QObject::tr("held-out sample %1").arg(index);
    return label.isEmpty() ? number : label + QStringLiteral(", ") + number;
}

} // namespace pretext
