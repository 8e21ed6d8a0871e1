// The trials of a sweep as they stand, drawn: a map of two of its settings, or parallel coordinates.
#pragma once

#include "widgets/sweeps/sweepmap.h"

#include <QWidget>

class QComboBox;
class QPainter;
class QStackedWidget;

namespace pretext {

class CanvasWidget;
class RunCoordinates;

class SweepResults : public QWidget
{
    Q_OBJECT
public:
    explicit SweepResults(QWidget *parent);
    ~SweepResults() override;

    void setState(const SweepState &state);
    bool isEmpty() const { return !m_canvas; }
    /// A row a trial.
    QString csv() const;
    void paintTo(QPainter &painter, const QSize &size);

signals:
    void runClicked(const QString &folder);

private:
    void makeViews();
    void fillChoices();
    void showResults();

    QComboBox *m_view, *m_across, *m_up, *m_result;
    QStackedWidget *m_views;
    SweepState m_state;
    SweepMap m_map;
    CanvasWidget *m_canvas = nullptr; // once there is something to draw
    RunCoordinates *m_coordinates = nullptr;
};

} // namespace pretext
