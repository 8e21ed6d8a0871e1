// The embedding map, private to its files: what it is made of and follows is in embeddingmappanel.cpp, what it draws in embeddingmapdrawing.cpp,
// what it says in embeddingmapwords.cpp, and what goes out of it in embeddingmapexports.cpp.
#pragma once

#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/heldoutsamples.h"
#include "widgets/panels/mapchosen.h"
#include "widgets/panels/maphistory.h"
#include "widgets/panels/maplabels.h"
#include "widgets/panels/maporbit.h"
#include "widgets/plots/scatter.h"

#include <QElapsedTimer>

#include <map>

namespace pretext {

class EmbeddingMapBar;
class MapMaker;
class MapTimeline;
class Progressing;

class EmbeddingMapPanel : public CanvasPanel
{
    Q_OBJECT
public:
    explicit EmbeddingMapPanel(const PanelContext &context);
    ~EmbeddingMapPanel() override;

    std::set<std::string> wantedChannels() const override;
    QString csv() const override;
    void refresh() override;
    void standBeside(Panel *other, bool isLeft) override;
    bool knowsDifference() const override { return true; }
    void showDifference(bool shows) override;

protected:
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override;
    void leave() override { pointAt(-1); }
    void click(QPointF position) override;
    void doubleClick(QPointF) override { showWhole(); }
    void drag(QPointF from, QPointF change) override;
    void release() override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool waits() const override { return !m_shown.map; }

private:
    struct Neighbour
    {
        int64_t sample;
        float cosine;
    };

    // embeddingmappanel.cpp
    void addControls();
    void followMaker();
    MapHistory &history() { return m_histories[m_kind]; }
    bool isSpace() const { return m_shown.map && m_shown.map->kind.dimensions == 3; }
    void changeKind(MapKind kind);
    void take(const KeptMap &map);
    void takeMoving(const KeptMap &map);
    void comeBack();
    void showMap(int index);
    void show(const KeptMap &map);
    void placePoints();
    void colourPoints();
    void showWhole();
    void clear();
    void search(const QString &words);
    void letGo(bool inBoth = true);
    void choose(std::vector<int64_t> samples, const QString &how);
    void pointAt(int64_t sample);
    int64_t fixed() const;                                                   // the selected sample where it is held out; -1: none
    int64_t current() const { return m_pointed >= 0 ? m_pointed : fixed(); } // sample; -1: none
    void fix(int64_t sample);
    int64_t sampleAt(QPointF position) const;
    void moveBy(QPointF direction, bool far);
    const std::vector<Neighbour> &neighbours() const; // of the current sample, by the newest map's embeddings

    // embeddingmapdrawing.cpp
    void drawMarks(Canvas &canvas) const;
    void drawThumbnails(Canvas &canvas) const;
    void drawTripod(Canvas &canvas) const;
    void drawLasso(Canvas &canvas) const;
    void drawSample(Canvas &canvas, QRectF area) const;
    void drawNeighbours(Canvas &canvas, QRectF area) const;
    void drawNeighbourImages(Canvas &canvas, const QRectF &area) const;
    void drawNeighbourTexts(Canvas &canvas, QRectF area) const;

    // embeddingmapbeside.cpp
    EmbeddingMapPanel *twin() const { return static_cast<EmbeddingMapPanel *>(beside()); }
    void turnOntoLeft();
    void showTurned();
    bool sharesMaps() const; // with the panel beside it: both show one of the same kind
    void shareAxes();
    void shareView();
    qreal belowHeads(qreal bottom);
    void zoomAt(QPointF at, qreal factor);
    void findDifference();
    void drawMoves(Canvas &canvas) const;
    QString differenceText() const;

    // embeddingmapwords.cpp
    QString title() const;
    QString message() const; // where there is no map
    QString neighboursTitle() const;
    QString methodName() const;
    void nameAxes();
    Scatter::AxisName axisName(int axis) const;
    QString stepText() const;
    QString axesText() const; // in a sentence

    // embeddingmapexports.cpp
    void addExports();
    void askForFile(const QString &title, const QString &filter, const QString &suggested, std::function<void(const QString &)> chosen);
    void exportChosen(const QString &path);
    void exportEmbeddings(const QString &path);
    void exportFilm(const QString &path);
    void keepPicture();
    void inWork(const QString &path, std::function<void(Progressing &)> work);

    MapMaker *m_maker;
    EmbeddingMapBar *m_bar;
    MapTimeline *m_timeline;
    QTimer m_poll;            // while the first map is made
    QElapsedTimer m_pictured; // when the run's folder got its last picture
    MapKind m_kind;
    std::map<MapKind, MapHistory> m_histories;
    KeptMap m_shown;
    std::shared_ptr<const EmbeddingMap> m_drawn; // of m_shown; of a right run turned onto the left one's map
    std::shared_ptr<const MapLabels> m_labels;   // of the map that is shown
    MapColouring m_labelsBy;
    Scatter m_scatter;
    MapOrbit m_orbit;
    MapChosen m_chosen;
    QPolygonF m_lasso;                                 // while it is drawn
    int m_searching = 0;                               // the newest search
    QString m_problem;                                 // of the last map, where it was not made
    QString m_notice;                                  // what became of an export
    std::shared_ptr<Progressing> m_export;             // while one is written
    int64_t m_pointed = -1;                            // sample
    qreal m_head = 0;                                  // where the title and the legend ended
    qreal m_reach = 16;                                // pixels from the pointer to a point that it means
    bool m_differs = false;                            // it shows how far the right run's map is from this one's
    std::shared_ptr<const MapDifference> m_difference; // null: there is none, and why
    QString m_whyNoDifference;
    int64_t m_rightStep = -1;         // of the map that it is held against
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
