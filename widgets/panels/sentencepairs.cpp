#include "widgets/panels/sentencepairs.h"

#include "widgets/panels/tokencells.h"
#include "widgets/plots/textlayout.h"

#include <QObject>

#include <algorithm>

namespace pretext {

namespace {

/// The row as it was given, as a line of text.
QString givenText(const TokenRowView &row)
{
    QString text;
    for (const TokenBox &box : row.given)
        if (!isSpecialPiece(box.piece))
            text += (box.piece.starts_with('[') ? QStringLiteral(" ") : QString()) + QString::fromStdString(box.piece);
    return text.replace(QChar(0x2581), u' ').trimmed();
}

} // namespace

QString sentenceDeed(const BatchView &batch, int row)
{
    const TokenRowView *tokens = batch.tokens(row);
    if (!tokens)
        return {};
    const auto rate = batch.snapshot()->real("encoder.dropout");
    const QString deed = deedOf(*tokens);
    if (!rate)
        return deed;
    return *rate > 0 ? QObject::tr("dropout %1; %2").arg(numberText(*rate), deed) : QObject::tr("no dropout; %1").arg(deed);
}

void SentencePairs::drawStrip(Canvas &canvas, QRectF &rest, int view, qreal height, const BatchView &batch, int row)
{
    const Theme &theme = canvas.theme();
    const TokenRowView *tokens = batch.tokens(row);
    const QString deed = QObject::tr("View %1: %2").arg(view + 1).arg(tokens ? sentenceDeed(batch, row) : QObject::tr("not shown"));
    rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 2 * lineHeight(canvas, kSmall))), deed, theme.mutedText, kSmall)
                + 2);
    if (!tokens)
        return;
    m_strips[view].setScale(kSmall);
    m_strips[view].setContent({}, givenCells(*tokens));
    m_strips[view].place(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), height)));
    const qreal used = std::min(height, m_strips[view].contentHeight());
    m_strips[view].place(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), used)));
    m_strips[view].draw(canvas);
    rest.setTop(rest.top() + used);
}

void SentencePairs::drawLarge(Canvas &canvas, QRectF area, const BatchView &batch, int pair, const QString &cosine)
{
    const Theme &theme = canvas.theme();
    const qreal small = lineHeight(canvas, kSmall);
    canvas.clip(area);
    const auto write = [&](const QString &text, const QColor &colour, qreal scale, int lines) {
        area.setTop(area.top() + drawWrapped(canvas, QRectF(area.topLeft(), QSizeF(area.width(), lines * lineHeight(canvas, scale))), text, colour, scale));
    };
    write(QObject::tr("The views' %1 · step %2, %3").arg(cosine).arg(batch.snapshot()->step).arg(batch.sampleName(pair)), theme.text, 1, 2);
    if (const QString why = batch.whyAlike(); !why.isEmpty())
        write(why, theme.accent, kSmall, 4);
    const qreal height = std::max(0., (area.height() - 4 * small) / 2);
    for (int view = 0; view < 2; ++view)
        drawStrip(canvas, area, view, height, batch, pair + view * batch.pairs());
    canvas.unclip();
}

qreal SentencePairs::tileHeight(const Canvas &canvas) const
{
    return 3 * lineHeight(canvas, kSmall) + canvas.theme().spacing;
}

void SentencePairs::drawTile(Canvas &canvas, const QRectF &area, const BatchView &batch, int pair, const QString &cosine) const
{
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas, kSmall);
    QPointF at(area.left(), area.top() + line / 2);
    const auto write = [&](const QString &text, const QColor &colour) {
        canvas.text(at, elided(canvas, text, area.width(), kSmall), colour, Align::left, kSmall);
        at.ry() += line;
    };
    write(cosine + QStringLiteral(" · ") + batch.sampleName(pair), theme.text);
    for (int view = 0; view < 2; ++view)
        if (const TokenRowView *tokens = batch.tokens(pair + view * batch.pairs()))
            write(QString::number(view + 1) + u' ' + givenText(*tokens), theme.mutedText);
}

bool SentencePairs::scroll(QPointF at, qreal pixels)
{
    for (TokenStrip &strip : m_strips)
        if (strip.area().contains(at)) {
            strip.scroll(pixels);
            return true;
        }
    return false;
}

} // namespace pretext
