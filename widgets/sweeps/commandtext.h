// A command to be copied into a terminal: wrapped wherever it must be, as high as that takes, and copied as the one line that it is.
#pragma once

#include <QPlainTextEdit>

namespace pretext {

class CommandText : public QPlainTextEdit
{
    Q_OBJECT
public:
    explicit CommandText(QWidget *parent);
    void setLine(const QString &line);

protected:
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void useFixedFont();
    void fit();
};

} // namespace pretext
