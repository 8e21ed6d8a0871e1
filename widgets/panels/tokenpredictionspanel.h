// The token predictions panel's parts: what is asked (tokenpredictionsasking.cpp, samplingbar.h) and shown (tokenpredictionspanel.cpp), how it
// is drawn (tokenpredictionsdrawing.cpp), and what it says in words and numbers (tokenpredictionswords.cpp).
#pragma once

#include "widgets/panels/canvaspanel.h"
#include "widgets/panels/tokenscene.h"
#include "widgets/plots/tokenstrip.h"

#include <QTimer>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace pretext {

class SamplingBar;

class TokenPredictionsPanel : public CanvasPanel
{
    Q_OBJECT
public:
    explicit TokenPredictionsPanel(const PanelContext &context);

    std::set<std::string> wantedChannels() const override;
    QString csv() const override;

protected:
    std::function<Adopt()> preparation(const BatchView &batch) override;
    void draw(Canvas &canvas) override;
    void hover(QPointF position) override { m_hovered = m_strip.columnAt(position); }
    void leave() override { m_hovered = -1; }
    void click(QPointF position) override;
    void drag(QPointF from, QPointF change) override;
    void wheel(QPointF at, qreal steps) override;
    bool key(int key, Qt::KeyboardModifiers modifiers) override;
    QString description() const override;
    bool isRead() const override { return choice() == Shown::batch && m_shown == Shown::batch && ready(); }

private:
    enum class Shown { sentence, batch };
    struct Prepared;
    struct Layout
    {
        QRectF title, strip, legend, candidates, positions, frequencies;
    };

    // tokenpredictionsasking.cpp
    static constexpr char kAnswerChannel[] = "answer/sentence";
    void addControls();
    void textEdited();
    void example();
    void dressExample(const Answer &answer);
    void ask();
    void toggle(int column);
    void showAs(Shown shown);
    void followSelection();

    // tokenpredictionspanel.cpp
    Shown choice() const;
    bool ready() const { return !m_scene.empty(); }
    void adoptPrepared(Prepared &prepared);
    void moveTo(int column);
    int current() const; // the column whose candidates are shown: the hovered one, else the chosen one

    // tokenpredictionsdrawing.cpp
    Layout layoutOf(const Canvas &canvas) const;
    qreal legendHeight(Canvas &canvas, const QRectF &area, int lanes) const;
    void placeStrip(Canvas &canvas, Layout &layout);
    void drawTitle(Canvas &canvas, const QRectF &area) const;
    void drawLegend(Canvas &canvas, const QRectF &area) const;
    void drawCandidates(Canvas &canvas, QRectF area) const;
    void drawPlots(Canvas &canvas, const Layout &layout) const;

    // tokenpredictionswords.cpp
    QString missing() const; // why there is nothing to show
    QString title() const;
    QString placeText(int column) const;
    QString truthText(const TokenPrediction &prediction) const;
    QString hint(int column) const;
    QString accuracyName() const;

    QComboBox *m_shownChoice = nullptr;
    QLineEdit *m_text = nullptr;
    QPushButton *m_exampleButton = nullptr;
    SamplingBar *m_sampling = nullptr;
    QTimer m_typing; // asks when the typing pauses

    Question m_question;
    bool m_undressed = false; // an example whose tokens are still to be hidden
    int m_examples = 0;

    Shown m_shown = Shown::sentence; // as the scene has it
    TokenScene m_scene;
    QString m_problem;         // of the sentence
    bool m_answerless = false; // the method predicts no tokens
    bool m_stale = false;      // the answer is to the question before
    int m_row = 0, m_rows = 0; // of the batch
    AccuracyBins m_byPosition, m_byFrequency;
    TokenStrip m_strip;
    int m_column = -1, m_hovered = -1;
};

} // namespace pretext
