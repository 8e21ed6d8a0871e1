// The samples of a map that were drawn around or found by their words: a list of them with pictures, how many there are of each class, and a table
// for export.
#pragma once

#include "widgets/panels/heldoutsamples.h"
#include "widgets/panels/maphistory.h"
#include "widgets/panels/maplabels.h"
#include "widgets/plots/imagegrid.h"

namespace pretext {

class MapChosen
{
public:
    /// `samples` rise; `how` is what they have in common, a sentence's begin: "Drawn around".
    void set(std::vector<int64_t> samples, QString how);
    void clear() { set({}, {}); }
    bool empty() const { return m_samples.empty() && m_how.isEmpty(); } // found none is not empty
    const std::vector<int64_t> &samples() const { return m_samples; }
    bool contains(int64_t sample) const;

    /// "Drawn around: 37 samples; 20 Sandal, 17 Boot".
    QString summary(const Dataset &dataset) const;
    void draw(Canvas &canvas, QRectF area, HeldOutSamples &samples, const std::function<QColor(int64_t)> &colourOf);
    int64_t at(QPointF position) const; // sample of the list; -1
    const QRectF &area() const { return m_grid.area(); }
    void scroll(qreal pixels) { m_grid.scroll(pixels); }

private:
    std::vector<int64_t> m_samples;
    QString m_how;
    ImageGrid m_grid;
};

/// A line a sample: its number, every label column, what it is in words, and its place on the map. Separated by commas or tabs.
QString mapTable(const Dataset &dataset, const EmbeddingMap &map, const std::vector<int64_t> &samples, QChar separator);
/// Held-out samples of the map whose words or labels hold the text, whatever its case.
std::vector<int64_t> samplesWith(const QString &words, const Dataset &dataset, const EmbeddingMap &map);

} // namespace pretext
