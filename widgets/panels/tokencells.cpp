#include "widgets/panels/tokencells.h"

#include "core/data/text/tokenizer.h"

#include <QStringList>

#include <algorithm>

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
    return QStringLiteral("%1 %2 %3 (%4)").arg(tokens.size()).arg(tokens.size() == 1 ? QStringLiteral("token") : QStringLiteral("tokens"), deed, names);
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

TokenMark markOfBox(const TokenBox &box)
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

std::vector<std::vector<StripCell>> givenCells(const TokenRowView &row)
{
    const std::vector<bool> left = tokensLeft(row);
    std::vector<std::vector<StripCell>> cells;
    size_t next = 0; // of the original
    const auto showDeleted = [&](size_t end) {
        for (; next < end; ++next)
            if (!left[next])
                cells.push_back({{.text = QString::fromStdString(row.original[next]), .mark = TokenMark::deleted}});
    };
    for (const TokenBox &box : row.given) {
        if (box.source >= 0 && box.action != TokenAction::moved) {
            showDeleted(std::min<size_t>(box.source, left.size()));
            next = std::max<size_t>(next, box.source + 1);
        }
        cells.push_back({{.text = QString::fromStdString(box.piece), .mark = markOfBox(box)}});
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
        case TokenAction::replaced: replaced << QStringLiteral("%1 by %2").arg(before, word); break;
        case TokenAction::masked: masked << before; break;
        case TokenAction::moved: moved << word; break;
        default: break;
        }
    }
    for (const auto &[deed, tokens] : {std::pair(QStringLiteral("deleted"), deleted), {QStringLiteral("inserted"), inserted},
                                       {QStringLiteral("replaced"), replaced}, {QStringLiteral("masked"), masked}, {QStringLiteral("moved"), moved}})
        if (!tokens.isEmpty())
            deeds << counted(deed, tokens);
    return deeds.isEmpty() ? QStringLiteral("no token changed") : deeds.join(QStringLiteral(", "));
}

std::vector<std::pair<TokenMark, QString>> marksIn(const std::vector<std::vector<StripCell>> &cells)
{
    std::vector<std::pair<TokenMark, QString>> found;
    for (const auto &[mark, name] : {std::pair(TokenMark::masked, "masked"), {TokenMark::replaced, "replaced"}, {TokenMark::unchanged, "predicted, left as it is"},
                                     {TokenMark::inserted, "inserted"}, {TokenMark::moved, "moved"}, {TokenMark::deleted, "deleted"}}) {
        const auto has = [mark = mark](const std::vector<StripCell> &column) {
            return std::any_of(column.begin(), column.end(), [mark](const StripCell &cell) { return cell.mark == mark && !cell.absent; });
        };
        if (std::any_of(cells.begin(), cells.end(), has))
            found.emplace_back(mark, QString::fromLatin1(name));
    }
    return found;
}

} // namespace pretext
