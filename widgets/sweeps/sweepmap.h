// The trials of a sweep as a map of two of its settings: a cell for each pair of values, with its number and colour, filled as results come. Cells are few, and a
// cell may hold several trials, which differ in something else; it has their mean.
#pragma once

#include "widgets/canvaswidget/canvascontent.h"
#include "widgets/plots/colourmap.h"
#include "widgets/sweeps/sweepfolders.h"

#include <QRectF>
#include <QStringList>

#include <functional>
#include <vector>

namespace pretext {

class SweepMap : public CanvasContent
{
public:
    /// `across`, `up`: which of the sweep's settings; up < 0: one row. `result`: "knn", "probe" or "loss".
    void show(const SweepState &state, int across, int up, const std::string &result);
    /// Is told of a click: the trial of the cell that is best.
    void setOpener(std::function<void(size_t trial)> open) { m_open = std::move(open); }

    void draw(Canvas &canvas) override;
    void hover(QPointF position) override;
    void leave() override { m_hovered = -1; }
    void click(QPointF position) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

private:
    struct Cell
    {
        std::vector<size_t> trials;
        double value = 0; // the mean; NaN: none has one yet
        QString text;     // what stands in it
    };
    Cell cellOf(const std::vector<size_t> &trials) const;
    double valueOf(size_t trial) const;
    int cellAt(QPointF position) const;
    QRectF rectOf(int cell) const;
    QString cellInWords(const Cell &cell) const;

    SweepState m_state;
    std::string m_result;
    bool m_percent = true;
    QString m_across, m_up;
    QStringList m_columns, m_rows; // their values
    std::vector<Cell> m_cells;     // row by row, the first row at the bottom
    ColourScale m_scale;
    QRectF m_area;
    int m_hovered = -1, m_current = -1;
    std::function<void(size_t)> m_open;
};

/// Values of a setting that has some, in their order; of a range none.
bool isMappable(const SweptSetting &setting);

} // namespace pretext
