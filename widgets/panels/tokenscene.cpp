#include "widgets/panels/tokenscene.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace pretext {

namespace {

using Pairs = std::vector<std::pair<int, int>>; // (index in a lane, index in the original)

QString shown(const std::string &piece)
{
    QString text = QString::fromStdString(piece);
    for (QChar &c : text)
        if (!c.isPrint() && !c.isSurrogate())
            c = QChar::ReplacementCharacter;
    return text;
}

bool isSpecial(const std::string &piece)
{
    return piece == "[CLS]" || piece == "[SEP]" || piece == "[PAD]";
}

TokenMark markOf(const TokenBox &token)
{
    switch (token.action) {
    case TokenAction::masked: return TokenMark::masked;
    case TokenAction::replaced: return TokenMark::replaced;
    case TokenAction::unchanged: return TokenMark::unchanged;
    case TokenAction::inserted: return TokenMark::inserted;
    case TokenAction::moved: return TokenMark::moved;
    default: return isSpecial(token.piece) ? TokenMark::special : TokenMark::none;
    }
}

const std::string kSentinel = "[MASK]";
const StripCell kAbsent{.text = {}, .absent = true};

StripCell cellOf(const TokenBox &token)
{
    return {shown(token.piece), markOf(token)};
}

StripCell cellOf(const std::string &piece)
{
    return {shown(piece), isSpecial(piece) ? TokenMark::special : TokenMark::none};
}

void tint(StripCell &cell, const TokenPrediction &prediction)
{
    if (!prediction.truth.empty() && std::isfinite(prediction.loss))
        cell.tint = QColor::fromRgb(lossScale().colour(prediction.loss));
}

StripCell guessOf(const TokenPrediction &prediction)
{
    if (prediction.candidates.empty())
        return kAbsent;
    const bool wrong = !prediction.truth.empty() && prediction.candidates.front().piece != prediction.truth;
    return {shown(prediction.candidates.front().piece), wrong ? TokenMark::differs : TokenMark::none};
}

StripCell truthOf(const TokenPrediction &prediction)
{
    return prediction.truth.empty() ? kAbsent : StripCell{shown(prediction.truth)};
}

/// Index of the prediction at a position, or -1.
int predictionAtPosition(const TokenScene &scene, int position)
{
    for (size_t i = 0; i < scene.predictions.size(); ++i)
        if (scene.predictions[i].position == position)
            return int(i);
    return -1;
}

void addColumn(TokenScene &scene, std::vector<StripCell> cells, int given, int prediction)
{
    scene.columns.push_back(std::move(cells));
    scene.given.push_back(given);
    scene.prediction.push_back(prediction);
}

void fillInPlace(TokenScene &scene, const TokenRowView &row)
{
    scene.kind = TokenScene::Kind::inPlace;
    scene.lanes = {QStringLiteral("input"), QStringLiteral("best guess"), QStringLiteral("truth")};
    for (int t = 0; t < int(row.given.size()); ++t) {
        const int p = predictionAtPosition(scene, t);
        std::vector<StripCell> cells{cellOf(row.given[t]), kAbsent, kAbsent};
        if (p >= 0) {
            tint(cells[0], scene.predictions[p]);
            cells[1] = guessOf(scene.predictions[p]);
            cells[2] = truthOf(scene.predictions[p]);
        }
        addColumn(scene, std::move(cells), t, p);
    }
}

/// `last`: what follows the row's tokens: the last target, or what was generated.
void fillNext(TokenScene &scene, const TokenRowView &row, const std::vector<StripCell> &last)
{
    scene.kind = TokenScene::Kind::next;
    scene.lanes = {QStringLiteral("text"), QStringLiteral("best guess")};
    const int length = int(row.given.size());
    for (int t = 0; t < length + int(last.size()); ++t) {
        const int p = predictionAtPosition(scene, t - 1);
        std::vector<StripCell> cells{t < length ? cellOf(row.given[t]) : last[t - length], kAbsent};
        if (p >= 0) {
            tint(cells[0], scene.predictions[p]);
            cells[1] = guessOf(scene.predictions[p]);
        }
        addColumn(scene, std::move(cells), t < length ? t : -1, p);
    }
}

/// Given tokens against the original: by their sources where these are in order, else as they fit best.
Pairs givenAgainstOriginal(const TokenRowView &row)
{
    std::vector<std::string> pieces;
    int before = -1;
    bool inOrder = true;
    const int originals = int(row.original.size());
    for (const TokenBox &token : row.given) {
        pieces.push_back(token.piece);
        inOrder &= token.source < 0 || (token.source > before && token.source < originals);
        before = std::max(before, token.source);
    }
    if (!inOrder)
        return aligned(pieces, row.original);
    Pairs pairs;
    int original = 0;
    for (int t = 0; t < int(row.given.size()); ++t) {
        for (; row.given[t].source >= 0 && original < row.given[t].source; ++original)
            pairs.emplace_back(-1, original);
        pairs.emplace_back(t, row.given[t].source >= 0 ? original++ : -1);
    }
    for (; original < originals; ++original)
        pairs.emplace_back(-1, original);
    return pairs;
}

struct Aligned { int given, rebuilt, original; };

/// Both alignments name every original once, in order; what stands in one lane only gets a column of its own.
std::vector<Aligned> merged(const Pairs &given, const Pairs &rebuilt)
{
    std::vector<Aligned> columns;
    for (size_t i = 0, j = 0; i < given.size() || j < rebuilt.size();) {
        if (i < given.size() && given[i].second < 0) {
            columns.push_back({given[i++].first, -1, -1});
        } else if (j < rebuilt.size() && rebuilt[j].second < 0) {
            columns.push_back({-1, rebuilt[j++].first, -1});
        } else {
            Aligned column{-1, -1, -1};
            if (i < given.size())
                column = {given[i].first, -1, given[i].second};
            if (j < rebuilt.size())
                column = {column.given, rebuilt[j].first, rebuilt[j].second};
            ++i;
            ++j;
            columns.push_back(column);
        }
    }
    return columns;
}

/// What a decoder writes against the original. A sentinel, the [MASK] in front of what a span hid, stands for nothing of it.
Pairs writtenAgainstOriginal(const std::vector<std::string> &written, const std::vector<std::string> &original)
{
    std::vector<std::string> pieces;
    std::vector<int> places;
    for (int p = 0; p < int(written.size()); ++p)
        if (written[p] != kSentinel) {
            pieces.push_back(written[p]);
            places.push_back(p);
        }
    Pairs pairs;
    int next = 0; // of what is written
    for (const auto &[piece, at] : aligned(pieces, original)) {
        for (; piece >= 0 && next < places[piece]; ++next)
            pairs.emplace_back(next, -1);
        pairs.emplace_back(piece < 0 ? -1 : next++, at);
    }
    for (; next < int(written.size()); ++next)
        pairs.emplace_back(next, -1);
    return pairs;
}

/// `rebuilt`: what each position of the decoder says; `against`: these pieces against the original.
void fillRebuilt(TokenScene &scene, const TokenRowView &row, const std::vector<std::string> &rebuilt, const Pairs &against)
{
    const bool predicts = scene.kind == TokenScene::Kind::rebuilt;
    scene.lanes = {QStringLiteral("input"), QStringLiteral("rebuilt"), QStringLiteral("original")};
    if (!predicts)
        scene.lanes.removeAt(1);
    for (const Aligned &at : merged(givenAgainstOriginal(row), against)) {
        const bool hasOriginal = at.original >= 0;
        StripCell given = at.given < 0 ? kAbsent : cellOf(row.given[at.given]);
        StripCell original = hasOriginal ? cellOf(row.original[at.original]) : kAbsent;
        if (at.given < 0 && hasOriginal && original.mark == TokenMark::none)
            original.mark = TokenMark::deleted;
        if (!predicts) {
            addColumn(scene, {given, original}, at.given, -1);
            continue;
        }
        const int p = at.rebuilt < 0 ? -1 : predictionAtPosition(scene, at.rebuilt);
        StripCell said = at.rebuilt < 0 ? kAbsent : cellOf(rebuilt[at.rebuilt]);
        if (p >= 0 && !scene.predictions[p].truth.empty())
            said.mark = guessOf(scene.predictions[p]).mark;
        else if (at.rebuilt >= 0 && rebuilt[at.rebuilt] != kSentinel && (!hasOriginal || rebuilt[at.rebuilt] != row.original[at.original]))
            said.mark = TokenMark::differs;
        if (p >= 0)
            tint(said, scene.predictions[p]);
        addColumn(scene, {given, said, original}, at.given, p);
    }
}

/// The best candidate at each position of the decoder, which was given the truth up to there.
void fillTaught(TokenScene &scene, const TokenRowView &row)
{
    std::vector<std::string> said(row.targets.size());
    std::vector<bool> known(row.targets.size());
    for (const TokenPrediction &prediction : scene.predictions)
        if (prediction.position >= 0 && prediction.position < int(said.size()) && !prediction.candidates.empty()) {
            said[prediction.position] = prediction.candidates.front().piece;
            known[prediction.position] = true;
        }
    Pairs against = writtenAgainstOriginal(row.targets, row.original);
    std::erase_if(against, [&](const auto &pair) { return pair.second < 0 && !known[pair.first]; });
    for (auto &[position, original] : against)
        if (position >= 0 && !known[position])
            position = -1;
    fillRebuilt(scene, row, said, against);
}

/// True where each target is the original of the token that stands there, rather than of the next one.
bool predictsInPlace(const TokenRowView &row)
{
    for (size_t t = 0; t < std::min(row.targets.size(), row.given.size()); ++t) {
        const int source = row.given[t].source;
        if (!row.targets[t].empty() && (source < 0 || source >= int(row.original.size()) || row.original[source] != row.targets[t]))
            return false;
    }
    return true;
}

bool changed(const TokenRowView &row)
{
    return row.given.size() != row.original.size()
        || std::any_of(row.given.begin(), row.given.end(), [](const TokenBox &token) { return token.action != TokenAction::kept; });
}

} // namespace

QString nameOf(TokenMark mark)
{
    switch (mark) {
    case TokenMark::masked: return QStringLiteral("masked");
    case TokenMark::replaced: return QStringLiteral("replaced by another token");
    case TokenMark::unchanged: return QStringLiteral("kept, yet predicted");
    case TokenMark::inserted: return QStringLiteral("inserted");
    case TokenMark::moved: return QStringLiteral("moved");
    case TokenMark::deleted: return QStringLiteral("deleted: not in the input");
    case TokenMark::differs: return QStringLiteral("not the truth");
    case TokenMark::generated: return QStringLiteral("generated");
    default: return {};
    }
}

std::vector<std::pair<TokenMark, QString>> TokenScene::legend(int lanes) const
{
    std::set<TokenMark> marks;
    for (const auto &column : columns)
        for (size_t lane = 0; lane < std::min<size_t>(column.size(), lanes); ++lane)
            if (!column[lane].absent)
                marks.insert(column[lane].mark);
    std::vector<std::pair<TokenMark, QString>> entries;
    for (const TokenMark mark : marks)
        if (const QString name = nameOf(mark); !name.isEmpty())
            entries.emplace_back(mark, name);
    return entries;
}

const TokenPrediction *TokenScene::predictionAt(int column) const
{
    return column >= 0 && column < int(prediction.size()) && prediction[column] >= 0 ? &predictions[prediction[column]] : nullptr;
}

int TokenScene::nearestPredicted(int column) const
{
    int nearest = -1;
    for (int i = 0; i < int(prediction.size()); ++i)
        if (prediction[i] >= 0 && (nearest < 0 || std::abs(i - column) < std::abs(nearest - column)))
            nearest = i;
    return nearest;
}

int TokenScene::known() const
{
    return int(std::count_if(predictions.begin(), predictions.end(), [](const TokenPrediction &p) { return !p.truth.empty(); }));
}

int TokenScene::right() const
{
    return int(std::count_if(predictions.begin(), predictions.end(), [](const TokenPrediction &p) { return !p.truth.empty() && p.rank == 0; }));
}

double TokenScene::meanLoss() const
{
    double sum = 0;
    for (const TokenPrediction &p : predictions)
        sum += p.truth.empty() ? 0 : p.loss;
    return known() > 0 ? sum / known() : std::numeric_limits<double>::quiet_NaN();
}

TokenScene sceneOfRow(const TokenRowView &row, int index, const TokenPredictions &predictions)
{
    TokenScene scene;
    std::copy_if(predictions.begin(), predictions.end(), std::back_inserter(scene.predictions),
                 [index](const TokenPrediction &prediction) { return prediction.row == index; });
    if (!row.decoder.empty()) {
        scene.kind = TokenScene::Kind::rebuilt;
        fillTaught(scene, row);
    } else if (row.targets.empty() && changed(row)) {
        fillRebuilt(scene, row, {}, {});
    } else if (row.targets.empty() || predictsInPlace(row)) {
        fillInPlace(scene, row);
        if (row.targets.empty()) {
            scene.kind = TokenScene::Kind::none;
            scene.lanes = {QStringLiteral("input")};
        }
    } else {
        fillNext(scene, row, {cellOf(row.targets.size() < row.given.size() ? std::string() : row.targets[row.given.size() - 1])});
    }
    scene.unknown = int(std::count(row.original.begin(), row.original.end(), "[UNK]"));
    return scene;
}

TokenScene sceneOfAnswer(const Answer &answer)
{
    const TokenRowView &row = answer.row;
    TokenScene scene;
    scene.predictions = answer.predictions;
    scene.continuation = QString::fromStdString(answer.continuation);
    const bool complete = !row.given.empty() && row.given.back().piece == "[SEP]"; // a text that goes on does not end with it
    if (!row.decoder.empty()) {
        scene.kind = TokenScene::Kind::rebuilt;
        fillRebuilt(scene, row, answer.rebuilt, writtenAgainstOriginal(answer.rebuilt, row.original));
    } else if (complete || row.given.empty()) {
        fillInPlace(scene, row);
    } else {
        std::vector<StripCell> generated;
        for (const std::string &piece : answer.rebuilt)
            generated.push_back({shown(piece), TokenMark::generated});
        if (generated.empty())
            generated.push_back({QStringLiteral("[SEP]"), TokenMark::generated}); // it ends the text at once
        fillNext(scene, row, generated);
    }
    scene.unknown = int(std::count(row.original.begin(), row.original.end(), "[UNK]"));
    return scene;
}

} // namespace pretext
