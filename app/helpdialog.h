// Help in one place: a field to search by, the terms and pages that match, and the text of the chosen one. Typing searches, the arrows choose, and
// links lead on; it stands beside the window, which goes on training.
#pragma once

#include "widgets/help/glossary.h"

#include <QDialog>

class QLineEdit;
class QListWidget;
class QTextBrowser;

namespace pretext {

class HelpDialog : public QDialog
{
    Q_OBJECT
public:
    /// `pages` are listed before the glossary's terms.
    explicit HelpDialog(std::vector<Term> pages, QWidget *parent = nullptr);

    /// Shows the term or page of that key; the first one where there is none.
    void open(const QString &key);
    /// In place of the page of that key.
    void setPage(const Term &page);
    QString shownKey() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void search(const QString &text);
    void showCurrent();
    void follow(const QString &link);

    std::vector<Term> m_terms; // pages and glossary
    QLineEdit *m_search;
    QListWidget *m_list;
    QTextBrowser *m_text;
};

} // namespace pretext
