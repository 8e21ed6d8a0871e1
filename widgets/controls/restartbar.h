// Says what waits for a restart, and offers it. Hidden while nothing waits.
#pragma once

#include <QFrame>

class QLabel;

namespace pretext {

class TrainingController;

class RestartBar : public QFrame
{
    Q_OBJECT
public:
    explicit RestartBar(TrainingController *controller, QWidget *parent = nullptr);

private:
    void updateState();

    TrainingController *m_controller;
    QLabel *m_text;
};

} // namespace pretext
