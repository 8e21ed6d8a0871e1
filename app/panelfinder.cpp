#include "app/panelfinder.h"

#include "widgets/panel.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace pretext {

PanelFinder::PanelFinder(QWidget *parent) : QFrame(parent, Qt::Popup), m_text(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setFrameShape(QFrame::StyledPanel);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(6, 6, 6, 6);
    column->addWidget(m_text);
    column->addWidget(m_list);
    m_text->setPlaceholderText(tr("Name of a panel"));
    m_text->installEventFilter(this);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // what is too long ends in dots
    connect(m_text, &QLineEdit::textChanged, this, &PanelFinder::filter);
    connect(m_text, &QLineEdit::returnPressed, this, &PanelFinder::choose);
    connect(m_list, &QListWidget::itemClicked, this, &PanelFinder::choose);
}

void PanelFinder::open()
{
    m_text->clear();
    filter({});
    resize(fontMetrics().averageCharWidth() * 60, sizeHint().height());
    const QWidget *window = parentWidget();
    move(window->mapToGlobal(QPoint((window->width() - width()) / 2, window->height() / 6)));
    show();
    m_text->setFocus();
}

void PanelFinder::filter(const QString &text)
{
    m_list->clear();
    for (const PanelType &type : panelTypes()) {
        if (!type.title.contains(text.trimmed(), Qt::CaseInsensitive))
            continue;
        auto *item = new QListWidgetItem(tr("%1: %2").arg(type.title, type.help), m_list);
        item->setData(Qt::UserRole, type.name);
    }
    m_list->setCurrentRow(0);
}

void PanelFinder::choose()
{
    const QListWidgetItem *item = m_list->currentItem();
    hide();
    if (item)
        emit chosen(item->data(Qt::UserRole).toString());
}

bool PanelFinder::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        const int rows = m_list->count();
        if ((key == Qt::Key_Up || key == Qt::Key_Down) && rows > 0) {
            m_list->setCurrentRow((m_list->currentRow() + (key == Qt::Key_Down ? 1 : rows - 1)) % rows);
            return true;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace pretext
