#include "app/noticebar.h"

#include "core/files/messagetext.h"
#include "widgets/help/glossary.h"
#include "widgets/icons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

#include <iterator>

namespace pretext {

NoticeBar::NoticeBar(QWidget *parent) : QToolBar(tr("Notices"), parent), m_text(new QLabel), m_buttons(new QHBoxLayout), m_close(new QToolButton)
{
    setObjectName("notices");
    setTerm(this, "part/notices");
    setMovable(false);
    setFloatable(false);
    toggleViewAction()->setVisible(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    auto *content = new QWidget;
    auto *row = new QHBoxLayout(content);
    row->setContentsMargins(8, 2, 4, 2);
    row->addWidget(m_text, 1);
    row->addLayout(m_buttons);
    row->addWidget(m_close);
    m_text->setTextFormat(Qt::PlainText); // a file's name may be "<h1>"
    m_text->setWordWrap(true);
    m_text->setMinimumWidth(600); // a tool bar asks for the height at the narrowest width
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_close->setAutoRaise(true);
    m_close->setToolTip(tr("Dismiss"));
    m_close->setAccessibleName(tr("Dismiss"));
    m_close->setIcon(themedIcon("close", palette()));
    connect(m_close, &QToolButton::clicked, this, [this] {
        m_notices.erase(std::prev(m_notices.end()));
        showMostUrgent();
    });
    content->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    addWidget(content);
    hide();
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
    QToolBar::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_close->setIcon(themedIcon("close", palette()));
}

} // namespace pretext
