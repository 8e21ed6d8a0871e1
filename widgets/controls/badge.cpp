#include "widgets/controls/badge.h"

#include <QFontMetrics>
#include <QPainter>

namespace pretext {

Badge::Badge(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Badge::show(const QString &text, Tone tone)
{
    if (text == m_text && tone == m_tone)
        return;
    m_text = text;
    m_tone = tone;
    setAccessibleName(text);
    updateGeometry();
    update();
}

QFont Badge::smallFont() const
{
    QFont small = font();
    small.setPointSizeF(font().pointSizeF() * 0.85);
    return small;
}

QSize Badge::sizeHint() const
{
    // As wide as the longest thing it says, so that a row does not move when it says it.
    const QFontMetrics metrics(smallFont());
    const int width = qMax(metrics.horizontalAdvance(tr("since step 99999")), metrics.horizontalAdvance(m_text));
    return {width + 10, metrics.height() + 4};
}

void Badge::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(smallFont());
    const QColor accent = palette().color(QPalette::Highlight);
    const QRectF all = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    QColor pen = palette().color(QPalette::PlaceholderText);
    if (m_tone == Tone::waiting) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(accent);
        painter.drawRoundedRect(all, 4, 4);
        pen = palette().color(QPalette::HighlightedText);
    } else if (m_tone == Tone::done) {
        pen = palette().color(QPalette::Link);
    }
    painter.setPen(pen);
    painter.drawText(all, Qt::AlignCenter, m_text);
}

} // namespace pretext
