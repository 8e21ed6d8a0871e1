// Corruptions: exact shares, special tokens untouched, nothing lost that should stay, the same again from the same key, and a record that
// tells the truth.
#include "core/data/corrupt/choose.h"
#include "core/data/corrupt/corruption.h"
#include "core/data/corrupt/textaugmentation.h"
#include "core/data/corrupt/textnoise.h"
#include "core/data/tokens/tokenizer.h"
#include "core/ssl/method.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace pretext;
using Ids = std::vector<int32_t>;

namespace {

constexpr int32_t kVocabulary = 1000;

/// [CLS], `count` tokens in words of one, two and three, in sentences of seven words, [SEP], three [PAD].
struct Row
{
    explicit Row(int count)
    {
        ids.push_back(kClassify);
        words.push_back(-1);
        sentences.push_back(-1);
        for (int i = 0, word = 0, left = 1; i < count; ++i) {
            ids.push_back(kSpecialTokens + 100 + i % 800);
            words.push_back(word);
            sentences.push_back(word / 7);
            if (--left == 0)
                left = 1 + ++word % 3;
        }
        for (int32_t id : {int32_t(kSeparate), kPadding, kPadding, kPadding}) {
            ids.push_back(id);
            words.push_back(-1);
            sentences.push_back(-1);
        }
    }
    TokenSequence sequence() const { return {ids, words, sentences, kVocabulary}; }

    Ids ids, words, sentences;
};

int count(const std::vector<TokenAction> &actions, TokenAction action)
{
    return static_cast<int>(std::count(actions.begin(), actions.end(), action));
}

/// What every corruption owes: a record as long as the row, whose kept and moved tokens are those of the original at their source.
void checkRecord(const Corruption &result, const Ids &original)
{
    QCOMPARE(result.record.original, original);
    QCOMPARE(result.record.source.size(), result.ids.size());
    QCOMPARE(result.record.actions.size(), result.ids.size());
    std::set<int32_t> sources;
    for (size_t i = 0; i < result.ids.size(); ++i) {
        const int32_t source = result.record.source[i];
        const TokenAction action = result.record.actions[i];
        QCOMPARE(source == -1, action == TokenAction::inserted);
        QVERIFY(source < static_cast<int32_t>(original.size()));
        QVERIFY2(source == -1 || sources.insert(source).second, "a source is named twice");
        if (action == TokenAction::kept || action == TokenAction::moved || action == TokenAction::unchanged)
            QCOMPARE(result.ids[i], original[static_cast<size_t>(source)]);
        if (action == TokenAction::masked)
            QCOMPARE(result.ids[i], int32_t(kMaskToken));
        if (action == TokenAction::replaced)
            QVERIFY(result.ids[i] >= kSpecialTokens && result.ids[i] < kVocabulary);
    }
    // The frame stays as it is, at the ends.
    QCOMPARE(result.ids.front(), int32_t(kClassify));
    QCOMPARE(Ids(result.ids.end() - 4, result.ids.end()), (Ids{kSeparate, kPadding, kPadding, kPadding}));
    for (size_t i = 1; i + 4 < result.ids.size(); ++i)
        QVERIFY(result.ids[i] == kMaskToken || result.ids[i] >= kSpecialTokens);
}

/// With sentinels each token is either given or written, and a [MASK] stands for it in both.
void checkSpans(const Corruption &result)
{
    const auto masks = [](const Ids &ids) { return std::count(ids.begin(), ids.end(), int32_t(kMaskToken)); };
    QCOMPARE(masks(result.ids), masks(result.targets));
    const size_t frames = 5, hidden = result.targets.size() - frames - size_t(masks(result.targets)); // [CLS] and four at the end stand in both
    QCOMPARE(result.ids.size() - size_t(masks(result.ids)) + hidden, result.record.original.size());
    QCOMPARE(result.targets.front(), int32_t(kClassify));
}

Ids sorted(Ids ids)
{
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::string errorOf(const std::function<void()> &act)
{
    try {
        act();
    } catch (const std::invalid_argument &error) {
        return error.what();
    }
    return {};
}

} // namespace

class TestCorrupt : public QObject
{
    Q_OBJECT

private slots:
    void maskingPredictsExactlyTheRatio()
    {
        for (int length : {1, 2, 7, 64, 200})
            for (float ratio : {0.05f, 0.15f, 0.5f, 0.9f}) {
                const Row row(length);
                const Corruption result = maskTokens(row.sequence(), {.ratio = ratio}, Random(1, static_cast<uint32_t>(length)));
                checkRecord(result, row.ids);
                QCOMPARE(result.ids.size(), row.ids.size());
                int targets = 0;
                for (size_t i = 0; i < row.ids.size(); ++i) {
                    const bool chosen = result.record.actions[i] != TokenAction::kept;
                    QCOMPARE(result.targets[i], chosen ? row.ids[i] : kNoTarget);
                    targets += chosen;
                }
                QCOMPARE(targets, std::max(1, static_cast<int>(std::lround(double(ratio) * length))));
            }
    }

    void masksAreSpreadEvenlyAndSplitEightyTenTen()
    {
        const Row row(64);
        std::map<TokenAction, int> actions;
        std::vector<int> chosen(row.ids.size());
        Ids replacements;
        for (uint32_t sample = 0; sample < 2000; ++sample) {
            const Corruption result = maskTokens(row.sequence(), {}, Random(7, 0, sample));
            for (size_t i = 0; i < row.ids.size(); ++i) {
                ++actions[result.record.actions[i]];
                chosen[i] += result.targets[i] != kNoTarget;
                if (result.record.actions[i] == TokenAction::replaced)
                    replacements.push_back(result.ids[i]);
            }
        }
        const double total = 2000 * std::lround(0.15 * 64); // 20 000
        QVERIFY(std::abs(actions[TokenAction::masked] / total - 0.8) < 0.015);
        QVERIFY(std::abs(actions[TokenAction::replaced] / total - 0.1) < 0.01);
        QVERIFY(std::abs(actions[TokenAction::unchanged] / total - 0.1) < 0.01);
        for (size_t i = 1; i <= 64; ++i) // each 312.5 times, with a deviation of 16
            QVERIFY2(std::abs(chosen[i] - 312.5) < 80, qPrintable(QString::number(chosen[i])));
        const auto [low, high] = std::minmax_element(replacements.begin(), replacements.end());
        QVERIFY(*low < 20 && *high > kVocabulary - 20);
    }

    void theSplitIsASetting()
    {
        const Row row(100);
        const Corruption all = maskTokens(row.sequence(), {.ratio = 0.4f, .masked = 1, .replaced = 0}, Random(3));
        QCOMPARE(count(all.record.actions, TokenAction::masked), 40);
        const Corruption none = maskTokens(row.sequence(), {.ratio = 0.4f, .masked = 0, .replaced = 0}, Random(3));
        QCOMPARE(count(none.record.actions, TokenAction::unchanged), 40);
        QCOMPARE(none.ids, row.ids);
        const Corruption random = maskTokens(row.sequence(), {.ratio = 0.4f, .masked = 0, .replaced = 1}, Random(3));
        QCOMPARE(count(random.record.actions, TokenAction::replaced), 40);
    }

    void wholeWordsAreMaskedWhole()
    {
        const Row row(120);
        for (uint32_t sample = 0; sample < 50; ++sample) {
            const Corruption result = maskTokens(row.sequence(), {.unit = MaskUnit::word}, Random(5, 0, sample));
            checkRecord(result, row.ids);
            std::map<int32_t, std::set<bool>> words;
            int targets = 0;
            for (size_t i = 0; i < row.ids.size(); ++i) {
                words[row.words[i]].insert(result.targets[i] != kNoTarget);
                targets += result.targets[i] != kNoTarget;
            }
            for (const auto &[word, chosen] : words)
                QVERIFY2(chosen.size() == 1, "a word is masked in part");
            QVERIFY(targets > 15 && targets <= 18); // words of at most three that fit into 18
        }
    }

    void spansBeginWithAWord()
    {
        const Row row(300);
        double spans = 0, tokens = 0;
        for (uint32_t sample = 0; sample < 200; ++sample) {
            const Corruption result = maskTokens(row.sequence(), {.unit = MaskUnit::span}, Random(5, 0, sample));
            checkRecord(result, row.ids);
            int targets = 0;
            for (size_t i = 1; i < row.ids.size(); ++i) {
                const bool chosen = result.targets[i] != kNoTarget, before = result.targets[i - 1] != kNoTarget;
                targets += chosen;
                if (chosen && !before) {
                    ++spans;
                    QVERIFY(row.words[i] != row.words[i - 1]);
                }
            }
            QCOMPARE(targets, 45);
            tokens += targets;
        }
        QVERIFY2(tokens / spans > 2.5 && tokens / spans < 5, qPrintable(QString::number(tokens / spans)));
    }

    void unknownTokensAreNotPredicted()
    {
        Row row(20);
        std::fill(row.ids.begin() + 1, row.ids.begin() + 20, int32_t(kUnknown));
        for (const MaskUnit unit : {MaskUnit::token, MaskUnit::word, MaskUnit::span}) {
            const Corruption result = maskTokens(row.sequence(), {.ratio = 0.9f, .unit = unit}, Random(1));
            for (size_t i = 0; i < row.ids.size(); ++i)
                QCOMPARE(result.targets[i] != kNoTarget, i == 20);
        }
        const Row empty(0);
        QCOMPARE(maskTokens(empty.sequence(), {}, Random(1)).targets, Ids(empty.ids.size(), kNoTarget));
    }

    void sensibleSettingsAreAskedFor()
    {
        const Row row(10);
        for (float ratio : {0.f, 1.f, -0.1f, std::nanf("")})
            QVERIFY(errorOf([&] { maskTokens(row.sequence(), {.ratio = ratio}, Random(1)); }).find("mask ratio") != std::string::npos);
        QVERIFY(errorOf([&] { maskTokens(row.sequence(), {.masked = 0.8f, .replaced = 0.3f}, Random(1)); }).find("more than 1") != std::string::npos);
        QVERIFY(errorOf([&] { addNoise(row.sequence(), textNoise("infilling"), {.strength = 1.5f}, Random(1)); }).find("1.5") != std::string::npos);
        QVERIFY(errorOf([&] { augmentText(row.sequence(), textAugmentation("deletion"), -1, Random(1)); }).find("strength") != std::string::npos);
        QVERIFY(errorOf([&] { maskTokens({row.ids, {}, {}, kVocabulary}, {.unit = MaskUnit::word}, Random(1)); }).find("word") != std::string::npos);
        QVERIFY(errorOf([] { textNoise("smoke"); }).find("smoke") != std::string::npos);
        QVERIFY(errorOf([] { textAugmentation("smoke"); }).find("smoke") != std::string::npos);
        QVERIFY(errorOf([] { textNoise("smoke"); }).find("sentinels") != std::string::npos);
        QVERIFY(!textAugmentation("none"));
    }

    /// What each row of the tables owes, so that a new one is tested by being there.
    void theTablesDeclareThemselves()
    {
        std::set<std::string> names;
        for (const TextNoise &noise : textNoises()) {
            QVERIFY2(!noise.help.empty() && names.insert(noise.name).second, noise.name.c_str());
            QCOMPARE(&textNoise(noise.name), &noise);
        }
        names = {"none"};
        for (const TextAugmentation &augmentation : textAugmentations()) {
            QVERIFY2(!augmentation.help.empty() && names.insert(augmentation.name).second, augmentation.name.c_str());
            QCOMPARE(textAugmentation(augmentation.name), &augmentation);
        }
        const auto declares = [](const char *method, const char *name, const std::string &choice, const std::string &help) {
            const KnobSet knobs(methodType(method).knobs(InputShape::text(1000)));
            const Knob *knob = knobs.find(name);
            return std::ranges::count(knob->choices, choice) == 1 && knob->help.find(choice + " " + help) != std::string::npos;
        };
        for (const TextNoise &noise : textNoises())
            QVERIFY2(declares("denoise", "noise", noise.name, noise.help), noise.name.c_str());
        for (const TextAugmentation &augmentation : textAugmentations())
            QVERIFY2(declares("simcse", "positive", augmentation.name, augmentation.help), augmentation.name.c_str());
    }

    /// Each does something, tells it, and is what it always was: old runs go on with the same rows.
    void corruptsAsItAlwaysDid()
    {
        const auto sum = [](const Corruption &result) {
            uint32_t hash = 2166136261u;
            for (const Ids *ids : {&result.ids, &result.targets, &result.record.source})
                for (int32_t id : *ids)
                    hash = (hash ^ uint32_t(id)) * 16777619u;
            for (TokenAction action : result.record.actions)
                hash = (hash ^ uint32_t(action)) * 16777619u;
            return hash;
        };
        const std::map<std::string, uint32_t> expected{
            {"noise masking", 0x6b09632a},          {"noise deletion", 0x55c9a78b},           {"noise replacement", 0x936af1ff},
            {"noise infilling", 0xfa667290},        {"noise sentences", 0x22e17a3b},          {"noise spans", 0xa72a104},
            {"noise rotation", 0x2adf95b7},         {"noise sentinels", 0xa7f4688d},          {"augmentation deletion", 0x54afadc0},
            {"augmentation insertion", 0xebdf4c3e}, {"augmentation replacement", 0xc04c6a86}, {"augmentation reordering", 0xf11c5b2f}};
        const Row row(60);
        std::map<std::string, uint32_t> found;
        for (const TextNoise &noise : textNoises())
            found["noise " + noise.name] = sum(addNoise(row.sequence(), noise, {}, Random(3, 1, 4, 1)));
        for (const TextAugmentation &augmentation : textAugmentations())
            found["augmentation " + augmentation.name] = sum(augmentText(row.sequence(), &augmentation, 0.3f, Random(3, 1, 4, 1)));
        for (const auto &[name, hash] : expected) // a new row has no past
            QVERIFY2(found[name] == hash, qPrintable(QString("%1: 0x%2").arg(name.c_str()).arg(found[name], 0, 16)));
    }

    void everythingIsAFunctionOfItsKey()
    {
        const Row row(60);
        const auto all = [&](uint32_t sample) {
            std::vector<Ids> results = {maskTokens(row.sequence(), {}, Random(9, 1, sample)).ids};
            for (const TextNoise &noise : textNoises())
                results.push_back(addNoise(row.sequence(), noise, {.strength = 0.5f}, Random(9, 1, sample)).ids);
            for (const TextAugmentation &augmentation : textAugmentations())
                results.push_back(augmentText(row.sequence(), &augmentation, 0.3f, Random(9, 1, sample)).ids);
            return results;
        };
        const std::vector<Ids> once = all(1), again = all(1), other = all(2);
        for (size_t i = 0; i < once.size(); ++i) {
            QCOMPARE(once[i], again[i]);
            QVERIFY(once[i] != other[i]);
            QVERIFY(once[i] != row.ids);
        }
    }

    void noiseTargetsTheOriginal() // but with sentinels, see tst_textrows.cpp
    {
        for (const TextNoise &noise : textNoises())
            for (int length : {0, 1, 2, 3, 10, 60})
                for (float strength : {0.f, 0.3f, 0.5f, 1.f}) {
                    const Row row(length);
                    const Corruption result = addNoise(row.sequence(), noise, {.strength = strength}, Random(2, 0, static_cast<uint32_t>(length)));
                    checkRecord(result, row.ids);
                    if (noise.writesHidden)
                        checkSpans(result);
                    else
                        QCOMPARE(result.targets, row.ids);
                    QVERIFY(length == 0 || result.ids.size() > 5); // a token is left
                    if (strength == 0)
                        QCOMPARE(result.ids, row.ids);
                }
    }

    void tokenNoiseAffectsExactlyTheStrength()
    {
        const Row row(60);
        for (float strength : {0.1f, 0.3f, 0.7f}) {
            const int expected = static_cast<int>(std::lround(double(strength) * 60));
            const auto noise = [&](const char *kind) { return addNoise(row.sequence(), textNoise(kind), {.strength = strength}, Random(4)); };
            QCOMPARE(count(noise("masking").record.actions, TokenAction::masked), expected);
            QCOMPARE(count(noise("replacement").record.actions, TokenAction::replaced), expected);
            const Corruption deleted = noise("deletion");
            QCOMPARE(deleted.ids.size() + static_cast<size_t>(expected), row.ids.size());
            QVERIFY(std::is_sorted(deleted.record.source.begin(), deleted.record.source.end())); // the rest in its order
        }
    }

    void infillingConservesTheRest()
    {
        const Row row(100);
        double masks = 0, emptySpans = 0;
        for (uint32_t sample = 0; sample < 400; ++sample) {
            const Corruption result = addNoise(row.sequence(), textNoise("infilling"), {.strength = 0.3f}, Random(6, 0, sample));
            checkRecord(result, row.ids);
            Ids kept;
            for (size_t i = 0; i < result.ids.size(); ++i) {
                const TokenAction action = result.record.actions[i];
                if (action == TokenAction::kept)
                    kept.push_back(result.record.source[i]);
                else
                    QVERIFY(result.record.actions[i - 1] == TokenAction::kept); // no two spans touch
                masks += result.ids[i] == kMaskToken;
                emptySpans += action == TokenAction::inserted;
            }
            QCOMPARE(kept.size(), row.ids.size() - 30);
            QVERIFY(std::is_sorted(kept.begin(), kept.end()));
        }
        // Lengths are Poisson(3): thirty tokens take about ten spans, a twentieth of which are empty.
        QVERIFY2(std::abs(masks / 400 - 10.4) < 1, qPrintable(QString::number(masks / 400)));
        QVERIFY2(std::abs(emptySpans / masks - std::exp(-3.)) < 0.02, qPrintable(QString::number(emptySpans / masks)));
    }

    void permutationsLoseNothing()
    {
        const Row row(84);
        for (const char *noise : {"sentences", "spans", "rotation"})
            for (float strength : {0.1f, 0.5f, 1.f}) {
                const Corruption result = addNoise(row.sequence(), textNoise(noise), {.strength = strength}, Random(8));
                checkRecord(result, row.ids);
                QCOMPARE(sorted(result.ids), sorted(row.ids));
                QVERIFY(result.ids != row.ids);
            }
        // Sentences stay whole: within one, tokens follow each other as they did.
        const Corruption result = addNoise(row.sequence(), textNoise("sentences"), {.strength = 1}, Random(8));
        for (size_t i = 2; i + 4 < result.ids.size(); ++i) {
            const int32_t source = result.record.source[i], before = result.record.source[i - 1];
            if (row.sentences[static_cast<size_t>(source)] == row.sentences[static_cast<size_t>(before)])
                QCOMPARE(source, before + 1);
        }
        // A rotation is one turn.
        const Corruption turned = addNoise(row.sequence(), textNoise("rotation"), {.strength = 1}, Random(8));
        for (size_t i = 2; i < 85; ++i)
            QVERIFY(turned.record.source[i] == turned.record.source[i - 1] + 1 || (turned.record.source[i] == 1 && turned.record.source[i - 1] == 84));
        // One sentence alone is permuted by spans.
        const Row one(10);
        QVERIFY(addNoise(one.sequence(), textNoise("sentences"), {.strength = 1}, Random(8)).ids != one.ids);
    }

    void augmentationWorksOnWords()
    {
        const Row row(60); // words of 1, 2, 3, 1, 2, 3 ...: 30 words
        const int words = row.words[60] + 1;
        const auto distinct = [&](const Corruption &result, TokenAction action) {
            std::set<int32_t> touched;
            for (size_t i = 0; i < result.ids.size(); ++i)
                if (result.record.actions[i] == action)
                    touched.insert(row.words[static_cast<size_t>(result.record.source[i])]);
            return static_cast<int>(touched.size());
        };
        const int expected = static_cast<int>(std::lround(0.2 * words));
        const auto augment = [&](const char *kind, float strength) {
            const Corruption result = augmentText(row.sequence(), textAugmentation(kind), strength, Random(11));
            checkRecord(result, row.ids);
            return result;
        };
        QCOMPARE(distinct(augment("deletion", 0.2f), TokenAction::kept), words - expected + 1); // + 1: the frame's -1
        QCOMPARE(distinct(augment("deletion", 1), TokenAction::kept), 2);
        QCOMPARE(distinct(augment("replacement", 0.2f), TokenAction::replaced), expected);
        QCOMPARE(augment("none", 0.5f).ids, row.ids);
        const Corruption moved = augment("reordering", 0.2f);
        QCOMPARE(sorted(moved.ids), sorted(row.ids));
        QVERIFY(distinct(moved, TokenAction::moved) >= 2 && distinct(moved, TokenAction::moved) <= expected);
        const Corruption said = augment("insertion", 0.2f);
        QVERIFY(count(said.record.actions, TokenAction::inserted) >= expected);
        Ids rest;
        for (size_t i = 0; i < said.ids.size(); ++i)
            if (said.record.actions[i] != TokenAction::inserted)
                rest.push_back(said.ids[i]);
            else
                QVERIFY(std::count(row.ids.begin(), row.ids.end(), said.ids[i]) > 0);
        QCOMPARE(rest, row.ids);
        for (const TextAugmentation &augmentation : textAugmentations())
            QCOMPARE(augment(augmentation.name.c_str(), 0).ids, row.ids);
    }

    void prefixesLeaveSomethingToContinue()
    {
        std::map<int32_t, int> lengths;
        for (uint32_t sample = 0; sample < 3000; ++sample)
            ++lengths[drawPrefix(20, 0.25f, 0.75f, Random(1, 0, sample))];
        QCOMPARE(lengths.begin()->first, 5);
        QCOMPARE(lengths.rbegin()->first, 15);
        for (const auto &[length, times] : lengths)
            QVERIFY(times > 200 && times < 350); // 273 each
        QCOMPARE(drawPrefix(1, 0, 1, Random(1)), 0);
        for (uint32_t sample = 0; sample < 100; ++sample) {
            const int32_t prefix = drawPrefix(3, 0, 1, Random(1, 0, sample));
            QVERIFY(prefix == 1 || prefix == 2);
        }
        QVERIFY(errorOf([] { drawPrefix(9, 0.8f, 0.2f, Random(1)); }).find("longer") != std::string::npos);
    }

    void drawsHaveTheirDistribution()
    {
        double poissons = 0, geometrics = 0;
        for (uint32_t sample = 0; sample < 20000; ++sample) {
            Random random(1, 2, sample);
            poissons += poisson(3, random);
            const int length = geometric(3.8f, random);
            QVERIFY(length >= 1);
            geometrics += length;
        }
        QVERIFY(std::abs(poissons / 20000 - 3) < 0.05);
        QVERIFY(std::abs(geometrics / 20000 - 3.8) < 0.1);
        Random random(5);
        for (size_t n : {0u, 1u, 2u, 9u}) {
            const std::vector<size_t> order = properPermutation(n, random);
            QCOMPARE(order.size(), n);
            QCOMPARE(std::set<size_t>(order.begin(), order.end()).size(), n);
            QVERIFY(n < 2 || !std::is_sorted(order.begin(), order.end()));
        }
    }
};

QTEST_GUILESS_MAIN(TestCorrupt)
#include "tst_corrupt.moc"
