#include "widgets/panels/objectiveview.h"

#include "core/ssl/method.h"
#include "widgets/panels/tokencells.h"
#include "widgets/plots/textlayout.h"
#include "widgets/said.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

const char *wordOf(TokenAction action)
{
    switch (action) {
    case TokenAction::masked: return "masked";
    case TokenAction::replaced: return "replaced";
    case TokenAction::unchanged: return "unchanged";
    case TokenAction::inserted: return "inserted";
    case TokenAction::moved: return "moved";
    case TokenAction::kept: break;
    }
    return "kept";
}

StripCell targetCell(const std::vector<std::string> &targets, size_t position)
{
    const bool counts = position < targets.size() && !targets[position].empty();
    return counts ? StripCell{.text = QString::fromStdString(targets[position])} : StripCell{.text = {}, .absent = true};
}

/// What the encoder is given over what it has to predict there.
std::vector<std::vector<StripCell>> predictedCells(const TokenRowView &row)
{
    std::vector<std::vector<StripCell>> columns;
    for (size_t t = 0; t < row.given.size(); ++t)
        columns.push_back({cellOf(row.given[t]), targetCell(row.targets, t)});
    return columns;
}

std::vector<std::vector<StripCell>> decoderCells(const TokenRowView &row)
{
    std::vector<std::vector<StripCell>> columns;
    for (size_t t = 0; t < row.decoder.size(); ++t)
        columns.push_back({cellOf(row.decoder[t]), targetCell(row.targets, t)});
    return columns;
}

int seenFrom(const std::vector<uint8_t> &visible, size_t side, size_t position)
{
    return side * side == visible.size() && position < side
               ? int(std::count(visible.begin() + position * side, visible.begin() + (position + 1) * side, uint8_t(1)))
               : 0;
}

int targetsOf(const TokenRowView &row)
{
    return int(std::count_if(row.targets.begin(), row.targets.end(), [](const std::string &target) { return !target.empty(); }));
}

} // namespace

ObjectiveView::ObjectiveView(const Objective &objective) : m_objective(objective)
{
    const TokenRowView &row = m_objective.row;
    m_given.setScale(kSmall);
    m_decoder.setScale(kSmall);
    if (hasDecoder()) {
        m_given.setContent({QObject::tr("encoder")}, givenCells(row));
        m_decoder.setContent({QObject::tr("decoder"), QObject::tr("predicts")}, decoderCells(row));
    } else {
        m_given.setContent({QObject::tr("given"), QObject::tr("predicts")}, predictedCells(row));
    }
    m_mask.setMask(int(row.given.size()), m_objective.visible);
    m_decoderMask.setMask(int(row.decoder.size()), m_objective.decoderVisible);
}

QString ObjectiveView::title() const
{
    return translated(methodType(m_objective.name).title) + QStringLiteral(" (%1)").arg(QString::fromStdString(m_objective.name));
}

QString ObjectiveView::summary() const
{
    const TokenRowView &row = m_objective.row;
    const int counted = targetsOf(row), given = int(row.given.size());
    if (hasDecoder()) {
        const bool all = row.targets.size() + 1 == row.original.size() && std::equal(row.targets.begin(), row.targets.end(), row.original.begin() + 1);
        return QObject::tr("%1. The decoder %2, %3 tokens, each from those before it and all of the encoder's %4.")
            .arg(deedOf(row), all ? QObject::tr("rebuilds the original") : QObject::tr("writes what the encoder was not shown"))
            .arg(counted)
            .arg(given);
    }
    if (row.prefix > 0)
        return QObject::tr("A prefix of %1 tokens sees all of itself; %2 of %3 positions predict the token that follows.")
            .arg(row.prefix)
            .arg(counted)
            .arg(given);
    if (m_objective.visible.size() > 1 && !m_objective.visible[1])
        return QObject::tr("Every position predicts the token that follows from those up to it: %1 of %2 count.").arg(counted).arg(given);
    return QObject::tr("%1 of %2 positions are predicted, from both sides.").arg(counted).arg(given);
}

void ObjectiveView::drawMask(Canvas &canvas, MaskPlot &mask, QRectF area, const QString &name, int row) const
{
    const qreal line = lineHeight(canvas, kSmall);
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, name, area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
    area.setTop(area.top() + line);
    mask.draw(canvas, area, row);
}

void ObjectiveView::draw(Canvas &canvas, const QRectF &area, int hovered, bool current)
{
    const Theme &theme = canvas.theme();
    const qreal gap = theme.spacing, line = lineHeight(canvas), small = lineHeight(canvas, kSmall);
    m_area = area;
    QRectF rest = area.adjusted(gap, gap / 2, -gap, -gap);
    canvas.clip(area);
    canvas.rectangle(area, current ? theme.accent : theme.grid);
    canvas.text({rest.left(), rest.top() + line / 2}, elided(canvas, title(), rest.width()), theme.text);
    rest.setTop(rest.top() + line);
    rest.setTop(rest.top() + drawWrapped(canvas, QRectF(rest.topLeft(), QSizeF(rest.width(), 2 * small)), summary(), theme.mutedText, kSmall) + gap / 2);

    const qreal edge = std::floor(std::clamp(rest.height() - small, 0., (hasDecoder() ? 0.2 : 0.34) * rest.width()));
    QRectF maskArea(rest.right() - edge, rest.top(), edge, edge + small);
    drawMask(canvas, hasDecoder() ? m_decoderMask : m_mask, maskArea, hasDecoder() ? QObject::tr("decoder sees") : QObject::tr("may see"), hovered);
    if (hasDecoder()) {
        maskArea.translate(-edge - gap, 0);
        drawMask(canvas, m_mask, maskArea, QObject::tr("encoder sees"), -1);
    }
    rest.setRight(maskArea.left() - gap);
    if (!hasDecoder()) {
        m_given.place(canvas, rest);
        m_given.draw(canvas, hovered);
    } else {
        const QRectF upper(rest.topLeft(), QSizeF(rest.width(), std::floor(0.4 * rest.height())));
        m_given.place(canvas, upper);
        const qreal used = std::min(upper.height(), m_given.contentHeight());
        m_given.place(canvas, QRectF(upper.topLeft(), QSizeF(upper.width(), used)));
        m_given.draw(canvas);
        m_decoder.place(canvas, rest.adjusted(0, used + gap, 0, 0));
        m_decoder.draw(canvas, hovered);
    }
    canvas.unclip();
}

int ObjectiveView::positionAt(QPointF at) const
{
    const MaskPlot &mask = hasDecoder() ? m_decoderMask : m_mask;
    if (const int row = mask.rowAt(at); row >= 0)
        return row;
    return m_area.contains(at) ? reader().columnAt(at) : -1;
}

bool ObjectiveView::scroll(QPointF at, qreal pixels)
{
    for (TokenStrip *strip : {&m_given, &m_decoder})
        if (strip->columns() > 0 && strip->area().contains(at) && strip->contentHeight() > strip->area().height()) {
            strip->scroll(pixels);
            return true;
        }
    return false;
}

QString ObjectiveView::words(int position) const
{
    const TokenRowView &row = m_objective.row;
    if (position < 0 || position >= positions())
        return {};
    const std::string &piece = hasDecoder() ? row.decoder[position] : row.given[position].piece;
    const QString target = position < int(row.targets.size()) ? bareWord(row.targets[position]) : QString();
    const auto &visible = hasDecoder() ? m_objective.decoderVisible : m_objective.visible;
    QString text = QObject::tr("Position %1, “%2”: %3; it sees %4 of %5 %6.")
                       .arg(position)
                       .arg(bareWord(piece), target.isEmpty() ? QObject::tr("nothing is predicted here") : QObject::tr("predicts “%1”").arg(target))
                       .arg(seenFrom(visible, positions(), position))
                       .arg(positions())
                       .arg(hasDecoder() ? QObject::tr("tokens of the decoder and all of the encoder") : QObject::tr("tokens"));
    return text;
}

std::vector<std::pair<TokenMark, QString>> ObjectiveView::marks() const
{
    std::vector<std::vector<StripCell>> cells;
    for (int i = 0; i < m_given.columns(); ++i)
        cells.push_back(m_given.column(i));
    return marksIn(cells);
}

QString objectivesCsv(const std::vector<Objective> &objectives)
{
    QString text = QStringLiteral("objective,part,position,token,mark,target,sees\n");
    const auto quoted = [](const std::string &piece) { return u'"' + QString::fromStdString(piece).replace(u'"', QStringLiteral("\"\"")) + u'"'; };
    for (const Objective &objective : objectives) {
        const TokenRowView &row = objective.row;
        const auto line = [&](const char *part, size_t position, const std::string &piece, const char *mark, bool predicts, const std::vector<uint8_t> &visible,
                              size_t side) {
            const std::string target = predicts && position < row.targets.size() ? row.targets[position] : std::string();
            text += QStringLiteral("%1,%2,%3,%4,%5,%6,%7\n")
                        .arg(QString::fromStdString(objective.name), QString::fromLatin1(part))
                        .arg(position)
                        .arg(quoted(piece), QString::fromLatin1(mark), target.empty() ? QString() : quoted(target))
                        .arg(seenFrom(visible, side, position));
        };
        for (size_t t = 0; t < row.given.size(); ++t)
            line("encoder", t, row.given[t].piece, wordOf(row.given[t].action), row.decoder.empty(), objective.visible, row.given.size());
        for (size_t t = 0; t < row.decoder.size(); ++t)
            line("decoder", t, row.decoder[t], "kept", true, objective.decoderVisible, row.decoder.size());
    }
    return text;
}

} // namespace pretext
