// What is said and done of two runs side by side as a whole: whether all knobs are linked, and with which of the two to go on. Hidden while one is alone.
#pragma once

#include <QFrame>

class QPushButton;

namespace pretext {

class LinkButton;
class Workbench;

class SideBySideBar : public QFrame
{
    Q_OBJECT
public:
    explicit SideBySideBar(Workbench *workbench, QWidget *parent = nullptr);

private:
    void follow();
    void update();

    Workbench *m_workbench;
    LinkButton *m_link;
    QPushButton *m_left, *m_right;
};

} // namespace pretext
