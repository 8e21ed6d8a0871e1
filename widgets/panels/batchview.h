// A snapshot's batch as panels show it: which pair and view a row is, what the sample is called, and its images on their way to textures, or
// its rows of tokens.
#pragma once

#include "core/data/dataset.h"
#include "core/data/modalitytype.h"
#include "core/engine/snapshot.h"
#include "core/ssl/method.h"
#include "widgets/plots/canvas.h"
#include "widgets/selection.h"

#include <QString>

namespace pretext {

class Run;

class BatchView
{
public:
    /// Takes the run's snapshot. True where it is another one than before.
    bool update(const Run &run);
    /// The same of another snapshot of the run's; null: none.
    bool update(const Run &run, SnapshotPtr snapshot);

    const Snapshot *snapshot() const { return m_snapshot.get(); }
    int pairs() const;                                               // N samples, most often in pairs of views
    int views() const { return m_snapshot ? m_snapshot->views : 0; } // of each sample, V
    int rows() const { return views() * pairs(); }                   // VN
    int rowOf(int pair, int view) const { return pair + view * pairs(); }
    int pairOf(int row) const { return row % pairs(); }
    int viewOf(int row) const { return row / pairs() + 1; }
    /// The next view of the same sample; the row itself where there is one view of each.
    int partnerOf(int row) const { return (row + pairs()) % rows(); }

    Sample sample(int pair) const { return {Split::train, m_snapshot->indices.at(size_t(pair))}; }
    SampleView sampleView(int row) const { return {sample(pairOf(row)), viewOf(row) - 1}; }
    /// Where the sample stands, as a pair; -1: it is not in this batch.
    int pairOf(const Sample &sample) const;
    /// The same; where it is not in this batch, what stands in its place.
    int pairOf(const Chosen &chosen) const;
    int rowOf(const SampleView &view) const; // -1: it is not in this batch

    /// The channel's matrix if it is one of VN rows and columns, else null.
    const Matrix *ofPairs(const char *channel) const;
    const Matrix *similarity() const { return ofPairs("similarity"); }
    int label(int pair) const;          // -1: none
    QString labelName(int pair) const;  // "Sandal", or empty
    QString className(int label) const; // "Sandal", or "label 5"
    QString sampleName(int pair) const; // "Sandal, sample 4711"
    QString rowName(int row) const;     // "view 1 of Sandal, sample 4711"
    QString caption(int pair) const;    // what the data set says of the sample
    CanvasImage view(int row) const;    // null image where there is none
    CanvasImage original(int pair) const;
    /// How many frames of a clip an image's channels are; 1: they are colours, or there is but one.
    int frames() const;
    /// One frame, grey, of an image that is one of the above.
    CanvasImage frame(const CanvasImage &image, int frame) const;
    const Drawing *drawing(int row) const; // of a view that is shown by lines; null where it is not
    /// Whether there is something to be seen of the first view: a picture, or a drawing.
    bool showsViews() const { return pairs() > 0 && (drawing(0) || !view(0).image.isNull()); }

    /// Whether samples are shown by their sentences, not as pictures.
    bool bySentences() const { return m_snapshot && modalityType(m_snapshot->modality).sentences; }
    const TokenRowView *tokens(int row) const; // null where there is none
    QString sentence(int row) const;           // the text that the row was made of
    /// Of text, where nothing differs between the two views of any sentence: a sentence that says so, and what follows.
    QString whyAlike() const;

private:
    SnapshotPtr m_snapshot;
    std::shared_ptr<const Dataset> m_dataset;
    quint64 m_version = 0;
};

QImage toQImage(const Image &image);
/// One channel of a picture of three, grey.
QImage channelOf(const QImage &picture, int channel);
/// What a panel without anything to show says: what it waits for, and how to get it.
QString waitingText(const Run &run, const QString &what);
/// The same of what only methods with two views of a sample make.
QString waitingForPairs(const Run &run, const QString &what);

} // namespace pretext
