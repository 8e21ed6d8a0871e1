// Tokenizers: held against SentencePiece's own encoding, decoded back, saved, and learned with progress and an end on request.
#include "core/data/tokens/normalise.h"
#include "core/data/tokens/tokenizertraining.h"
#include "core/files/utf8.h"
#include "core/system/process.h"

#include <nlohmann/json.hpp>

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <set>
#include <sstream>

using namespace pretext;
using Ids = std::vector<int32_t>;

namespace {

// Enough different words for a vocabulary of some hundred pieces.
const std::vector<std::string> kEnglish = [] {
    const char *who[] = {"the king", "a shepherd", "his servant", "the prophet", "my brother", "an angel of God", "the old woman"};
    const char *what[] = {"went up to", "looked upon", "spoke against", "was afraid of", "remembered", "blessed", "built walls around"};
    const char *where[] = {"the mountain", "a city", "Jerusalem's gates", "the waters", "two hundred tents", "the land of Egypt"};
    std::vector<std::string> all;
    for (const char *a : who)
        for (const char *b : what)
            for (const char *c : where)
                all.push_back(std::string(a) + " " + b + " " + c + ", and it was so; "
                              + (all.size() % 3 ? "behold, he saith: \"Fear not!\"" : "yea (verily)."));
    return all;
}();
const std::vector<std::string> kChinese = {"床前明月光，疑是地上霜。举头望明月，低头思故乡。",
                                           "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。",
                                           "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。",
                                           "空山不见人，但闻人语响。返景入深林，复照青苔上。",
                                           "明月松间照，清泉石上流。",
                                           "千山鸟飞绝，万径人踪灭。孤舟蓑笠翁，独钓寒江雪。"};
// Unknown characters, white space of all sorts, the space mark itself, emoji, combining marks, a very long word.
const std::vector<std::string> kOdd = {"",
                                       " ",
                                       "\t\n ",
                                       "the",
                                       " the  king\t\r\nwent ",
                                       "▁",
                                       "▁the▁king",
                                       "naïve Ω café",
                                       "ｆｕｌｌ　ｗｉｄｔｈ",
                                       "😀😀 the 😀",
                                       "e\u0301e\u0301",
                                       "theking",
                                       "12,345.67",
                                       "明月 the 明月",
                                       "a\u00A0b\u2003c",
                                       "[MASK] [CLS]",
                                       "...!?",
                                       "\u0001\u007F",
                                       std::string(5000, 'k'),
                                       "Jerusalem",
                                       "JERUSALEM'S"};

QByteArray text(const Ids &ids)
{
    QByteArray list;
    for (int32_t id : ids)
        list += QByteArray::number(id) + ' ';
    return list;
}

std::string errorOf(const std::function<void()> &act)
{
    try {
        act();
    } catch (const std::exception &error) {
        return error.what();
    }
    return {};
}

Tokenizer toy(TokenizerKind kind, const std::vector<std::string> &more, std::vector<float> scores = {})
{
    std::vector<std::string> pieces = specialTokens();
    pieces.insert(pieces.end(), more.begin(), more.end());
    if (!scores.empty())
        scores.insert(scores.begin(), kSpecialTokens, 0.f);
    return Tokenizer(kind, pieces, scores);
}

/// What SentencePiece makes of the texts with the model of that file.
std::vector<Ids> reference(const std::string &model, const std::vector<std::string> &texts)
{
    std::string lines;
    for (const std::string &text : texts)
        lines += normalised(text, " ", false).text + "\n";
    const ProcessResult result = runProcess(findProgram("pretext-tokenizer"), {"encode", model}, lines);
    std::istringstream in(result.output);
    std::vector<Ids> all;
    for (std::string line; std::getline(in, line);) {
        std::istringstream numbers(line);
        all.emplace_back(std::istream_iterator<int32_t>(numbers), std::istream_iterator<int32_t>());
    }
    return all;
}

/// The King James Bible where it is installed, and the sentences above.
std::vector<std::string> corpus()
{
    std::vector<std::string> texts = kEnglish;
    if (!findProgram("bible").empty()) {
        std::istringstream lines(runProcess("bible", {"-f", "gen1:1-rev22:21"}).output);
        for (std::string line; std::getline(lines, line);)
            texts.push_back(line.substr(line.find(' ') + 1));
    }
    texts.insert(texts.end(), kChinese.begin(), kChinese.end());
    return texts;
}

} // namespace

class TestTokenizer : public QObject
{
    Q_OBJECT

private slots:
    void agreesWithSentencePiece_data()
    {
        QTest::addColumn<int>("size");
        QTest::newRow("unigram") << 2000;
        QTest::newRow("bpe") << 2000;
    }
    void agreesWithSentencePiece()
    {
        QFETCH(int, size);
        const QTemporaryDir folder;
        const TokenizerKind kind = tokenizerKind(QTest::currentDataTag());
        std::vector<std::string> texts = corpus();
        size = texts.size() > 1000 ? size : 180;
        const std::string model = folder.filePath("model").toStdString();
        std::vector<std::string> some = kEnglish; // and every fourth of the others
        some.insert(some.end(), kChinese.begin(), kChinese.end());
        for (size_t i = kEnglish.size(); i < texts.size(); i += 4)
            some.push_back(texts[i]);
        std::string lines;
        for (const std::string &text : some)
            lines += text + "\n";
        const ProcessResult learned = runProcess(findProgram("pretext-tokenizer"), {toText(kind), std::to_string(size), model}, lines);
        QVERIFY2(learned.status == 0, learned.lastError.c_str());
        const auto tokenizer = trainTokenizer({kind, size}, some);
        QCOMPARE(tokenizer->vocabularySize(), size);

        texts.insert(texts.end(), kOdd.begin(), kOdd.end());
        const std::vector<Ids> expected = reference(model, texts);
        QCOMPARE(expected.size(), texts.size());
        for (size_t i = 0; i < texts.size(); ++i) {
            const Ids ids = tokenizer->encode(texts[i]);
            QVERIFY2(ids == expected[i], (texts[i].substr(0, 200) + "\n" + text(ids).toStdString() + "\n" + text(expected[i]).toStdString()).c_str());
        }
    }

    void decodingIsJoining_data()
    {
        QTest::addColumn<int>("size");
        for (const char *kind : {"unigram", "bpe", "character", "word"})
            QTest::newRow(kind) << (std::string(kind) == "word" || std::string(kind) == "character" ? 10000 : 180);
    }
    void decodingIsJoining()
    {
        QFETCH(int, size);
        std::vector<std::string> texts = kEnglish;
        texts.insert(texts.end(), kChinese.begin(), kChinese.end());
        const auto tokenizer = trainTokenizer({tokenizerKind(QTest::currentDataTag()), size}, texts);
        for (const std::string &text : texts) {
            const Ids ids = tokenizer->encode(text);
            QCOMPARE(tokenizer->decode(ids), text);
            for (int32_t id : ids) {
                QVERIFY(id >= kSpecialTokens && id < tokenizer->vocabularySize());
                QCOMPARE(tokenizer->idOf(tokenizer->piece(id)), id);
            }
        }
        // Through its saved form, every id is the same.
        const Tokenizer again = Tokenizer::fromJson(nlohmann::json::parse(tokenizer->toJson().dump()));
        QCOMPARE(again.kind(), tokenizer->kind());
        for (const std::vector<std::string> *list : {&std::as_const(texts), &kOdd})
            for (const std::string &text : *list)
                QCOMPARE(again.encode(text), tokenizer->encode(text));
    }

    void placesCoverWhatTheTokensStandFor()
    {
        const Tokenizer words = toy(TokenizerKind::word, {"▁In", "▁the", "▁beginning", ",", "春"});
        const std::string text = " In\tthe  beginning, Ω春";
        const std::vector<TokenPlace> places = words.encodePlaces(text);
        std::vector<std::string> covered;
        for (const TokenPlace &place : places)
            covered.push_back(text.substr(place.begin, place.end - place.begin));
        QCOMPARE(covered, (std::vector<std::string>{"In", "the", "beginning", ",", "Ω", "春"}));
        QCOMPARE(places[4].id, int32_t(kUnknown));

        const Tokenizer characters = toy(TokenizerKind::character, {"a", "b", "▁"});
        const std::vector<TokenPlace> singles = characters.encodePlaces("a  b");
        QCOMPARE(singles.size(), size_t(3));
        QCOMPARE(singles[2].begin, size_t(3));
        QVERIFY(singles[1].begin == singles[1].end);
    }

    void theMostProbableCutWins()
    {
        // -1 - 3 beats -2 - 2.5 beats the single letters.
        const Tokenizer unigram = toy(TokenizerKind::unigram, {"▁ab", "cd", "▁a", "bcd", "▁", "a", "b", "c", "d"}, {-2, -2.5, -1, -3, -4, -4, -4, -4, -4});
        QCOMPARE(unigram.encode("abcd"), (Ids{unigram.idOf("▁a"), unigram.idOf("bcd")}));
        // bpe merges "bc" before all else although "ab" stands further left.
        const Tokenizer bpe = toy(TokenizerKind::bpe, {"bc", "ab", "▁", "a", "b", "c"}, {0, -1, -2, -3, -4, -5});
        QCOMPARE(bpe.encode("abc"), (Ids{bpe.idOf("▁"), bpe.idOf("a"), bpe.idOf("bc")}));
        QCOMPARE(bpe.encode("ab"), (Ids{bpe.idOf("▁"), bpe.idOf("ab")}));
    }

    void wordsAndSentencesAreCounted()
    {
        const Tokenizer pieces = toy(TokenizerKind::unigram, {"▁God", "s", "'", "▁eye", "▁", "明", "月", ".", "ing"}, {-1, -1, -1, -1, -1, -1, -1, -1, -1});
        const auto id = [&](const char *piece) { return pieces.idOf(piece); };
        const Ids ids = {kClassify, id("▁God"), id("ing"), id("'"),  id("s"),    id("▁eye"), id("s"),   id("."),
                         id("."),   id("▁"),    id("明"),  id("月"), kMaskToken, id("ing"),  kSeparate, kPaddingId};
        QCOMPARE(pieces.words(ids), (Ids{-1, 0, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, -1, -1}));
        QCOMPARE(pieces.sentences(ids), (Ids{-1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, -1, -1}));
    }

    void aPromptHoldsSpecialTokens()
    {
        const Tokenizer words = toy(TokenizerKind::word, {"▁the", "▁king", "s", "▁s"});
        QCOMPARE(words.encodePrompt("the [MASK] king"), (Ids{words.idOf("▁the"), kMaskToken, words.idOf("▁king")}));
        QCOMPARE(words.encodePrompt("[MASK]s"), (Ids{kMaskToken, words.idOf("s")}));
        QCOMPARE(words.encodePrompt("[MASK] s[SEP]"), (Ids{kMaskToken, words.idOf("▁s"), kSeparate}));
        QCOMPARE(words.decode(words.encodePrompt("[CLS]the [MASK] king[SEP]")), std::string("the [MASK] king"));
        QVERIFY(words.encode("[MASK]") != Ids{kMaskToken});
    }

    void wordsAreThoseOfThePattern()
    {
        std::vector<std::string> texts = kEnglish;
        texts.insert(texts.end(), kChinese.begin(), kChinese.end());
        texts.insert(texts.end(), kOdd.begin(), kOdd.end());
        const auto tokenizer = trainTokenizer({TokenizerKind::word, 10000}, texts);
        const QRegularExpression pattern(QString::fromStdString(wordPattern()), QRegularExpression::UseUnicodePropertiesOption);
        QVERIFY2(pattern.isValid(), qPrintable(pattern.errorString()));
        for (const std::string &text : texts) {
            QStringList expected, found;
            auto matches = pattern.globalMatch(QString::fromStdString(normalised(text, kSpaceMark, true).text));
            while (matches.hasNext())
                expected += matches.next().captured();
            for (int32_t id : tokenizer->encode(text))
                found += QString::fromStdString(tokenizer->piece(id));
            QCOMPARE(found, expected);
        }
    }

    void theMostFrequentWordsStay()
    {
        const auto tokenizer = trainTokenizer({TokenizerKind::word, 8}, std::vector<std::string>{"b a a c c c d", "c a"});
        QCOMPARE(tokenizer->pieces(), (std::vector<std::string>{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "▁c", "▁a", "▁b"}));
        QCOMPARE(tokenizer->encode("d c"), (Ids{kUnknown, 5}));
    }

    void aVocabularyTheTextDoesNotSupportIsRefused()
    {
        for (const TokenizerKind kind : {TokenizerKind::unigram, TokenizerKind::bpe}) {
            const std::string large = errorOf([&] { trainTokenizer({kind, 50000}, kEnglish); });
            QVERIFY2(large.find(toText(kind)) != std::string::npos && large.find("50000") != std::string::npos, large.c_str());
            // What it names is possible.
            const int largest = std::stoi(large.substr(large.find("at most ") + 8));
            QCOMPARE(trainTokenizer({kind, largest}, kEnglish)->vocabularySize(), largest);
            const std::string small = errorOf([&] { trainTokenizer({kind, 10}, kEnglish); });
            const int smallest = std::stoi(small.substr(small.find("at least ") + 9));
            QCOMPARE(trainTokenizer({kind, smallest}, kEnglish)->vocabularySize(), smallest);
            QVERIFY(errorOf([&] { trainTokenizer({kind, 5}, kEnglish); }).find("6 to") != std::string::npos);
            QVERIFY(errorOf([&] { trainTokenizer({kind, 100}, std::vector<std::string>{" ", "\n"}); }).find("no text") != std::string::npos);
        }
        QVERIFY(errorOf([] { tokenizerKind("bpee"); }).find("bpee") != std::string::npos);
    }

    void learningTellsHowFarItIs()
    {
        for (const TokenizerKind kind : {TokenizerKind::unigram, TokenizerKind::bpe, TokenizerKind::word}) {
            double last = 0;
            int calls = 0;
            trainTokenizer({kind, kind == TokenizerKind::unigram ? 60 : 90}, kEnglish, [&](double share, const std::string &what) {
                QVERIFY(share >= last && share <= 1 && !what.empty());
                last = share;
                ++calls;
            });
            QVERIFY(calls > 0);
            QVERIFY2(kind == TokenizerKind::word || last > 0.5, qPrintable(QString::number(last)));
        }
    }

    void aStopEndsTheHelper()
    {
        std::stop_source stop;
        // Asked for while it runs: its first line comes long before its end.
        QVERIFY(!trainTokenizer(
            {TokenizerKind::unigram, 90}, kEnglish, [&](double, const std::string &) { stop.request_stop(); }, stop.get_token()));
        const ProcessResult result = runProcess("sleep", {"1000"}, {}, {}, stop.get_token());
        QVERIFY(result.stopped);
    }

    void processesTellHowTheyEnded()
    {
        const ProcessResult result = runProcess("sh", {"-c", "cat; echo; echo one >&2; printf two >&2; exit 3"}, std::string(1 << 20, 'x'));
        QCOMPARE(result.status, 3);
        QCOMPARE(result.output.size(), size_t((1 << 20) + 1));
        QCOMPARE(result.lastError, std::string("two"));
        QCOMPARE(runProcess("sh", {"-c", "kill -9 $$"}).status, 128 + 9);
        QVERIFY(errorOf([] { runProcess("/nowhere/program", {}); }).find("/nowhere/program") != std::string::npos);
    }

    void damagedVocabulariesAreRefused()
    {
        QVERIFY(errorOf([] { Tokenizer(TokenizerKind::word, {"a", "b"}); }).find("[PAD]") != std::string::npos);
        QVERIFY(errorOf([] { toy(TokenizerKind::word, {"a", "a"}); }).find("twice") != std::string::npos);
        QVERIFY(errorOf([] { toy(TokenizerKind::bpe, {"a", "b"}); }).find("scores") != std::string::npos);
        QVERIFY(errorOf([] { toy(TokenizerKind::word, {"a", "[MASK]"}); }).find("piece 6 '[MASK]'") != std::string::npos); // two ids of one name
        QVERIFY(errorOf([] { toy(TokenizerKind::bpe, {"a", "b"}, {0, NAN}); }).find("piece 6 is not finite") != std::string::npos);
        QVERIFY(errorOf([] { toy(TokenizerKind::word, std::vector<std::string>(kLargestVocabulary, "a")); }).find("at most") != std::string::npos);
        for (const char *json : {"{}", "[]", R"({"version": 2})", R"({"version": 1, "kind": "word", "pieces": 3, "scores": []})"})
            QVERIFY(errorOf([&] { Tokenizer::fromJson(nlohmann::json::parse(json)); }).find("[tokenizer]") == 0);
    }

    void utf8IsCheckedByteByByte()
    {
        QVERIFY(!invalidUtf8("aé明😀"));
        const std::pair<std::string, size_t> wrong[] = {{"ab\xFF", 2},    {"a\xC0\x80", 1},        {"\xED\xA0\x80", 0},
                                                        {"é\xE6\x98", 2}, {"\xF4\x90\x80\x80", 0}, {"a\x80", 1}};
        for (const auto &[text, offset] : wrong)
            QCOMPARE(invalidUtf8(text).value(), offset);
        std::string every;
        for (char32_t c : {U'a', U'\u00e9', U'\u660e', U'\U0001F600'})
            appendUtf8(every, c);
        QCOMPARE(every, std::string("aé明😀"));
        QCOMPARE(codePointBoundary(every, 5), size_t(3));
        QCOMPARE(codePointBoundary(every, 6), size_t(6));
        QCOMPARE(normalised("a\xFF b", " ", false).text, std::string("a\uFFFD b"));
    }

private:
    static constexpr int32_t kPaddingId = 0;
};

QTEST_GUILESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
