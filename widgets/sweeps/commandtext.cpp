#include "widgets/sweeps/commandtext.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>

#include <algorithm>

namespace pretext {

CommandText::CommandText(QWidget *parent) : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setTabChangesFocus(true);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMinimumWidth(80);
    useFixedFont();
}

/// In the window's size, which grows where it is presented.
void CommandText::useFixedFont()
{
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    if (const qreal size = QApplication::font().pointSizeF(); size > 0)
        fixed.setPointSizeF(size);
    if (fixed != font())
        setFont(fixed);
}

void CommandText::changeEvent(QEvent *event)
{
    QPlainTextEdit::changeEvent(event);
    if (event->type() != QEvent::FontChange && event->type() != QEvent::ApplicationFontChange)
        return;
    useFixedFont();
    fit();
}

void CommandText::setLine(const QString &line)
{
    if (line == toPlainText())
        return;
    setPlainText(line);
    fit();
}

void CommandText::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    fit();
}

/// The height of such a document is counted in lines.
void CommandText::fit()
{
    const int lines = std::max(1, int(document()->size().height()));
    setFixedHeight(lines * fontMetrics().lineSpacing() + 2 * int(document()->documentMargin()) + 2 * frameWidth());
}

} // namespace pretext
