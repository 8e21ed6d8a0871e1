#include "widgets/panels/tokencells.h"

#include "core/data/tokens/tokenizer.h"

#include <QObject>
#include <QStringList>

#include <algorithm>
#include <set>

namespace pretext {

namespace {

constexpr int kNamedTokens = 6; // in a sentence that says what was done

/// Of each token of the original whether it is left in the row.
std::vector<bool> tokensLeft(const TokenRowView &row)
{
    std::vector<bool> left(row.original.size());
    for (const TokenBox &box : row.given)
        if (box.source >= 0 && box.source < int(left.size()))
            left[box.source] = true;
    return left;
}

QString counted(const QString &deed, const QStringList &tokens)
{
    QString names = tokens.mid(0, kNamedTokens).join(QStringLiteral(", "));
    if (tokens.size() > kNamedTokens)
        names += QStringLiteral(" …");
    return (tokens.size() == 1 ? QObject::tr("%1 token %2 (%3)") : QObject::tr("%1 tokens %2 (%3)")).arg(tokens.size()).arg(deed, names);
}

TokenMark markOf(const TokenBox &box)
{
    switch (box.action) {
    case TokenAction::masked: return TokenMark::masked;
    case TokenAction::replaced: return TokenMark::replaced;
    case TokenAction::unchanged: return TokenMark::unchanged;
    case TokenAction::inserted: return TokenMark::inserted;
    case TokenAction::moved: return TokenMark::moved;
    case TokenAction::kept: break;
    }
    return isSpecialPiece(box.piece) ? TokenMark::special : TokenMark::none;
}

} // namespace

QString bareWord(const std::string &piece)
{
    QString word = QString::fromStdString(piece);
    return word.size() > 1 ? word.remove(QChar(0x2581)) : word;
}

bool isSpecialPiece(const std::string &piece)
{
    const auto &special = specialTokens();
    return piece != special[kMaskToken] && piece != special[kUnknown] && std::find(special.begin(), special.end(), piece) != special.end();
}

QString shownPiece(const std::string &piece)
{
    QString text = QString::fromStdString(piece);
    for (QChar &c : text)
        if (!c.isPrint() && !c.isSurrogate())
            c = QChar::ReplacementCharacter;
    return text;
}

StripCell cellOf(const TokenBox &box)
{
    return {shownPiece(box.piece), markOf(box)};
}

StripCell cellOf(const std::string &piece)
{
    return {shownPiece(piece), isSpecialPiece(piece) ? TokenMark::special : TokenMark::none};
}

std::vector<std::vector<StripCell>> givenCells(const TokenRowView &row)
{
    const std::vector<bool> left = tokensLeft(row);
    std::vector<std::vector<StripCell>> cells;
    size_t next = 0; // of the original
    const auto showDeleted = [&](size_t end) {
        for (; next < end; ++next)
            if (!left[next])
                cells.push_back({{.text = shownPiece(row.original[next]), .mark = TokenMark::deleted}});
    };
    for (const TokenBox &box : row.given) {
        if (box.source >= 0 && box.action != TokenAction::moved) {
            showDeleted(std::min<size_t>(box.source, left.size()));
            next = std::max<size_t>(next, box.source + 1);
        }
        cells.push_back({cellOf(box)});
    }
    showDeleted(left.size());
    return cells;
}

QString deedOf(const TokenRowView &row)
{
    QStringList deleted, inserted, replaced, masked, moved, deeds;
    const std::vector<bool> left = tokensLeft(row);
    for (size_t i = 0; i < left.size(); ++i)
        if (!left[i])
            deleted << bareWord(row.original[i]);
    for (const TokenBox &box : row.given) {
        const QString word = bareWord(box.piece);
        const bool known = box.source >= 0 && box.source < int(row.original.size());
        const QString before = known ? bareWord(row.original[box.source]) : QString();
        switch (box.action) {
        case TokenAction::inserted: inserted << word; break;
        case TokenAction::replaced: replaced << QObject::tr("%1 by %2").arg(before, word); break;
        case TokenAction::masked: masked << before; break;
        case TokenAction::moved: moved << word; break;
        default: break;
        }
    }
    for (const auto &[deed, tokens] : {std::pair(QObject::tr("deleted"), deleted),
                                       {QObject::tr("inserted"), inserted},
                                       {QObject::tr("replaced"), replaced},
                                       {QObject::tr("masked"), masked},
                                       {QObject::tr("moved"), moved}})
        if (!tokens.isEmpty())
            deeds << counted(deed, tokens);
    return deeds.isEmpty() ? QObject::tr("no token changed") : deeds.join(QStringLiteral(", "));
}

QString nameOf(TokenMark mark)
{
    switch (mark) {
    case TokenMark::masked: return QObject::tr("masked");
    case TokenMark::replaced: return QObject::tr("replaced by another token");
    case TokenMark::unchanged: return QObject::tr("kept, yet predicted");
    case TokenMark::inserted: return QObject::tr("inserted");
    case TokenMark::moved: return QObject::tr("moved");
    case TokenMark::deleted: return QObject::tr("deleted: not in the input");
    case TokenMark::differs: return QObject::tr("not the truth");
    case TokenMark::generated: return QObject::tr("generated");
    default: return {};
    }
}

std::vector<std::pair<TokenMark, QString>> marksIn(const std::vector<std::vector<StripCell>> &cells, size_t lanes)
{
    std::set<TokenMark> marks;
    for (const auto &column : cells)
        for (size_t lane = 0; lane < std::min(column.size(), lanes); ++lane)
            if (!column[lane].absent)
                marks.insert(column[lane].mark);
    std::vector<std::pair<TokenMark, QString>> entries;
    for (const TokenMark mark : marks)
        if (const QString name = nameOf(mark); !name.isEmpty())
            entries.emplace_back(mark, name);
    return entries;
}

} // namespace pretext
