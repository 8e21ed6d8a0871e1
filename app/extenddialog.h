// Moves the planned end of the run, and asks what becomes of the learning rate, in numbers. The training goes on meanwhile.
#pragma once

#include "core/nn/schedule.h"

#include <QDialog>

#include <map>

class QLabel;
class QRadioButton;
class QSpinBox;

namespace pretext {

class TrainingController;
struct RunConfig;

class ExtendDialog : public QDialog
{
    Q_OBJECT
public:
    ExtendDialog(TrainingController *controller, QWidget *parent);

private:
    RunConfig planned() const;
    void updateTexts();
    void extend();

    TrainingController *m_controller;
    QSpinBox *m_steps;
    QLabel *m_now;
    std::map<ScheduleChange, QRadioButton *> m_choices;
};

} // namespace pretext
