// The similarity panel's parts: what is shown in which order (similaritypanel.cpp), how it is drawn (similaritydrawing.cpp), and what it says
// in words and numbers (similaritywords.cpp).
#pragma once

#include "widgets/panels/canvaspanel.h"
#include "widgets/plots/heatmap.h"
#include "widgets/selection.h"

#include <cmath>
#include <optional>
#include <vector>

class QComboBox;

namespace pretext {

class SimilarityPanel : public CanvasPanel
{
    Q_OBJECT
public:
    explicit SimilarityPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
    void refresh() override;
    QString csv() const override { return csvMaker()(); }
    std::function<QString()> csvMaker() const override;
    void standBeside(Panel *other, bool isLeft) override;
    bool knowsDifference() const override { return true; }
    void showDifference(bool shows) override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override { point(toCell(m_map.cellAt(position))); }
    void leave() override { point({}); }
    void click(QPointF position) override;
    void doubleClick(QPointF) override
    {
        m_map.resetView();
        shareView();
    }
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override
    {
        m_map.zoom(at, std::pow(1.25, steps));
        shareView();
    }
    SnapshotPtr shownSnapshot() const override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

private:
    enum class Order { batch, label };
    /// A matrix that can be shown.
    struct Mode
    {
        std::string channel;
        QString choice, name; // "Softmax at τ", "softmax"
        ColourScale scale;    // of no range: as far as the values reach
        QString help;         // a sentence for who chooses
        bool ofViews = true;  // rows and columns are views; else dimensions of the embedding
        bool tempered = false;
        QString about = {};                 // what the map is, where that is not the similarity of the views
        QString diagonal = {}, beside = {}; // of such: what a cell on its diagonal says, and one beside it
        QString pair = {};                  // of views: a cell of two views of one sample
    };
    static const std::vector<Mode> &modes();

    void offer();
    QComboBox *addChoice(const QString &label, const QStringList &choices, const QString &help);
    struct Prepared;
    QString missing() const;
    QString noneOf(const Mode &mode) const;
    const Mode &mode() const { return modes()[m_mode]; }

    Cell toCell(std::optional<HeatCell> at) const { return at ? Cell{m_rows[at->row], m_rows[at->column]} : Cell{}; }
    HeatCell placeOf(Cell cell) const { return {m_places[cell.row], m_places[cell.column]}; }
    std::optional<Cell> valid(Cell cell) const;
    std::optional<Cell> currentCell() const; // hovered, else selected
    void point(Cell cell);
    void select(Cell cell);
    QString placeName(int row) const;
    void moveBy(int rows, int columns);

    void drawSelected(Canvas &canvas) const;
    void drawTitle(Canvas &canvas, const QRectF &area) const;
    void drawAxes(Canvas &canvas, qreal y) const;
    void drawPositives(Canvas &canvas) const;
    void drawStrips(Canvas &canvas, int row, const QColor &colour) const;
    void drawCell(Canvas &canvas, Cell cell, const QColor &colour) const;
    void drawInfo(Canvas &canvas, QRectF rest, bool beside) const;
    void drawLabels(Canvas &canvas, const QRectF &area) const;
    void drawSentences(Canvas &canvas, QRectF &rest, Cell cell) const;
    QString relation(Cell cell) const;
    QString valueText(Cell cell) const;

    bool isDifference() const { return !m_left.values.empty(); }
    SimilarityPanel *twin() const { return static_cast<SimilarityPanel *>(beside()); }
    void shareView();
    void shareScale();

    QComboBox *m_shownChoice, *m_orderChoice;
    size_t m_mode = 0; // as the map has it: a choice that is being prepared shows later
    Order m_order = Order::batch;
    HeatMap m_map;
    std::vector<int> m_rows, m_places; // batch row shown at a place, and back
    Matrix m_shares, m_softmax;        // similarity/gradient and /softmax, whose blanks are what the loss leaves out; empty where it has none
    Cell m_dimensions;                 // pointed at where rows are dimensions, which no other panel shows
    bool m_ready = false;
    bool m_differs = false; // it is to show the right run's less the left one's
    Matrix m_left, m_right; // of which the map is the difference; empty where it is none
    ColourScale m_own;      // of the map's own values, where another map beside it is to have the same
    QMetaObject::Connection m_follows;
};

} // namespace pretext
