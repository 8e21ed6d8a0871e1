// One objective of the Four objectives panel: the corrupted input, what has to be predicted where, and who may see whom.
#pragma once

#include "core/channels/tokens.h"
#include "widgets/plots/maskplot.h"
#include "widgets/plots/tokenstrip.h"

#include <QString>

namespace pretext {

class ObjectiveView
{
public:
    explicit ObjectiveView(const Objective &objective);

    void draw(Canvas &canvas, const QRectF &area, int hovered, bool current);
    /// The position that is predicted from, of the encoder, or of the decoder where there is one; -1: none there.
    int positionAt(QPointF at) const;
    bool scroll(QPointF at, qreal pixels);
    int positions() const { return reader().columns(); }
    const QRectF &area() const { return m_area; }

    const Objective &objective() const { return m_objective; }
    QString title() const;
    /// What it predicts from what, with its numbers.
    QString summary() const;
    /// One position in words: what stands there, what is predicted, how much of the row it sees.
    QString words(int position) const;
    std::vector<std::pair<TokenMark, QString>> marks() const;

private:
    bool hasDecoder() const { return !m_objective.row.decoder.empty(); }
    const TokenStrip &reader() const { return hasDecoder() ? m_decoder : m_given; }
    void drawMask(Canvas &canvas, MaskPlot &mask, QRectF area, const QString &name, int row) const;

    Objective m_objective;
    TokenStrip m_given, m_decoder; // what the encoder is given, with the targets where there is no decoder; what the decoder is, with them
    MaskPlot m_mask, m_decoderMask;
    QRectF m_area;
};

/// objective,part,position,token,mark,target,sees: a line for every position of the encoder and the decoder.
QString objectivesCsv(const std::vector<Objective> &objectives);

} // namespace pretext
