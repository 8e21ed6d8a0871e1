// The attention panel's parts: what is shown (attentionpanel.cpp), how it is drawn (attentiondrawing.cpp), and what differs where patches of an
// image attend to each other in place of tokens (attentionpatches.cpp).
#pragma once

#include "widgets/panels/attentionmaps.h"
#include "widgets/panels/canvaspanel.h"
#include "widgets/plots/maskplot.h"

#include <optional>
#include <vector>

class QComboBox;

namespace pretext {

class AttentionPanel : public CanvasPanel
{
    Q_OBJECT
public:
    explicit AttentionPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
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
    bool isRead() const override { return m_view && batch().bySentences() && selection().sentence().isEmpty(); }

private:
    struct Prepared;
    struct Looked // at what, of a batch
    {
        const AttentionView *view = nullptr; // null: it is on its way, or there is none
        int pair = -1;                       // -1: the user's sentence
    };
    enum class Part { encoder, decoder, cross }; // of a model with a decoder; else the encoder's
    static Looked lookedAt(const BatchView &batch, Part part, const Chosen &chosen, const std::string &sentence);
    static bool hasDecoder(const BatchView &batch);
    static std::string groupOf(Part part);
    Part partOf(const BatchView &batch) const;
    QString nameOf(const BatchView &batch, int pair) const;
    void followSelection();
    QString waiting() const;
    int rows() const { return int(m_view->pieces.size()); }
    int columns() const { return int(m_view->keys().size()); }
    int headIndex() const { return m_layer * m_view->heads + m_head; }
    float weight(HeatCell cell) const;
    bool maySee(HeatCell cell) const { return m_view->visible[size_t(cell.row) * columns() + cell.column]; }
    QString attends() const;            // whose tokens to whose
    QString words(HeatCell cell) const; // query, key and weight
    void moveTo(std::optional<HeatCell> cell);
    void moveBy(int rows, int columns);
    void chooseHead(int layer, int head);
    int headAt(QPointF position) const;
    void showHead();

    // Of patches: one of them, or the class token, is the query, and its weights lie over the picture.
    int query() const;
    QString tokenName(int token) const;
    QString patchWords() const;
    void chooseQuery(int token);
    void moveQuery(int rows, int columns);
    void drawPicture(Canvas &canvas, const QRectF &area);

    void drawTitle(Canvas &canvas, const QRectF &area) const;
    void drawHeads(Canvas &canvas, const QRectF &area);
    void drawMask(Canvas &canvas, const QRectF &area);
    void drawLarge(Canvas &canvas, const QRectF &area);
    void drawTokens(Canvas &canvas, qreal names) const;

    QComboBox *m_parts;
    std::shared_ptr<const AttentionView> m_view; // null: nothing to show
    int64_t m_step = -1;
    QString m_name; // of the sample
    int m_layer = 0, m_head = 0;
    int m_query = -1;               // token; -1: none chosen
    CanvasImage m_picture;          // that the patches are of
    std::optional<HeatCell> m_cell; // hovered, or where the keys are
    std::vector<HeatMap> m_heads;   // [layers * heads]
    std::vector<QRectF> m_places;   // of m_heads
    HeatMap m_large;                // the chosen one
    MaskPlot m_mask;
};

} // namespace pretext
