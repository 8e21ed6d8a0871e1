// The baselines of text: n-grams by hand, TF-IDF by its formula, and two translations of the same verse.
#include "core/analysis/ngram.h"
#include "core/analysis/tfidf.h"
#include "core/data/sources/text/kjv.h"
#include "core/data/tokens.h"
#include "core/data/tokens/tokenizer.h"
#include "core/files/utf8.h"

#include <QTest>

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

using namespace pretext;
using Ids = std::vector<int32_t>;

class TestTextBaselines : public QObject
{
    Q_OBJECT

private slots:
    void ngramsCountByHand()
    {
        // a = 5, b = 6, c = 7; V = 3. Training: a b a b c | a b.
        NgramBaselines baselines(8);
        baselines.count(Ids{5, 6, 5, 6, 7});
        baselines.count(Ids{kClassify, 5, 6, kSeparate, kPadding});
        // Held out: a ? c, the truth b.
        baselines.judge(Ids{5, 6, 7}, Ids{kNoTarget, 6, kNoTarget});
        const std::vector<TokenScore> scores = baselines.scores();
        // c(a) = 3, c(b) = 3, c(c) = 1; N = 7.
        const double unigram = 4. / 10;
        QCOMPARE(scores[0].name, std::string("unigram"));
        QCOMPARE(scores[0].accuracy, 0.); // a, the lower of the two
        QVERIFY(std::abs(scores[0].perplexity - 1 / unigram) < 1e-9);
        // After a: b three times, nothing else.
        QCOMPARE(scores[1].accuracy, 1.);
        QVERIFY(std::abs(scores[1].perplexity - 1 / ((3 + 1 * unigram) / (3 + 1))) < 1e-9);
        // Before c: b once.
        QCOMPARE(scores[2].accuracy, 1.);
        QVERIFY(std::abs(scores[2].perplexity - 1 / ((1 + 1 * unigram) / (1 + 1))) < 1e-9);
        for (const TokenScore &score : scores)
            QCOMPARE(score.positions, int64_t(1));
    }

    void theEndIsATokenWhereItIsPredicted()
    {
        // a = 5, b = 6; V = 6, all but [PAD] and [CLS]. Training: a b, a b, b a; after b the end twice of three.
        NgramBaselines baselines(8, Asked::next);
        for (const Ids &ids : {Ids{5, 6}, Ids{kClassify, 5, 6, kSeparate}, Ids{6, 5}})
            baselines.count(ids);
        baselines.judge(Ids{kClassify, 6, kSeparate}, Ids{kNoTarget, kNoTarget, kSeparate});
        const std::vector<TokenScore> scores = baselines.scores();
        const double unigram = 4. / 15; // c([SEP]) = 3, N = 9
        QVERIFY(std::abs(scores[0].perplexity - 1 / unigram) < 1e-9);
        QVERIFY(std::abs(scores[1].perplexity - 1 / ((2 + 2 * unigram) / (3 + 2))) < 1e-9); // b was followed by [SEP] twice, by a once
        QCOMPARE(scores[1].accuracy, 1.);
    }

    void neighboursAtTheEndsAreTheFrame()
    {
        NgramBaselines framed(8), bare(8);
        for (int i = 0; i < 3; ++i) {
            framed.count(Ids{kClassify, 5, 6, kSeparate});
            bare.count(Ids{5, 6});
        }
        framed.judge(Ids{kClassify, 5, 6, kSeparate}, Ids{kNoTarget, 5, 6, kNoTarget});
        bare.judge(Ids{5, 6}, Ids{5, 6});
        for (size_t i = 0; i < 3; ++i) {
            QCOMPARE(framed.scores()[i].perplexity, bare.scores()[i].perplexity);
            QCOMPARE(framed.scores()[i].accuracy, i == 0 ? 0.5 : 1.);
        }
    }

    void probabilitiesAddUpToOne()
    {
        // Of each context, over all that can be asked for: by asking for every token and inverting its perplexity.
        for (int32_t neighbour : {5, 6, 7}) {
            std::vector<double> sums(3);
            for (int32_t token = kSpecialTokens; token < 8; ++token) {
                NgramBaselines baselines(8);
                baselines.count(Ids{5, 6, 5, 6, 7, 5, 5, 6});
                baselines.judge(Ids{neighbour, 1, neighbour}, Ids{kNoTarget, token, kNoTarget});
                for (size_t i = 0; i < 3; ++i)
                    sums[i] += 1 / baselines.scores()[i].perplexity;
            }
            for (double sum : sums)
                QVERIFY2(std::abs(sum - 1) < 1e-9, qPrintable(QString::number(sum)));
        }
    }

    /// A text of mostly unknown words: of hidden tokens [UNK] is never the answer, of next ones it is the best there is.
    void whatIsNeverAskedForIsNeverAnswered()
    {
        // a = 5, b = 6, V = 2 of hidden ones: ? ? a ? ? b ? ? a
        const Ids text{kUnknown, kUnknown, 5, kUnknown, kUnknown, 6, kUnknown, kUnknown, 5};
        NgramBaselines hidden(7), next(7, Asked::next);
        hidden.count(text);
        next.count(text);
        hidden.judge(Ids{kUnknown, 5, kUnknown}, Ids{kNoTarget, 5, kNoTarget});
        for (const TokenScore &score : hidden.scores())
            QCOMPARE(score.accuracy, 1.);
        QVERIFY(std::abs(hidden.scores()[0].perplexity - 5. / 3) < 1e-9);                        // (2 + 1) / (3 + 2)
        QVERIFY(std::abs(hidden.scores()[1].perplexity - 1 / ((2 + 2 * 0.6) / (3 + 2))) < 1e-9); // behind [UNK]: a, b, a
        next.judge(Ids{5, kUnknown}, Ids{kNoTarget, kUnknown});
        QCOMPARE(next.scores()[0].accuracy, 1.);
        QCOMPARE(next.scores()[1].accuracy, 1.);
    }

    void tfIdfIsItsFormula()
    {
        const TfIdf model({"God said", "God, God saw", "and saw"}, 10);
        QCOMPARE(model.dimension(), 2); // "god" and "saw"; the others are in one text
        const Matrix rows = model.rows({"God god saw", "nothing known", "SAW"});
        const double god = (1 + std::log(2.)) * (1 + std::log(4. / 3)), saw = 1 + std::log(4. / 3), length = std::hypot(god, saw);
        QVERIFY(std::abs(rows.at(0, 0) - god / length) < 1e-6 && std::abs(rows.at(0, 1) - saw / length) < 1e-6);
        QVERIFY(rows.at(1, 0) == 0 && rows.at(1, 1) == 0);
        QVERIFY(rows.at(2, 0) == 0 && std::abs(rows.at(2, 1) - 1) < 1e-6);
        QCOMPARE(TfIdf({"a b", "a b", "a"}, 1).dimension(), 1);
        QVERIFY_EXCEPTION_THROWN(TfIdf({"a", "b"}, 5), std::invalid_argument);
    }

    void tfIdfTellsShapesApart()
    {
        const auto dataset = openDataset("shapes-captions");
        const TfIdfFeatures features = tfIdfFeatures(*dataset, 300);
        QCOMPARE(features.train.rows, int64_t(300));
        QCOMPARE(features.test.columns, features.train.columns);
        for (int64_t i = 0; i < features.test.rows; ++i) {
            double squares = 0;
            for (int64_t t = 0; t < features.test.columns; ++t)
                squares += features.test.at(i, t) * features.test.at(i, t);
            QVERIFY(std::abs(squares - 1) < 1e-4);
        }
    }

    void translationsAreAlignedByVerse()
    {
        if (!std::filesystem::exists("/usr/bin/bible") || !std::filesystem::exists("/usr/share/sword/modules/texts/ztext/engWEB2015eb"))
            QSKIP("the packages bible-kjv, bible-kjv-text and sword-text-web are not installed");
        const std::vector<VersePair> pairs = versePairs();
        QCOMPARE(pairs.size(), size_t(31095));
        std::map<std::tuple<int, int, int>, const VersePair *> by;
        int sharing = 0;
        for (const VersePair &pair : pairs) {
            by[{pair.book, pair.chapter, pair.verse}] = &pair;
            QVERIFY2(pair.web.find_first_of("<>") == std::string::npos && !invalidUtf8(pair.web), pair.web.c_str());
            // Long words that both have: a shift by one verse would leave few.
            const auto words = [](const std::string &text) {
                std::set<std::string> words;
                std::string word;
                for (char c : text + " ")
                    if (std::isalpha(static_cast<unsigned char>(c))) {
                        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                    } else {
                        if (word.size() > 3)
                            words.insert(word);
                        word.clear();
                    }
                return words;
            };
            const std::set<std::string> a = words(pair.kjv), b = words(pair.web);
            sharing += std::any_of(a.begin(), a.end(), [&](const std::string &word) { return b.count(word) > 0; });
        }
        QVERIFY2(sharing > 31000, qPrintable(QString::number(sharing)));
        QCOMPARE((by[{42, 11, 35}]->web), std::string("Jesus wept."));
        QVERIFY((by[{0, 1, 1}]->web).starts_with("In the beginning, God created the heavens and the earth."));
        QVERIFY((by[{65, 22, 21}]->web).find("grace of the Lord Jesus Christ") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestTextBaselines)
#include "tst_textbaselines.moc"
