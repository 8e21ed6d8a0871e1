// What is selected and hovered, shared by all panels: a pair clicked in one is selected in all.
#pragma once

#include <QObject>

namespace pretext {

/// A cell of the batch: a view (row), and in the heat map also a second view (column). -1: none.
struct Cell
{
    int row = -1, column = -1;
    friend bool operator==(const Cell &, const Cell &) = default;
};

class Selection : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    int pair() const { return m_pair; }  // index of the pair within the batch, 0 .. N-1
    Cell cell() const { return m_cell; } // in batch order, whatever order is shown
    Cell hovered() const { return m_hovered; }

    void selectPair(int pair);             // the cell follows: (pair, pair + N) once N is known
    void selectCell(Cell cell, int pairs); // the pair follows: cell.row modulo `pairs`
    void hover(Cell cell);
    void clear();

signals:
    void changed();
    void hoverChanged();

private:
    int m_pair = -1;
    Cell m_cell, m_hovered;
};

} // namespace pretext
