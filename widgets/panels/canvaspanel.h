// A panel that is one canvas over the snapshot's batch, with room for a row of controls above it.
#pragma once

#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/panels/batchview.h"

#include <functional>

class QHBoxLayout;

namespace pretext {

class CanvasPanel : public Panel, public CanvasContent
{
    Q_OBJECT
public:
    CanvasPanel(const PanelContext &context, const QString &name, QWidget *parent = nullptr);
    ~CanvasPanel() override;

    void refresh() override;
    void paintTo(QPainter &painter, const QSize &size) override;
    bool isWaiting() const override;
    CanvasWidget &canvas() const { return *m_canvas; }
    QLayout *controls() const override;

protected:
    using Adopt = std::function<void()>;
    /// Work that computes what will be drawn of a batch, on any thread and so without touching the panel; what it returns takes the result
    /// over, on the window's thread, at the moment when batch() becomes this one.
    virtual std::function<Adopt()> preparation(const BatchView &)
    {
        return [] { return Adopt([] {}); };
    }
    /// Whether that work is too long for the window's thread.
    virtual bool takesLong(const BatchView &batch) const;
    /// Prepares the same batch again: another choice of what to show.
    void prepareAgain() { prepare(true); }
    /// A row of controls above the canvas; made at the first call.
    QHBoxLayout &toolbar();
    const BatchView &batch() const { return m_batch; }
    /// The snapshot that is to be shown: the run's newest.
    virtual SnapshotPtr shownSnapshot() const;
    void repaint() { m_canvas->repaintSoon(); }
    /// The pair that is selected, or stands in the place of a sample that is not in this batch; -1: none.
    int selectedPair() const { return batch().pairOf(selection().chosen()); }
    /// The same of a cell of the heat map.
    Cell selectedCell() const;
    void selectPair(int pair);
    void selectCell(Cell cell);
    /// That the selected sample is not in this batch, and what is shown for it; empty where it is, or none is selected.
    QString absence() const;
    /// Draws absence(), where there is any, as a line at the top of the area, which it takes away from it.
    void drawAbsence(Canvas &canvas, QRectF &area) const;
    /// Whether it shows a text of the batch, which takes a while to read: while training runs it stays for as long as it does in every such panel.
    virtual bool isRead() const { return false; }
    /// Whether it shows what it waits for, which a new status may change.
    virtual bool waits() const { return !batch().snapshot() || batch().snapshot()->channels.empty(); }

private:
    bool isHeld() const;
    void prepare(bool again);
    void adopt(const BatchView &batch, const Adopt &takeOver);

    BatchView m_batch;
    int m_request = 0; // of preparation: an older one that ends later is dropped
    bool m_preparing = false, m_behind = false;
    CanvasWidget *m_canvas;
    QHBoxLayout *m_toolbar = nullptr;
};

} // namespace pretext
