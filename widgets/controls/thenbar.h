// While an older step is shown: which knobs were other than the controls have them, which are those of now.
#pragma once

#include <QLabel>

namespace pretext {

class Run;

class ThenBar : public QLabel
{
    Q_OBJECT
public:
    explicit ThenBar(Run *run, QWidget *parent = nullptr);

private:
    void follow();

    Run *m_run;
};

} // namespace pretext
