// One objective of the Four objectives panel: the corrupted input, what has to be predicted where, who may see whom, and what a small model that
// is trained on it has come to.
#pragma once

#include "core/analysis/objectivemodels.h"
#include "widgets/plots/maskplot.h"
#include "widgets/plots/tokenstrip.h"

#include <QString>

namespace pretext {

class ObjectiveView
{
public:
    explicit ObjectiveView(const Objective &objective);

    /// Of its model, and of all; none: they are not trained. `asked`: the predictions are of this sentence.
    void learn(const std::vector<ObjectiveProgress> &all, bool asked);
    bool learns() const { return !m_courses.empty(); }
    void draw(Canvas &canvas, const QRectF &area, int hovered, bool current);
    /// The position that is predicted from, of the encoder, or of the decoder where there is one; -1: none there.
    int positionAt(QPointF at) const;
    bool scroll(QPointF at, qreal pixels);
    int positions() const { return reader().columns(); }
    const QRectF &area() const { return m_area; }

    const Objective &objective() const { return m_objective; }
    const TokenPrediction *predictionAt(int position) const; // its model's; null: none
    std::vector<LossCourse::Point> course() const;           // of its model's loss; empty where it is not trained
    QString title() const;
    /// What it predicts from what, with its numbers.
    QString summary() const;
    /// One position in words: what stands there, what is predicted, how much of the row it sees.
    QString words(int position) const;
    /// What its model has come to; empty where there is none.
    QString learned() const;
    std::vector<std::pair<TokenMark, QString>> marks() const;

private:
    bool hasDecoder() const { return !m_objective.row.decoder.empty(); }
    const TokenStrip &reader() const { return hasDecoder() ? m_decoder : m_given; }
    QString learnedWords(int position) const;
    void setContent();
    qreal drawMasks(Canvas &canvas, QRectF area, int hovered);
    void drawMask(Canvas &canvas, MaskPlot &mask, QRectF area, const QString &name, int row) const;
    void drawCourse(Canvas &canvas, const QRectF &area) const;
    void drawStrips(Canvas &canvas, const QRectF &area, int hovered);

    Objective m_objective;
    std::vector<ObjectiveProgress> m_courses; // of all models, without predictions
    TokenPredictions m_predictions;           // of its own
    TokenStrip m_given, m_decoder;            // what the encoder is given, with the targets where there is no decoder; what the decoder is, with them
    MaskPlot m_mask, m_decoderMask;
    QRectF m_area;
};

/// How likely a model finds its guess, as its box is tinted.
ColourScale guessScale();

/// objective,part,position,token,mark,target,sees,guess,guess probability,target probability,step,loss: a line for every position of the encoder and the
/// decoder, the guesses empty where no model has predicted it; and of part "loss" one for every point of the model's curve.
QString objectivesCsv(const std::vector<ObjectiveView> &views);

} // namespace pretext
