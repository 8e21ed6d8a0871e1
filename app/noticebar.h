// One line beside the menus with something to do about it: a fault, a run to resume, data that could not be opened. It never blocks, and moves nothing: it
// lies over the row of the menus, where that is free, and where it needs a second line over the edge of the panels. What answers the user comes first; what
// can wait is shown once that was dismissed.
#pragma once

#include <QFrame>

#include <functional>
#include <map>
#include <vector>

class QHBoxLayout;
class QLabel;
class QMainWindow;
class QToolButton;

namespace pretext {

struct NoticeAction
{
    QString text;
    std::function<void()> act;
};

enum class Urgency { note, offer, answer };

class NoticeBar : public QFrame
{
    Q_OBJECT
public:
    explicit NoticeBar(QMainWindow *window);

    /// `kind` names the occasion: a newer notice replaces an older one of the same urgency; dismiss(kind) takes back only its own.
    void notify(const QString &kind, const QString &text, const std::vector<NoticeAction> &actions = {}, Urgency urgency = Urgency::answer);
    void dismiss(const QString &kind);
    QString text() const;
    /// Gives the first of its buttons the focus; Escape dismisses it.
    void takeFocus();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    struct Notice
    {
        QString kind, text;
        std::vector<NoticeAction> actions;
    };
    void showMostUrgent();
    void dismissShown();
    void place();

    QMainWindow *m_window;
    QLabel *m_text;
    QHBoxLayout *m_buttons;
    QToolButton *m_close;
    std::map<Urgency, Notice> m_notices;
};

} // namespace pretext
