// The Evaluation panel's controls: begins and stops it, what is judged beside the encoder, runs that are judged with it, and what is shown.
#pragma once

#include "core/analysis/ensemble.h"
#include "core/analysis/evaluate.h"

#include <QWidget>

#include <filesystem>
#include <vector>

class QCheckBox;
class QComboBox;
class QPushButton;

namespace pretext {

class EvaluationBar : public QWidget
{
    Q_OBJECT
public:
    explicit EvaluationBar(QWidget *parent);

    /// Of the choices those that the data have a use for; null: there are none.
    void setData(const Dataset *data);
    EvaluationOptions options() const;
    /// Whether the button stops what is under way or begins it.
    void setWorking(bool working);
    void setReady(bool ready); // whether there is anything to judge
    /// Adds runs to those that are judged with this one.
    void join(const QStringList &folders);
    const std::vector<std::filesystem::path> &others() const { return m_others; }
    Joining joining() const;
    bool wantsConfusion() const;
    /// Features and labels of which there are guesses, each by a probe and by neighbours; the choice is kept where it is still there.
    void setConfusions(const std::vector<EvaluationRow> &rows);
    /// Of them, two a row; -1: none.
    int confusion() const;

signals:
    void asked(); // to begin, or to stop
    void shownChanged();

private:
    void describe();
    void chooseOther();
    void showChoices();

    QPushButton *m_button;
    QCheckBox *m_baselines, *m_supervised, *m_finetuning;
    QPushButton *m_join, *m_alone;
    QComboBox *m_joining, *m_what, *m_confused;
    std::vector<std::filesystem::path> m_others;
    bool m_canBeSupervised = false, m_canBeFinetuned = false;
};

} // namespace pretext
