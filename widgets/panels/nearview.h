// What lies near a sample, at two steps beside each other: who came in and who has left is marked.
#pragma once

#include "core/analysis/neighbourbank.h"
#include "widgets/panels/heldoutsamples.h"
#include "widgets/plots/canvas.h"

#include <QCoreApplication>

#include <algorithm>
#include <vector>

namespace pretext {

/// Neighbours at one step; none where nothing is known.
struct FoundNear
{
    int64_t step = -1;
    std::vector<BankNeighbour> neighbours;
    int alike = -1; // how many share the query's label; -1: not known

    bool has(int64_t sample) const
    {
        return std::ranges::any_of(neighbours, [&](const BankNeighbour &neighbour) { return neighbour.sample == sample; });
    }
};

class NearView
{
    Q_DECLARE_TR_FUNCTIONS(pretext::NearView)
public:
    /// `name`, `text` and the picture, which may be none, are those of what the neighbours are of. `back`: an older step is looked back at, beside
    /// which the newest stands.
    void show(const QString &name, const QString &text, const QImage &picture, FoundNear now, FoundNear before, bool back = false);
    void clear() { *this = {}; }
    bool isEmpty() const { return m_now.step < 0; }

    /// `coming`: what is said where there is no look before this one.
    void draw(Canvas &canvas, HeldOutSamples &samples, const QString &coming);
    int64_t sampleAt(QPointF position) const; // -1: none
    /// Moves the pointer of the keyboard among the newest neighbours.
    void point(int by);
    int64_t pointed() const; // the sample there; -1: none
    QString words(HeldOutSamples &samples) const;
    QString csv() const;

private:
    struct Spot
    {
        QRectF box;
        int64_t sample;
    };

    QString heading(const FoundNear &found) const;
    static QString sharing(const FoundNear &found);
    void drawQuery(Canvas &canvas, QRectF area, bool pictures) const;
    void drawFound(Canvas &canvas, QRectF area, HeldOutSamples &samples, const FoundNear &found, const FoundNear &other, const QString &coming);
    void drawNeighbour(Canvas &canvas, const QRectF &box, HeldOutSamples &samples, const BankNeighbour &neighbour, const QColor &mark,
                       const QString &word) const;

    QString m_name, m_text;
    CanvasImage m_picture;
    FoundNear m_now, m_before;
    bool m_back = false;
    int m_pointed = 0;
    std::vector<Spot> m_spots;
};

} // namespace pretext
