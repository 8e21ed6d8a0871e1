// A panel with a list of tiles, one for each sample of the batch unless it says otherwise: which is hovered, selected and shown large, scrolling,
// and the keys that move among them.
#pragma once

#include "widgets/panels/canvaspanel.h"
#include "widgets/plots/imagegrid.h"

#include <functional>

namespace pretext {

class TiledPanel : public CanvasPanel
{
    Q_OBJECT

public:
    using CanvasPanel::CanvasPanel;

protected:
    virtual int tiles() const = 0; // none where there is nothing to show yet
    /// -1: none.
    virtual int hoveredTile() const;
    virtual int selectedTile() const;
    virtual void hoverTile(int tile); // -1: none
    virtual void selectTile(int tile);
    /// The hovered one, else the selected one, else the first.
    int shownTile() const;
    /// Lays all tiles out in the area and draws those that show, each with what says that it is hovered or selected around it.
    void drawTiles(Canvas &canvas, const QRectF &area, const QSizeF &tile, const std::function<void(int tile, const QRectF &box)> &draw);

    void hover(QPointF position) override { hoverTile(m_grid.tileAt(position)); }
    void leave() override { hoverTile(-1); }
    void click(QPointF position) override;
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;

private:
    void moveBy(int tiles);
    void scrollBy(qreal pixels);
    void leadTwin();

    ImageGrid m_grid;
    int m_revealed = -1; // the selected tile that was scrolled to last
};

} // namespace pretext
