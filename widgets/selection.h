// What is selected and hovered, shared by all panels: a sample clicked in one is selected in all, and stays so from step to step.
#pragma once

#include "core/data/dataset.h"

#include <QObject>
#include <QString>

namespace pretext {

/// A sample of the data, the same one at every step; index -1: none.
struct Sample
{
    Split split = Split::train;
    int64_t index = -1;
    explicit operator bool() const { return index >= 0; }
    friend bool operator==(const Sample &, const Sample &) = default;
};

/// A sample, and the place in the batch (pair, 0 .. N-1) where it stood when it was selected, -1 in none: whatever stands there in a batch without the
/// sample is shown for it.
struct Chosen
{
    Sample sample;
    int place = -1;
    friend bool operator==(const Chosen &, const Chosen &) = default;
};

/// One of a sample's views, from 0.
struct SampleView
{
    Sample sample;
    int view = -1;
    friend bool operator==(const SampleView &, const SampleView &) = default;
};

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

    const Chosen &chosen() const { return m_chosen; }
    const Sample &sample() const { return m_chosen.sample; }
    int place() const { return m_chosen.place; }
    /// Of a cell of the heat map its two views; and where it was in the batch that it was selected in. None where the sample as a whole is selected.
    const SampleView &row() const { return m_row; }
    const SampleView &column() const { return m_column; }
    Cell cell() const { return m_cell; }
    /// The user's own sentence, where that is looked at in place of a sample of the batch; else empty.
    const QString &sentence() const { return m_sentence; }
    Cell hovered() const { return m_hovered; } // in batch order, whatever order is shown

    void select(const Chosen &chosen);
    /// The whole cell; the chosen sample is the row's.
    void select(const Chosen &chosen, const SampleView &row, const SampleView &column, Cell cell);
    /// Whatever sample stands there in the next batch, which becomes known by find().
    void selectPlace(int place) { select(Chosen{{}, place}); }
    /// Given the samples of a batch: the sample of a place that was selected before it came.
    void find(const std::vector<int64_t> &samples);
    /// Also takes the selection off a sample of the batch.
    void setSentence(const QString &sentence);
    void hover(Cell cell);
    void clear();

signals:
    void changed();
    void hoverChanged();

private:
    Chosen m_chosen;
    SampleView m_row, m_column;
    Cell m_cell, m_hovered;
    QString m_sentence;
};

} // namespace pretext
