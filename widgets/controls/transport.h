// Play, pause, one step, rewind, undo and redo, and where the job is.
#pragma once

#include <QWidget>

class QLabel;
class QToolButton;

namespace pretext {

class Request;
class Run;

class Transport : public QWidget
{
    Q_OBJECT
public:
    explicit Transport(Request *request, QWidget *parent = nullptr);

protected:
    void changeEvent(QEvent *event) override;

private:
    QToolButton *addButton(const QString &icon, const QString &term, const QString &text, const QString &tip);
    void updateIcons();
    void updateState();

    Run *m_run;
    QToolButton *m_play, *m_step, *m_rewind, *m_undo, *m_redo;
    QLabel *m_where;
};

} // namespace pretext
