// One line across the top with something to do about it: a fault, a run to resume, data that could not be opened. It never blocks.
#pragma once

#include <QToolBar>

#include <functional>
#include <vector>

class QHBoxLayout;
class QLabel;
class QToolButton;

namespace pretext {

struct NoticeAction { QString text; std::function<void()> act; };

class NoticeBar : public QToolBar
{
    Q_OBJECT
public:
    explicit NoticeBar(QWidget *parent = nullptr);

    /// `kind` names the occasion: a newer notice of any kind replaces the older; dismiss(kind) takes back only its own.
    void notify(const QString &kind, const QString &text, const std::vector<NoticeAction> &actions = {});
    void dismiss(const QString &kind);
    QString text() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    QLabel *m_text;
    QHBoxLayout *m_buttons;
    QToolButton *m_close;
    QString m_kind;
};

} // namespace pretext
