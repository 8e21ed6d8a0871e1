// A confusion matrix: which class held-out samples are, and which they are taken for. A cell that is chosen shows its samples beside it.
#pragma once

#include "core/analysis/evaluate.h"
#include "widgets/panels/heldoutsamples.h"
#include "widgets/plots/heatmap.h"
#include "widgets/plots/imagegrid.h"

#include <QCoreApplication>

namespace pretext {

class Selection;

/// Who guesses the classes.
enum class GuessedBy : uint8_t { knn, probe };

class ConfusionView
{
    Q_DECLARE_TR_FUNCTIONS(pretext::ConfusionView)
public:
    /// `repaint` is called on the window's thread when a picture was read.
    ConfusionView(QObject *receiver, std::function<void()> repaint) : m_samples(receiver, std::move(repaint)) {}

    /// The row has guesses; the data are those it was judged on. The chosen cell stays where there still is one.
    void show(const EvaluationRow &row, GuessedBy by, std::shared_ptr<const Dataset> dataset);
    void clear() { m_classes.clear(); }
    bool isEmpty() const { return m_classes.empty(); }

    /// The matrix at the left or above, the samples of the chosen cell beside or below it.
    void draw(Canvas &canvas, const QRectF &area, int64_t selected);
    /// Chooses the cell there. The held-out sample there, which is to be selected; -1: none.
    int64_t click(QPointF position);
    bool key(int key);
    void scroll(QPointF position, qreal pixels);
    QString description() const;
    QString csv() const;

private:
    int classes() const { return int(m_classes.size()); }
    int64_t count(HeatCell cell) const { return m_counts[size_t(cell.row)][size_t(cell.column)]; }
    int64_t ofClass(int row) const;
    QString words(HeatCell cell) const;
    void choose(HeatCell cell);
    void drawMatrix(Canvas &canvas, QRectF area);
    void drawNames(Canvas &canvas, qreal names, qreal heads) const;
    void drawSamples(Canvas &canvas, QRectF area, int64_t selected);
    void drawSample(Canvas &canvas, const QRectF &box, int64_t sample, bool selected);

    HeldOutSamples m_samples;
    QString m_title;
    std::vector<QString> m_classes;
    std::vector<int> m_truth, m_guessed; // of each held-out sample that was judged
    std::vector<std::vector<int64_t>> m_counts;
    std::vector<int64_t> m_chosen; // samples of the chosen cell
    HeatCell m_cell{-1, -1};
    HeatMap m_map;
    ImageGrid m_grid;
    QRectF m_matrix;
};

} // namespace pretext
