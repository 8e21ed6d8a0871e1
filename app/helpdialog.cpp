#include "app/helpdialog.h"

#include <QCoreApplication>
#include <QDesktopServices>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QScrollBar>
#include <QSplitter>
#include <QTextBrowser>
#include <QUrl>
#include <QVBoxLayout>

namespace pretext {

HelpDialog::HelpDialog(std::vector<Term> pages, QWidget *parent)
    : QDialog(parent)
    , m_terms(std::move(pages))
    , m_search(new QLineEdit(this))
    , m_list(new QListWidget)
    , m_text(new QTextBrowser)
{
    m_terms.insert(m_terms.end(), glossary().begin(), glossary().end());
    setWindowTitle(tr("Help"));
    resize(820, 480);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->addWidget(m_search);
    auto *halves = new QSplitter(this);
    column->addWidget(halves, 1);
    halves->addWidget(m_list);
    halves->addWidget(m_text);
    halves->setSizes({280, 540});
    halves->setChildrenCollapsible(false);
    m_search->setPlaceholderText(tr("Search terms, knobs, panels and keys"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);
    m_list->setAccessibleName(tr("Terms"));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_text->setAccessibleName(tr("Explanation"));
    m_text->setOpenLinks(false);
    connect(m_search, &QLineEdit::textChanged, this, &HelpDialog::search);
    connect(m_search, &QLineEdit::returnPressed, m_text, qOverload<>(&QWidget::setFocus));
    connect(m_list, &QListWidget::currentRowChanged, this, &HelpDialog::showCurrent);
    connect(m_text, &QTextBrowser::anchorClicked, this, [this](const QUrl &link) { follow(link.toString()); });
    search({});
}

void HelpDialog::open(const QString &key)
{
    if (!m_search->text().isEmpty())
        m_search->clear();
    m_list->setCurrentRow(0);
    for (int row = 0; row < m_list->count(); ++row)
        if (m_list->item(row)->data(Qt::UserRole).toString() == key)
            m_list->setCurrentRow(row);
    showCurrent(); // a page may have changed
    m_list->scrollToItem(m_list->currentItem(), QAbstractItemView::PositionAtCenter);
    show();
    raise();
    activateWindow();
    m_search->setFocus();
}

void HelpDialog::setPage(const Term &page)
{
    for (Term &term : m_terms)
        if (term.key == page.key)
            term = page;
}

QString HelpDialog::shownKey() const
{
    return m_list->currentItem() ? m_list->currentItem()->data(Qt::UserRole).toString() : QString();
}

void HelpDialog::search(const QString &text)
{
    m_list->clear();
    for (const Term *term : termsMatching(text, m_terms)) {
        auto *item = new QListWidgetItem(term->title, m_list);
        item->setData(Qt::UserRole, term->key);
        item->setToolTip(term->kind);
    }
    m_list->setCurrentRow(0);
    if (m_list->count() == 0)
        m_text->setHtml(tr("<p>Nothing here speaks of %1.</p>").arg(text.toHtmlEscaped()));
}

void HelpDialog::showCurrent()
{
    const QString key = shownKey();
    for (const Term &term : m_terms)
        if (term.key == key)
            m_text->setHtml(QStringLiteral("<h3>%1</h3><p><i>%2</i></p>%3").arg(term.title.toHtmlEscaped(), term.kind.toHtmlEscaped(), term.html));
    m_text->verticalScrollBar()->setValue(0);
}

void HelpDialog::follow(const QString &link)
{
    link.startsWith("https:") ? void(QDesktopServices::openUrl(link)) : open(link);
}

/// Up, down and the page keys choose while the field to search by has the focus.
bool HelpDialog::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_PageUp || key == Qt::Key_PageDown)
            return QCoreApplication::sendEvent(m_list, event);
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace pretext
