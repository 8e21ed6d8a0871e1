#include "app/noticebar.h"

#include "core/engine/messagetext.h"
#include "widgets/icons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace pretext {

NoticeBar::NoticeBar(QWidget *parent)
    : QToolBar(tr("Notices"), parent)
    , m_text(new QLabel)
    , m_buttons(new QHBoxLayout)
    , m_close(new QToolButton)
{
    setObjectName("notices");
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
    m_close->setIcon(themedIcon("close", palette()));
    connect(m_close, &QToolButton::clicked, this, [this] { dismiss(m_kind); });
    content->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    addWidget(content);
    hide();
}

void NoticeBar::notify(const QString &kind, const QString &text, const std::vector<NoticeAction> &actions)
{
    m_kind = kind;
    m_text->setText(QString::fromStdString(oneLine(text.toStdString())));
    while (QLayoutItem *item = m_buttons->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (const NoticeAction &action : actions) {
        auto *button = new QPushButton(action.text);
        m_buttons->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, kind, act = action.act] {
            dismiss(kind);
            act();
        });
    }
    show();
}

void NoticeBar::dismiss(const QString &kind)
{
    if (kind == m_kind)
        hide();
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
