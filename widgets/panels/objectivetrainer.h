// Trains the small models of Four objectives on a thread of their own, below the training and the window. It rests while nobody looks, and beside a
// run it keeps to a small share of the machine.
#pragma once

#include "core/analysis/objectivemodels.h"

#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <vector>

namespace pretext {

class ObjectiveWork;
class Run;

/// What the models have come to, as the panel shows it.
struct ObjectiveNews
{
    std::vector<ObjectiveProgress> progress; // empty before the first step
    ObjectiveQuestion question;              // that the predictions are of
    double stepsPerSecond = 0;               // of all models together
};

class ObjectiveTrainer : public QObject
{
    Q_OBJECT
public:
    /// Nothing is computed but while `showing` says so.
    ObjectiveTrainer(Run &run, std::function<bool()> showing, QObject *parent);
    ~ObjectiveTrainer() override;

    /// What they learn from. Another text, tokenizer or context begins anew.
    void setText(const ObjectiveText &text);
    /// The sentence that is predicted, and the knobs that batches are made with. The models stay.
    void ask(const ObjectiveQuestion &question);
    void setTraining(bool training);
    /// The models are forgotten.
    void reset();
    /// To be called when the panel is shown again.
    void look() { update(); }

    bool training() const { return m_training; }
    bool hasText() const { return m_text.dataset && m_text.tokenizer; }
    /// Whether a run is training, which comes first.
    bool besideRun() const;
    const ObjectiveNews &news() const { return m_news; }
    const QString &problem() const { return m_problem; } // why they were given up; empty: they were not

signals:
    void changed();

private:
    void update();
    void giveUp();

    Run &m_run;
    std::function<bool()> m_showing;
    ObjectiveText m_text;
    ObjectiveQuestion m_question;
    bool m_training = false;
    std::shared_ptr<ObjectiveWork> m_work; // with the models; null before the first step
    ObjectiveNews m_news;
    QString m_problem;
};

} // namespace pretext
