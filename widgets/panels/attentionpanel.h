// The attention panel's parts: what is shown (attentionpanel.cpp) and how it is drawn (attentiondrawing.cpp).
#pragma once

#include "widgets/panels/canvaspanel.h"
#include "widgets/plots/heatmap.h"
#include "widgets/plots/maskplot.h"

#include <optional>
#include <vector>

namespace pretext {

class AttentionPanel : public CanvasPanel
{
public:
    explicit AttentionPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override { return {channel()}; }
    QString csv() const override { return csvMaker()(); }
    std::function<QString()> csvMaker() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    bool takesLong(const BatchView &batch) const override;
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override;
    void leave() override { moveTo({}); }
    void click(QPointF position) override;
    void doubleClick(QPointF) override { m_large.resetView(); }
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;

private:
    struct Prepared;
    std::string channel() const;
    void followSelection();
    QString waiting() const;
    int tokens() const { return int(m_view->pieces.size()); }
    int headIndex() const { return m_layer * m_view->heads + m_head; }
    float weight(HeatCell cell) const;
    bool maySee(HeatCell cell) const { return m_view->visible[size_t(cell.row) * tokens() + cell.column]; }
    QString token(int position) const;
    QString words(HeatCell cell) const; // query, key and weight
    void moveTo(std::optional<HeatCell> cell);
    void moveBy(int rows, int columns);
    void chooseHead(int layer, int head);
    int headAt(QPointF position) const;
    void showHead();

    void drawTitle(Canvas &canvas, const QRectF &area) const;
    void drawHeads(Canvas &canvas, const QRectF &area);
    void drawMask(Canvas &canvas, const QRectF &area);
    void drawLarge(Canvas &canvas, const QRectF &area);
    void drawTokens(Canvas &canvas, qreal names) const;

    std::shared_ptr<const AttentionView> m_view; // null: nothing to show
    int64_t m_step = -1;
    QString m_name; // of the sample
    int m_pair = -1, m_layer = 0, m_head = 0;
    std::optional<HeatCell> m_cell; // hovered, or where the keys are
    std::vector<HeatMap> m_heads;   // [layers * heads]
    std::vector<QRectF> m_places;   // of m_heads
    HeatMap m_large;                // the chosen one
    MaskPlot m_mask;
};

} // namespace pretext
