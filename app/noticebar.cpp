#include "app/noticebar.h"

#include "core/files/messagetext.h"
#include "widgets/help/glossary.h"
#include "widgets/icons.h"

#include <QAccessible>
#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMainWindow>
#include <QMenuBar>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>
#include <iterator>

namespace pretext {

NoticeBar::NoticeBar(QMainWindow *window)
    : QFrame(window)
    , m_window(window)
    , m_text(new QLabel(this))
    , m_buttons(new QHBoxLayout)
    , m_close(new QToolButton(this))
{
    setObjectName("notices");
    setTerm(this, "part/notices");
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(12, 1, 4, 1);
    row->addWidget(m_text, 1);
    row->addLayout(m_buttons);
    row->addWidget(m_close);
    m_text->setTextFormat(Qt::PlainText); // a file's name may be "<h1>"
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_close->setAutoRaise(true);
    m_close->setFocusPolicy(Qt::TabFocus);
    m_close->setToolTip(tr("Dismiss (F6 and Escape)"));
    m_close->setAccessibleName(tr("Dismiss"));
    m_close->setIcon(themedIcon("close", palette()));
    connect(m_close, &QToolButton::clicked, this, &NoticeBar::dismissShown);
    window->installEventFilter(this);
    hide();
}

void NoticeBar::dismissShown()
{
    m_notices.erase(std::prev(m_notices.end()));
    showMostUrgent();
}

/// From behind the menus to the right edge, as high as its text needs.
void NoticeBar::place()
{
    constexpr int kGap = 16, kLeast = 400; // in a window that has not that much beside the menus it lies below them
    const QMenuBar *menus = m_window->menuBar();
    int left = 0, top = 0;
    for (QAction *menu : menus->actions())
        left = std::max(left, menus->actionGeometry(menu).right() + kGap);
    if (m_window->width() - left < kLeast)
        left = 0, top = menus->height();
    const int width = m_window->width() - left;
    setGeometry(left, top, width, std::max(layout()->totalHeightForWidth(width), top == 0 ? menus->height() : 0));
    raise();
}

bool NoticeBar::eventFilter(QObject *watched, QEvent *event)
{
    const bool moves = event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest || event->type() == QEvent::Show;
    if (watched == m_window && moves && !isHidden())
        place();
    return QFrame::eventFilter(watched, event);
}

void NoticeBar::takeFocus()
{
    QWidget *first = m_close;
    if (m_buttons->count() > 0)
        first = m_buttons->itemAt(0)->widget();
    if (!isHidden())
        first->setFocus(Qt::ShortcutFocusReason);
}

void NoticeBar::keyPressEvent(QKeyEvent *event)
{
    event->key() == Qt::Key_Escape ? dismissShown() : QFrame::keyPressEvent(event);
}

void NoticeBar::notify(const QString &kind, const QString &text, const std::vector<NoticeAction> &actions, Urgency urgency)
{
    m_notices[urgency] = {kind, QString::fromStdString(oneLine(text.toStdString())), actions};
    showMostUrgent();
}

void NoticeBar::dismiss(const QString &kind)
{
    if (std::erase_if(m_notices, [&](const auto &entry) { return entry.second.kind == kind; }) > 0)
        showMostUrgent();
}

void NoticeBar::showMostUrgent()
{
    while (QLayoutItem *item = m_buttons->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    setVisible(!m_notices.empty());
    if (m_notices.empty())
        return;
    const Notice &notice = m_notices.rbegin()->second;
    m_text->setText(notice.text);
    for (const NoticeAction &action : notice.actions) {
        auto *button = new QPushButton(action.text);
        m_buttons->addWidget(button);
        button->show();
        connect(button, &QPushButton::clicked, this, [this, kind = notice.kind, act = action.act] {
            dismiss(kind);
            act();
        });
    }
    setTabOrder(m_buttons->count() > 0 ? m_buttons->itemAt(m_buttons->count() - 1)->widget() : m_text, m_close);
    setAccessibleName(notice.text);
    QAccessibleEvent said(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&said);
    place();
}

QString NoticeBar::text() const
{
    return isHidden() ? QString() : m_text->text();
}

void NoticeBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    QColor tint = palette().color(QPalette::Highlight);
    tint.setAlphaF(0.18);
    painter.fillRect(rect(), palette().color(QPalette::Window));
    painter.fillRect(rect(), tint);
    painter.fillRect(0, 0, 4, height(), palette().color(QPalette::Highlight));
}

void NoticeBar::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_close->setIcon(themedIcon("close", palette()));
    if (event->type() == QEvent::FontChange && !isHidden())
        place();
}

} // namespace pretext
