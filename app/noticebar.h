// One line across the top with something to do about it: a fault, a run to resume, data that could not be opened. It never blocks. What answers the
// user comes first; what can wait is shown once that was dismissed.
#pragma once

#include <QToolBar>

#include <functional>
#include <map>
#include <vector>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace pretext {

struct NoticeAction
{
    QString text;
    std::function<void()> act;
};

enum class Urgency { note, offer, answer };

class NoticeBar : public QToolBar
{
    Q_OBJECT
public:
    explicit NoticeBar(QWidget *parent = nullptr);

    /// `kind` names the occasion: a newer notice replaces an older one of the same urgency; dismiss(kind) takes back only its own.
    void notify(const QString &kind, const QString &text, const std::vector<NoticeAction> &actions = {}, Urgency urgency = Urgency::answer);
    void dismiss(const QString &kind);
    QString text() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    struct Notice
    {
        QString kind, text;
        std::vector<NoticeAction> actions;
    };
    void showMostUrgent();

    QLabel *m_text;
    QHBoxLayout *m_buttons;
    QToolButton *m_close;
    std::map<Urgency, Notice> m_notices;
};

} // namespace pretext
