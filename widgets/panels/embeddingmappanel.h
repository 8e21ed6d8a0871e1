// The embedding map, private to its files: what it is made of and follows is in embeddingmappanel.cpp, what it draws in embeddingmapdrawing.cpp, and
// what it says in embeddingmapwords.cpp.
#pragma once

#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/heldoutsamples.h"
#include "widgets/panels/maphistory.h"
#include "widgets/plots/scatter.h"

class QComboBox;
class QLabel;
class QSlider;

namespace pretext {

class MapMaker;

class EmbeddingMapPanel : public CanvasPanel
{
    Q_OBJECT
public:
    explicit EmbeddingMapPanel(const PanelContext &context);
    ~EmbeddingMapPanel() override;

    std::set<std::string> wantedChannels() const override;
    QString csv() const override;
    void refresh() override;

protected:
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override;
    void leave() override { m_pointed = -1; }
    void click(QPointF position) override;
    void doubleClick(QPointF) override { m_scatter.resetView(); }
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool waits() const override { return m_history.empty(); }

private:
    struct Neighbour
    {
        int64_t sample;
        float cosine;
    };

    // embeddingmappanel.cpp
    void addToolbar();
    void addSlider();
    void followMaker();
    void take(const KeptMap &map);
    void showMap(int index);
    void clear();
    int64_t fixed() const;                                                   // the selected sample where it is held out; -1: none
    int64_t current() const { return m_pointed >= 0 ? m_pointed : fixed(); } // sample; -1: none
    void fix(int64_t sample);
    int64_t sampleAt(QPointF position) const;
    void moveBy(QPointF direction, bool far);
    const std::vector<Neighbour> &neighbours() const; // of the current sample, by the newest map's embeddings

    // embeddingmapdrawing.cpp
    void drawMarks(Canvas &canvas) const;
    void drawSample(Canvas &canvas, QRectF area) const;
    void drawNeighbours(Canvas &canvas, QRectF area) const;
    void drawNeighbourImages(Canvas &canvas, const QRectF &area) const;
    void drawNeighbourTexts(Canvas &canvas, QRectF area) const;

    // embeddingmapwords.cpp
    QString title() const;
    QString message() const; // where there is no map
    QString neighboursTitle() const;
    Scatter::AxisName axisName(int axis) const;
    QString stepText() const;

    MapMaker *m_maker;
    QSlider *m_slider = nullptr;
    QLabel *m_stepLabel = nullptr;
    QTimer m_poll; // while the first map is made
    MapHistory m_history;
    KeptMap m_shown;
    Scatter m_scatter;
    QString m_problem;                // of the last map, where it was not made
    int64_t m_pointed = -1;           // sample
    qreal m_reach = 16;               // pixels from the pointer to a point that it means
    mutable HeldOutSamples m_samples; // read as they are looked at
    struct Near
    {
        int64_t sample = -1;
        const EmbeddingMap *map = nullptr;
        std::vector<Neighbour> found;
    };
    mutable Near m_near;
};

} // namespace pretext
