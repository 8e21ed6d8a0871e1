// Time: a bar over the steps that the run has taken. Its slider shows an older one again in all panels, while training goes on; what can be done with that
// step stands beside it, and that it is an older one is said in words and colour.
#pragma once

#include <QTimer>
#include <QToolBar>

#include <cstdint>

class QLabel;
class QPushButton;
class QStackedWidget;

namespace pretext {

class LookBack;
class Run;
class StepSlider;

class TimeBar : public QToolBar
{
    Q_OBJECT
public:
    explicit TimeBar(Run *run, QWidget *parent = nullptr);

    StepSlider &slider() const { return *m_slider; }
    QString text() const { return m_said; }
    void goToTick(bool later);
    void showNow();

signals:
    void goBackAsked(qint64 step);
    void forkAsked(qint64 step);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QWidget *makeContent();
    QWidget *makeRightEnd();
    QPushButton *addButton(const QString &text, const QString &tip, const char *name);
    void choose(qint64 step);
    void follow();
    QString sentence() const;
    QString sentenceNow() const;
    QString sentenceOnItsWay() const;
    static QString sentenceMeanwhile(int64_t step);
    QString whyNothing() const;

    Run *m_run;
    LookBack *m_lookBack;
    QLabel *m_words;
    StepSlider *m_slider;
    QPushButton *m_now, *m_cancel, *m_goBack, *m_fork;
    QStackedWidget *m_rightEnd; // what can be done with the step that is shown; while another is on its way, what panels show until then
    QLabel *m_meanwhile;
    QTimer m_rested; // the handle, on a step that takes a while
    qint64 m_chosen = -1;
    bool m_hasTaken = false; // the job has taken a step, whose numbers are shown; else its batch is seen by the weights as they are
    QString m_said;
};

} // namespace pretext
