#include "widgets/panels/batchview.h"

#include "core/ssl/method.h"
#include "widgets/said.h"
#include "widgets/run.h"

#include <QObject>

#include <algorithm>

namespace pretext {

namespace {

constexpr quint64 kOriginals = quint64(1) << 32; // keys of originals follow those of views
constexpr quint64 kFrames = quint64(1) << 33;    // and of each frame those

CanvasImage imageOf(const Snapshot *snapshot, const char *channel, int index, quint64 key, quint64 version)
{
    const ImageBatch *images = snapshot ? snapshot->channel<ImageBatch>(channel) : nullptr;
    if (!images || index < 0 || index >= int(images->size()))
        return {key, version, {}};
    return {key, version, toQImage((*images)[index])};
}

/// A method with two views may not compare them either: one of them is what the other is to become.
bool comparesViews(const Run &run, const MethodType &method)
{
    const SnapshotPtr snapshot = run.snapshot();
    const bool tells = snapshot && !snapshot->offered.empty();
    return viewCount(method.views(run.config().knobs)) > 1 && (!tells || snapshot->offered.contains("similarity"));
}

} // namespace

bool BatchView::update(const Run &run)
{
    return update(run, run.snapshot());
}

bool BatchView::update(const Run &run, SnapshotPtr snapshot)
{
    m_dataset = run.dataset();
    if (m_snapshot == snapshot)
        return false;
    m_snapshot = std::move(snapshot);
    ++m_version;
    return true;
}

int BatchView::pairs() const
{
    return m_snapshot ? int(m_snapshot->indices.size()) : 0;
}

int BatchView::pairOf(const Sample &sample) const
{
    if (!m_snapshot || !sample || sample.split != Split::train)
        return -1;
    const auto at = std::find(m_snapshot->indices.begin(), m_snapshot->indices.end(), sample.index);
    return at == m_snapshot->indices.end() ? -1 : int(at - m_snapshot->indices.begin());
}

int BatchView::pairOf(const Chosen &chosen) const
{
    const int pair = pairOf(chosen.sample);
    return pair >= 0 ? pair : chosen.place < pairs() ? chosen.place : -1;
}

int BatchView::rowOf(const SampleView &view) const
{
    const int pair = pairOf(view.sample);
    return pair >= 0 && view.view >= 0 && view.view < views() ? rowOf(pair, view.view) : -1;
}

const Matrix *BatchView::ofPairs(const char *channel) const
{
    const Matrix *matrix = m_snapshot ? m_snapshot->channel<Matrix>(channel) : nullptr;
    const int64_t rows = this->rows();
    const bool fits = matrix && views() > 1 && rows > 0 && matrix->rows == rows && matrix->columns == rows && int64_t(matrix->values.size()) == rows * rows;
    return fits ? matrix : nullptr;
}

int BatchView::label(int pair) const
{
    return m_snapshot && pair >= 0 && pair < int(m_snapshot->labels.size()) ? m_snapshot->labels[pair] : -1;
}

QString BatchView::labelName(int pair) const
{
    const int value = label(pair);
    return value < 0 ? QString() : className(value);
}

QString BatchView::className(int value) const
{
    if (m_dataset && !m_dataset->info().columns.empty()) {
        const auto &classes = m_dataset->info().columns.front().classes;
        if (value < int(classes.size()))
            return QString::fromStdString(classes[value]);
    }
    return QObject::tr("label %1").arg(value);
}

QString BatchView::sampleName(int pair) const
{
    const QString name = labelName(pair);
    const QString sample = QObject::tr("sample %1").arg(m_snapshot->indices.at(pair));
    return name.isEmpty() ? sample : name + QStringLiteral(", ") + sample;
}

QString BatchView::rowName(int row) const
{
    return QObject::tr("view %1 of %2").arg(viewOf(row)).arg(sampleName(pairOf(row)));
}

QString BatchView::caption(int pair) const
{
    const int64_t index = m_snapshot->indices.at(pair);
    if (!m_dataset || index < 0 || index >= m_dataset->size(Split::train))
        return {};
    return QString::fromStdString(m_dataset->caption(Split::train, index));
}

CanvasImage BatchView::view(int row) const
{
    return imageOf(m_snapshot.get(), "views/pixels", row, quint64(row), m_version);
}

CanvasImage BatchView::original(int pair) const
{
    return imageOf(m_snapshot.get(), "views/originals", pair, kOriginals + quint64(pair), m_version);
}

int BatchView::frames() const
{
    return m_dataset && m_dataset->info().frames ? m_dataset->info().image.channels : 1;
}

CanvasImage BatchView::frame(const CanvasImage &image, int frame) const
{
    return frames() > 1 ? CanvasImage{image.key + quint64(frame + 1) * kFrames, image.version, channelOf(image.image, frame)} : image;
}

const Drawing *BatchView::drawing(int row) const
{
    const Drawings *drawings = m_snapshot ? m_snapshot->channel<Drawings>("views/drawings") : nullptr;
    return drawings && row >= 0 && row < int(drawings->size()) ? &(*drawings)[size_t(row)] : nullptr;
}

const TokenRowView *BatchView::tokens(int row) const
{
    const TokenRowViews *rows = m_snapshot ? m_snapshot->channel<TokenRowViews>("tokens/rows") : nullptr;
    return rows && row >= 0 && row < int(rows->size()) ? &(*rows)[row] : nullptr;
}

QString BatchView::sentence(int row) const
{
    const TokenRowView *view = tokens(row);
    return view ? QString::fromStdString(view->text) : QString();
}

QString BatchView::whyAlike() const
{
    const TokenRowViews *rows = m_snapshot ? m_snapshot->channel<TokenRowViews>("tokens/rows") : nullptr;
    if (!rows || pairs() == 0 || views() != 2 || int(rows->size()) != this->rows())
        return {};
    if (m_snapshot->real("encoder.dropout").value_or(1) > 0)
        return {};
    for (int pair = 0; pair < pairs(); ++pair) {
        const auto &first = (*rows)[pair].given, &second = (*rows)[pair + pairs()].given;
        if (!std::equal(first.begin(), first.end(), second.begin(), second.end(), [](const TokenBox &a, const TokenBox &b) { return a.id == b.id; }))
            return {};
    }
    return QObject::tr("Dropout is 0 and no word is changed, so the two views of a sentence are one and the same computation: every positive "
                       "pair has cosine 1 whatever the encoder does. Pulling them together teaches nothing; only the push between sentences is left.");
}

QImage toQImage(const Image &image)
{
    const qsizetype bytes = qsizetype(image.width) * image.height * image.channels;
    const bool fits = image.width > 0 && image.height > 0 && (image.channels == 1 || image.channels == 3);
    if (!fits || qsizetype(image.pixels.size()) != bytes)
        return {};
    const auto format = image.channels == 1 ? QImage::Format_Grayscale8 : QImage::Format_RGB888;
    return QImage(image.pixels.data(), image.width, image.height, image.width * image.channels, format).copy();
}

QImage channelOf(const QImage &picture, int channel)
{
    if (picture.format() != QImage::Format_RGB888)
        return picture;
    QImage grey(picture.size(), QImage::Format_Grayscale8);
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x)
            grey.scanLine(y)[x] = picture.constScanLine(y)[3 * x + channel];
    return grey;
}

QString waitingText(const Run &run, const QString &what)
{
    const TrainerState state = run.status().state;
    const bool moves = state == TrainerState::starting || state == TrainerState::playing;
    if (!run.hasJob())
        return QObject::tr("The first training step brings %1 of its batch. Open data in the File menu, or start a lesson.").arg(what);
    if (state == TrainerState::failed)
        return QObject::tr("Training stopped before it made %1; the line at the top says why.").arg(what);
    if (state == TrainerState::starting && !run.status().activity.empty())
        return QObject::tr("Before the first training step, which brings %1, the window is %2: %3 %.")
            .arg(what, QString::fromStdString(run.status().activity))
            .arg(qRound(100 * run.status().activityShare));
    if (moves)
        return QObject::tr("The next training step is on its way, and with it %1.").arg(what);
    if (state == TrainerState::ended)
        return QObject::tr(
                   "This run has ended. Its last batch is on its way through the encoder, and with it %1; where it does not come, Train past the end in "
                   "the Run menu gives the run more steps.")
            .arg(what);
    return QObject::tr("The batch is on its way through the encoder, and with it %1.").arg(what);
}

QString waitingForPairs(const Run &run, const QString &what)
{
    const MethodType &method = methodType(run.config().method);
    if (!run.hasJob() || comparesViews(run, method))
        return waitingText(run, what);
    const QString title = translated(method.title);
    const bool one = viewCount(method.views(run.config().knobs)) == 1;
    for (const MethodType &other : methodTypes())
        if (trainsOn(other, modalityOf(run.config())) && other.name != method.name && viewCount(other.views(KnobSet(other.knobs({})))) > 1)
            return (one ? QObject::tr("%1 makes one view of each sample and compares no two, so no training step brings %2. %3, a choice of method in "
                                      "Controls, compares two views of every sample.")
                        : QObject::tr("%1 compares no two views, so no training step brings %2. %3, a choice of method in Controls, compares two views of "
                                      "every sample."))
                .arg(title, what, translated(other.title));
    return QObject::tr("%1 compares no two views, so no training step brings %2.").arg(title, what);
}

} // namespace pretext
