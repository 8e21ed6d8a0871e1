// What the token predictions panel shows of a row, for each objective: what stands below what, and which prediction belongs to which token.
#include "textfixture.h"
#include "widgets/panels/tokenalignment.h"
#include "widgets/panels/tokenscene.h"

#include <QtTest>

using namespace pretext;

namespace {

QStringList lane(const TokenScene &scene, int lane)
{
    QStringList texts;
    for (const auto &column : scene.columns)
        texts << (lane < int(column.size()) && !column[lane].absent ? column[lane].text : QStringLiteral("·"));
    return texts;
}

TokenBox box(const std::string &piece, int source, TokenAction action = TokenAction::kept)
{
    return {0, piece, action, source};
}

TokenPrediction predicts(int position, const std::string &best, const std::string &truth)
{
    return {0, position, truth, 0.5f, 0.7f, best == truth ? 0 : 3, {{best, 0.6f}}};
}

using Pieces = std::vector<std::string>;

TokenRowView rowOf(Pieces original, std::vector<TokenBox> given, Pieces targets = {}, Pieces decoder = {})
{
    return {-1, {}, std::move(original), std::move(given), std::move(decoder), std::move(targets), 0};
}

Answer answerOf(TokenRowView row, TokenPredictions predictions, Pieces rebuilt)
{
    Answer answer{};
    answer.row = std::move(row);
    answer.predictions = std::move(predictions);
    answer.rebuilt = std::move(rebuilt);
    return answer;
}

const QString kGap = QStringLiteral("·");

} // namespace

class TokenSceneTest : public QObject
{
    Q_OBJECT
private slots:
    void alignmentIsTheCheapest()
    {
        using Pairs = std::vector<std::pair<int, int>>;
        const std::vector<std::string> a{"the", "cat", "sat"}, b{"the", "black", "cat", "sits"}, none;
        QCOMPARE(aligned(a, b), (Pairs{{0, 0}, {-1, 1}, {1, 2}, {2, 3}}));
        QCOMPARE(aligned(a, none), (Pairs{{0, -1}, {1, -1}, {2, -1}}));
        QCOMPARE(aligned(none, none), Pairs());
    }

    void aMaskedTokensGuessStandsBelowIt()
    {
        TokenPredictions predictions;
        Random random{1};
        const TokenRowView row = test::makeRow(3, predictions, 5, random);
        const TokenScene scene = sceneOfRow(row, 5, predictions);
        QCOMPARE(scene.kind, TokenScene::Kind::inPlace);
        QCOMPARE(lane(scene, 0)[2], QStringLiteral("[MASK]"));
        QCOMPARE(lane(scene, 1)[2], QStringLiteral("▁sun"));
        QCOMPARE(lane(scene, 2),
                 (QStringList{kGap, kGap, QStringLiteral("▁sun"), QStringLiteral("▁shines"), QStringLiteral("▁."), QStringLiteral("月"), kGap, kGap}));
        QCOMPARE(scene.columns[3][0].mark, TokenMark::replaced);
        QCOMPARE(scene.columns[4][0].mark, TokenMark::unchanged);
        QCOMPARE(scene.columns[0][0].mark, TokenMark::special);
        QVERIFY(scene.columns[2][0].tint.isValid() && !scene.columns[1][0].tint.isValid());
        QVERIFY(!scene.predictionAt(1));
        QCOMPARE(scene.predictionAt(5)->truth, std::string("月"));
        QCOMPARE(scene.known(), 4);
        QCOMPARE(scene.right(), 0);
        QVERIFY(sceneOfRow(row, 4, predictions).predictions.empty()); // another row's
    }

    void aNextTokensGuessStandsBelowTheTokenItself()
    {
        const TokenRowView row = rowOf({"[CLS]", "▁a", "▁b"}, {box("[CLS]", 0), box("▁a", 1), box("▁b", 2)}, {"▁a", "▁b", "[SEP]"});
        const TokenPredictions predictions{predicts(0, "▁a", "▁a"), predicts(1, "▁c", "▁b"), predicts(2, "▁a", "[SEP]")};
        const TokenScene scene = sceneOfRow(row, 0, predictions);
        QCOMPARE(scene.kind, TokenScene::Kind::next);
        QCOMPARE(lane(scene, 0), (QStringList{QStringLiteral("[CLS]"), QStringLiteral("▁a"), QStringLiteral("▁b"), QStringLiteral("[SEP]")}));
        QCOMPARE(lane(scene, 1), (QStringList{kGap, QStringLiteral("▁a"), QStringLiteral("▁c"), QStringLiteral("▁a")}));
        QCOMPARE(scene.columns[1][1].mark, TokenMark::none);
        QCOMPARE(scene.columns[2][1].mark, TokenMark::differs);
        QCOMPARE(scene.right(), 1);
    }

    void whatWasGeneratedFollowsThePrompt()
    {
        const TokenScene scene =
            sceneOfAnswer(answerOf(rowOf({"[CLS]", "▁a"}, {box("[CLS]", 0), box("▁a", 1)}), {predicts(0, "▁x", "▁a"), predicts(1, "▁b", "")}, {"▁b", "▁c"}));
        QCOMPARE(scene.kind, TokenScene::Kind::next);
        QCOMPARE(lane(scene, 0), (QStringList{QStringLiteral("[CLS]"), QStringLiteral("▁a"), QStringLiteral("▁b"), QStringLiteral("▁c")}));
        QCOMPARE(scene.columns[2][0].mark, TokenMark::generated);
        QVERIFY(scene.predictionAt(2) && !scene.predictionAt(3));
        QCOMPARE(scene.given, (std::vector<int>{0, 1, -1, -1}));
        QCOMPARE(scene.known(), 1);
    }

    void corruptedRebuiltAndOriginalStandBelowEachOther()
    {
        // "a b c d" without b, and with c masked; the decoder says "a b x d".
        const TokenRowView row = rowOf({"[CLS]", "▁a", "▁b", "▁c", "▁d", "[SEP]"},
                                       {box("[CLS]", 0), box("▁a", 1), box("[MASK]", 3, TokenAction::masked), box("▁d", 4), box("[SEP]", 5)},
                                       {"▁a", "▁b", "▁c", "▁d", "[SEP]"}, {"[CLS]", "▁a", "▁b", "▁c", "▁d"});
        const TokenPredictions predictions{predicts(0, "▁a", "▁a"), predicts(1, "▁b", "▁b"), predicts(2, "▁x", "▁c"), predicts(3, "▁d", "▁d"),
                                           predicts(4, "[SEP]", "[SEP]")};
        const TokenScene scene = sceneOfRow(row, 0, predictions);
        QCOMPARE(scene.kind, TokenScene::Kind::rebuilt);
        QCOMPARE(lane(scene, 0),
                 (QStringList{QStringLiteral("[CLS]"), QStringLiteral("▁a"), kGap, QStringLiteral("[MASK]"), QStringLiteral("▁d"), QStringLiteral("[SEP]")}));
        QCOMPARE(lane(scene, 1),
                 (QStringList{kGap, QStringLiteral("▁a"), QStringLiteral("▁b"), QStringLiteral("▁x"), QStringLiteral("▁d"), QStringLiteral("[SEP]")}));
        QCOMPARE(lane(scene, 2).join(u' '), QStringLiteral("[CLS] ▁a ▁b ▁c ▁d [SEP]"));
        QCOMPARE(scene.columns[2][2].mark, TokenMark::deleted);
        QCOMPARE(scene.columns[3][1].mark, TokenMark::differs);
        QCOMPARE(scene.columns[4][1].mark, TokenMark::none);
        QCOMPARE(scene.predictionAt(3)->truth, std::string("▁c"));
    }

    void sentinelsStandForNothingOfTheOriginal()
    {
        // "a b c d" as "a [MASK] d": the decoder writes "[MASK] b c" alone.
        const TokenRowView row = rowOf({"[CLS]", "▁a", "▁b", "▁c", "▁d", "[SEP]"},
                                       {box("[CLS]", 0), box("▁a", 1), box("[MASK]", 2, TokenAction::masked), box("▁d", 4), box("[SEP]", 5)},
                                       {"[MASK]", "▁b", "▁c", "[SEP]"}, {"[CLS]", "[MASK]", "▁b", "▁c"});
        const TokenScene scene =
            sceneOfRow(row, 0, {predicts(0, "[MASK]", "[MASK]"), predicts(1, "▁b", "▁b"), predicts(2, "▁x", "▁c"), predicts(3, "[SEP]", "[SEP]")});
        QCOMPARE(lane(scene, 1).join(u' '), QStringLiteral("· · [MASK] ▁b ▁x · [SEP]"));
        QCOMPARE(lane(scene, 2).join(u' '), QStringLiteral("[CLS] ▁a · ▁b ▁c ▁d [SEP]"));
        QCOMPARE(scene.columns[2][1].mark, TokenMark::none);
        QCOMPARE(scene.columns[4][1].mark, TokenMark::differs);
        QCOMPARE(scene.right(), 3);
    }

    void movedTokensAreAlignedAsTheyFit()
    {
        const TokenRowView row =
            rowOf({"[CLS]", "a", "b", "c", "d", "[SEP]"}, {box("[CLS]", 0), box("c", 3, TokenAction::moved), box("d", 4, TokenAction::moved),
                                                           box("a", 1, TokenAction::moved), box("b", 2, TokenAction::moved), box("[SEP]", 5)});
        const TokenScene scene = sceneOfRow(row, 0, {});
        QCOMPARE(lane(scene, 0).filter(QRegularExpression(QStringLiteral("^[a-d]$"))).join(QString()), QStringLiteral("cdab"));
        QCOMPARE(lane(scene, 1).filter(QRegularExpression(QStringLiteral("^[a-d]$"))).join(QString()), QStringLiteral("abcd"));
        QCOMPARE(scene.kind, TokenScene::Kind::none);
    }

    void whatTheDecoderSaysOfASentenceIsAlignedWithIt()
    {
        const TokenRowView row =
            rowOf({"[CLS]", "a", "b", "c", "[SEP]"}, {box("[CLS]", 0), box("a", 1), box("[MASK]", 2, TokenAction::masked), box("c", 3), box("[SEP]", 4)}, {},
                  {"[CLS]", "a", "c"});
        const TokenScene scene = sceneOfAnswer(answerOf(row, {predicts(0, "a", ""), predicts(1, "c", "")}, {"a", "c"}));
        QCOMPARE(lane(scene, 1), (QStringList{kGap, QStringLiteral("a"), kGap, QStringLiteral("c"), kGap}));
        QCOMPARE(scene.predictionAt(3)->candidates.front().piece, std::string("c"));
        QCOMPARE(scene.given, (std::vector<int>{0, 1, 2, 3, 4}));
    }
};

QTEST_APPLESS_MAIN(TokenSceneTest)
#include "tst_tokenscene.moc"
