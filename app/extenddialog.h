// Moves the planned end of the run, and asks what becomes of the learning rate, in numbers. The training goes on meanwhile.
#pragma once

#include "core/nn/schedule.h"

#include <QDialog>

#include <map>

class QLabel;
class QRadioButton;
class QSpinBox;

namespace pretext {

class Run;
struct RunConfig;

class ExtendDialog : public QDialog
{
    Q_OBJECT
public:
    ExtendDialog(Run *run, QWidget *parent);

private:
    RunConfig planned() const;
    void updateTexts();
    void extend();

    Run *m_run;
    QSpinBox *m_steps;
    QLabel *m_now;
    std::map<ScheduleChange, QRadioButton *> m_choices;
};

} // namespace pretext
