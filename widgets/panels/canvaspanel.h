// A panel that is one canvas over the snapshot's batch, with room for a row of controls above it.
#pragma once

#include "widgets/canvaswidget/canvaswidget.h"
#include "widgets/panel.h"
#include "widgets/panels/batchview.h"

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
    CanvasWidget &canvas() const { return *m_canvas; }

protected:
    /// Another snapshot: compute what will be drawn.
    virtual void batchChanged() {}
    /// A row of controls above the canvas; made at the first call.
    QHBoxLayout &toolbar();
    const BatchView &batch() const { return m_batch; }
    void repaint() { m_canvas->repaintSoon(); }

private:
    BatchView m_batch;
    CanvasWidget *m_canvas;
    QHBoxLayout *m_toolbar = nullptr;
};

} // namespace pretext
