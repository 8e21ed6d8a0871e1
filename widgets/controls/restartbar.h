// Says what waits for a restart, and offers it; and a start, where a job was stopped before it began. Hidden while nothing waits.
#pragma once

#include <QFrame>

class QLabel;
class QPushButton;

namespace pretext {

class Request;

class RestartBar : public QFrame
{
    Q_OBJECT
public:
    explicit RestartBar(Request *request, QWidget *parent = nullptr);

private:
    void updateState();

    Request *m_request;
    QLabel *m_text;
    QPushButton *m_apply, *m_discard;
};

} // namespace pretext
