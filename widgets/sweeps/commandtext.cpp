#include "widgets/sweeps/commandtext.h"

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
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
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
