// Ctrl+P: type a part of a panel's name, press Enter.
#pragma once

#include <QFrame>

class QLineEdit;
class QListWidget;

namespace pretext {

class PanelFinder : public QFrame
{
    Q_OBJECT
public:
    explicit PanelFinder(QWidget *parent);
    void open();

signals:
    void chosen(const QString &panel);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void filter(const QString &text);
    void choose();

    QLineEdit *m_text;
    QListWidget *m_list;
};

} // namespace pretext
