// Parallel coordinates of runs: what is brushed there is chosen, and a click names one.
#pragma once

#include "core/engine/runsummary.h"
#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/plots/parallelplot.h"

#include <QWidget>

#include <filesystem>
#include <set>
#include <vector>

class QMenu;

namespace pretext {

class RunCoordinates : public QWidget, public CanvasContent
{
    Q_OBJECT
public:
    /// Whether a click opens a run, and brushes only show what passes; else both select in a list.
    explicit RunCoordinates(QWidget *parent, bool opens = false);
    ~RunCoordinates() override;

    void setRuns(std::vector<RunSummary> runs);
    /// Why there are none, where there are none.
    void setEmptyText(const QString &text) { m_empty = text; }
    /// Those that were selected elsewhere are in front where nothing is brushed.
    void mark(const std::set<std::filesystem::path> &runs);
    std::set<std::filesystem::path> brushed() const;
    const ParallelPlot &plot() const { return m_plot; }
    /// Fills a menu with the axes that there are; each is shown or is not.
    void offerAxes(QMenu *menu);

    void paintTo(QPainter &painter, const QSize &size) { m_canvas->paintTo(painter, size); }
    /// A row a run, a column an axis, and whether it is brushed.
    QString csv() const;

signals:
    void brushChanged(); // by the user
    void runClicked(const QString &folder);

private:
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override;
    void leave() override;
    void click(QPointF position) override;
    void doubleClick(QPointF position) override;
    void drag(QPointF from, QPointF change) override;
    void release() override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

    void showAxes();
    QString headline() const;

    std::vector<RunSummary> m_runs;
    std::vector<ParallelAxis> m_all; // axes that there are
    std::set<QString> m_on, m_off;   // as the user chose
    ParallelPlot m_plot;
    QString m_empty;
    bool m_opens;
    int m_hovered = -1;
    QPointF m_from, m_at; // of the drag under way
    bool m_dragging = false;
    CanvasWidget *m_canvas;
};

} // namespace pretext
