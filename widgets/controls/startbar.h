// What a job does before its first step, a tokenizer being trained, say: how far it is, and a way to stop it. Hidden otherwise.
#pragma once

#include <QWidget>

class QLabel;
class QProgressBar;

namespace pretext {

class Run;

class StartBar : public QWidget
{
    Q_OBJECT
public:
    explicit StartBar(Run *run, QWidget *parent = nullptr);

private:
    void updateState();

    Run *m_run;
    QLabel *m_text;
    QProgressBar *m_share;
};

} // namespace pretext
