#include "widgets/panels/tokenscene.h"

#include "core/data/tokens/tokenizer.h"
#include "widgets/panels/tokenalignment.h"
#include "widgets/panels/tokencells.h"

#include <QObject>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pretext {

namespace {

const StripCell kAbsent{.text = {}, .absent = true};

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
    return {shownPiece(prediction.candidates.front().piece), wrong ? TokenMark::differs : TokenMark::none};
}

StripCell truthOf(const TokenPrediction &prediction)
{
    return prediction.truth.empty() ? kAbsent : StripCell{shownPiece(prediction.truth)};
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
    scene.lanes = {QObject::tr("input"), QObject::tr("best guess"), QObject::tr("truth")};
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
    scene.lanes = {QObject::tr("text"), QObject::tr("best guess")};
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

/// `rebuilt`: what each position of the decoder says; `against`: these pieces against the original.
void fillRebuilt(TokenScene &scene, const TokenRowView &row, const std::vector<std::string> &rebuilt, const AlignedPairs &against)
{
    const bool predicts = scene.kind == TokenScene::Kind::rebuilt;
    scene.lanes = {QObject::tr("input"), QObject::tr("rebuilt"), QObject::tr("original")};
    if (!predicts)
        scene.lanes.removeAt(1);
    for (const AlignedColumn &at : mergedColumns(givenAgainstOriginal(row), against)) {
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
        else if (at.rebuilt >= 0 && rebuilt[at.rebuilt] != specialTokens()[kMaskToken] && (!hasOriginal || rebuilt[at.rebuilt] != row.original[at.original]))
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
    AlignedPairs against = writtenAgainstOriginal(row.targets, row.original);
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
            scene.lanes = {QObject::tr("input")};
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
            generated.push_back({shownPiece(piece), TokenMark::generated});
        if (generated.empty())
            generated.push_back({QStringLiteral("[SEP]"), TokenMark::generated}); // it ends the text at once
        fillNext(scene, row, generated);
    }
    scene.unknown = int(std::count(row.original.begin(), row.original.end(), "[UNK]"));
    return scene;
}

} // namespace pretext
