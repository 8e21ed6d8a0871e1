// What a position may know: a masked one nothing of the hidden token, a causal one nothing of its future, none anything of padding.
// Tests change what must not matter and compare bit for bit, and change what must matter and see a difference. Also dropout's laws.
#include "core/backend/backend.h"
#include "core/nn/transformer.h"
#include "core/system/threads.h"

#include <QTest>

#include <cmath>
#include <numeric>

using namespace pretext;

namespace {

constexpr int kVocabulary = 11, kContext = 12, kWidth = 16, kPositions = 8;

TransformerOptions small(bool post)
{
    TransformerOptions options = (post ? bertOptions : gpt2Options)(kVocabulary, kContext, 2, kWidth, 2);
    options.deviation = 0.5f; // so that what is attended to matters
    return options;
}

Tensor integers(const std::vector<int32_t> &values, const Shape &shape)
{
    return Tensor::fromHost(values, shape);
}
Variable idsOf(const std::vector<int32_t> &row)
{
    return Variable(integers(row, {1, int64_t(row.size())}));
}

const std::vector<int32_t> kRow{3, 1, 4, 1, 5, 9, 2, 6};

/// The hidden vectors, position by position.
std::vector<std::vector<float>> statesOf(Transformer &transformer, const TransformerInput &input, const TransformerMemory &memory = {})
{
    const NoGrad noGrad;
    const Variable hidden = transformer.hidden(input, memory);
    const std::vector<float> values = hidden.value().toHost();
    std::vector<std::vector<float>> rows;
    for (size_t first = 0; first < values.size(); first += kWidth)
        rows.emplace_back(values.begin() + long(first), values.begin() + long(first + kWidth));
    return rows;
}

/// Changes the token at `position` and says which positions' states changed.
std::vector<bool> changedBy(Transformer &transformer, TransformerInput input, size_t position)
{
    const auto before = statesOf(transformer, input);
    std::vector<int32_t> ids = input.ids.value().toHostInt();
    ids[position] = (ids[position] + 1) % kVocabulary;
    input.ids = Variable(integers(ids, input.ids.shape()));
    const auto after = statesOf(transformer, input);
    std::vector<bool> changed;
    for (size_t i = 0; i < before.size(); ++i)
        changed.push_back(before[i] != after[i]);
    return changed;
}

} // namespace

class TestTransformer : public QObject
{
    Q_OBJECT

private slots:
    void theKeysBiasGetsNoGradient()
    {
        Random random(4);
        TransformerOptions options = small(true);
        options.crossAttention = true;
        Transformer transformer(options, random);
        const Variable ids = idsOf(kRow);
        const Variable memory(Tensor::fromHost(std::vector<float>(kPositions * kWidth, 0.3f), {1, kPositions, kWidth}));
        backward(meanSquaredError(transformer.hidden({.ids = ids}, {memory}), Variable(Tensor::full({1, kPositions, kWidth}, 0.7f, Device::cpu))));
        int seen = 0;
        for (const NamedParameter &parameter : transformer.parameters()) {
            const bool self = parameter.name.ends_with("query_key_value.bias");
            if (!self && !parameter.name.ends_with("key_value.bias"))
                continue;
            ++seen;
            const std::vector<float> gradient = parameter.variable.grad().toHost();
            for (int i = 0; i < int(gradient.size()); ++i) {
                const bool key = self ? i >= kWidth && i < 2 * kWidth : i < kWidth;
                QCOMPARE(gradient[size_t(i)] == 0, key);
            }
        }
        QCOMPARE(seen, 4); // two layers, two attentions
    }

    void initTestCase() { setThreads(2); }

    void aPositionSeesWhatItMay_data()
    {
        QTest::addColumn<bool>("post");
        QTest::newRow("post-norm") << true;
        QTest::newRow("pre-norm") << false;
    }

    void aPositionSeesWhatItMay()
    {
        QFETCH(bool, post);
        Random random(1);
        Transformer transformer(small(post), random);
        for (size_t changed = 0; changed < kRow.size(); ++changed) {
            QCOMPARE(changedBy(transformer, {.ids = idsOf(kRow)}, changed), std::vector<bool>(kRow.size(), true));
            std::vector<bool> causal, prefix;
            for (size_t i = 0; i < kRow.size(); ++i) {
                causal.push_back(i >= changed);
                prefix.push_back(i >= changed || changed < 3);
            }
            QCOMPARE(changedBy(transformer, {.ids = idsOf(kRow), .causal = true}, changed), causal);
            QCOMPARE(changedBy(transformer, {.ids = idsOf(kRow), .causal = true, .prefixes = integers({3}, {1})}, changed), prefix);
        }
    }

    /// A mask matrix may hide a position from all others.
    void aHiddenPositionIsNotSeen()
    {
        Random random(1);
        Transformer transformer(small(true), random);
        std::vector<int32_t> allowed(kPositions * kPositions, 1);
        for (int i = 0; i < kPositions; ++i)
            allowed[size_t(i * kPositions + 5)] = i == 5;
        std::vector<bool> itself(kRow.size(), false);
        itself[5] = true;
        QCOMPARE(changedBy(transformer, {.ids = idsOf(kRow), .allowed = integers(allowed, {1, kPositions, kPositions})}, 5), itself);
    }

    void paddingIsSeenByNobodyAndSeesNothing_data() { aPositionSeesWhatItMay_data(); }

    void paddingIsSeenByNobodyAndSeesNothing()
    {
        QFETCH(bool, post);
        Random random(1);
        Transformer transformer(small(post), random);
        for (bool causal : {false, true}) {
            const TransformerInput padded{.ids = idsOf(kRow), .lengths = integers({5}, {1}), .causal = causal};
            std::vector<bool> itself(kRow.size(), false);
            itself[6] = true; // the residual stream carries its own token
            QCOMPARE(changedBy(transformer, padded, 6), itself);
            for (size_t i = 0; i < 5; ++i) {
                const auto changed = changedBy(transformer, padded, i);
                QVERIFY(!changed[5] && !changed[6] && !changed[7]);
            }
            auto alone = statesOf(transformer, {.ids = idsOf({kRow.begin(), kRow.begin() + 5}), .causal = causal});
            auto together = statesOf(transformer, padded);
            for (size_t i = 0; i < alone.size(); ++i)
                for (size_t d = 0; d < kWidth; ++d)
                    QVERIFY(std::abs(alone[i][d] - together[i][d]) < 1e-5f);
        }
    }

    void aDecoderSeesItsEncoderAndNoPadding()
    {
        Random random(1);
        Transformer encoder(small(true), random);
        TransformerOptions options = small(true);
        options.crossAttention = true;
        Transformer decoder(options, random, encoder.tokenTable());
        for (const NamedParameter &parameter : decoder.parameters())
            QVERIFY(parameter.name != "token_embedding");
        const auto decoded = [&](std::vector<int32_t> source) {
            const NoGrad noGrad;
            const Tensor lengths = integers({6}, {1});
            const Variable states = encoder.hidden({.ids = idsOf(source), .lengths = lengths});
            return statesOf(decoder, {.ids = idsOf({7, 8, 9}), .causal = true}, {states, lengths});
        };
        std::vector<int32_t> seen = kRow, padding = kRow;
        seen[5] = 0, padding[6] = 0;
        QCOMPARE(decoded(padding), decoded(kRow));
        for (size_t i = 0; i < 3; ++i)
            QVERIFY(decoded(seen)[i] != decoded(kRow)[i]);
    }

    void attentionIsShownAsItActs()
    {
        Random random(1);
        Transformer transformer(small(false), random);
        const TransformerInput input{.ids = idsOf(kRow), .lengths = integers({6}, {1}), .causal = true};
        for (int layer = 0; layer < 2; ++layer) {
            const Tensor weights = transformer.attention(input, layer);
            QCOMPARE(weights.shape(), (Shape{1, 2, kPositions, kPositions}));
            const std::vector<float> values = weights.toHost();
            for (int row = 0; row < 2 * kPositions; ++row) {
                const float *p = &values[size_t(row * kPositions)];
                const int query = row % kPositions;
                QVERIFY(std::abs(std::accumulate(p, p + kPositions, 0.f) - (query < 6 ? 1.f : 0.f)) < 1e-5f);
                for (int key = 0; key < kPositions; ++key)
                    QVERIFY(key <= query && key < 6 && query < 6 ? p[key] > 0 : p[key] == 0);
            }
        }
    }

    void dropoutIsAFunctionOfItsKey()
    {
        const Variable x(Tensor::full({64, 1000}, 1.f));
        const auto mask = [&](DropoutOptions options) { return dropout(x, options).value().toHost(); };
        const DropoutOptions options{0.2f, {3, 4, 5}};
        const std::vector<float> first = mask(options);
        setThreads(1);
        QCOMPARE(mask(options), first);
        setThreads(2);
        for (const DropoutKey &other : {DropoutKey{2, 4, 5}, DropoutKey{3, 5, 5}, DropoutKey{3, 4, 6}}) {
            const std::vector<float> second = mask({0.2f, other});
            int64_t agree = 0;
            for (size_t i = 0; i < first.size(); ++i)
                agree += first[i] == second[i];
            QVERIFY(std::abs(double(agree) / double(first.size()) - 0.68) < 0.01); // 0.8^2 + 0.2^2: independent
        }
        const auto dropped = std::ranges::count(first, 0.f);
        QVERIFY(std::abs(double(dropped) / double(first.size()) - 0.2) < 0.01);
        QVERIFY(std::ranges::all_of(first, [](float value) { return value == 0.f || value == 1.25f; }));
    }

    void dropoutActsInTrainingOnly()
    {
        Random random(1);
        Transformer transformer(small(true), random);
        const auto states = [&](DropoutOptions options) { return statesOf(transformer, {.ids = idsOf(kRow), .dropout = options}); };
        const auto plain = states({});
        QVERIFY(states({0.1f, {1, 0, 0}}) != plain);
        QVERIFY(states({0.1f, {1, 0, 0}}) != states({0.1f, {1, 1, 0}}));
        QCOMPARE(states({0.1f, {1, 0, 0}}), states({0.1f, {1, 0, 0}}));
        transformer.setTraining(false);
        QCOMPARE(states({0.1f, {1, 0, 0}}), plain);
    }

    void initialWeightsAreThePapers()
    {
        Random random(1);
        TransformerOptions options = gpt2Options(500, 64, 8, 64, 4);
        Transformer transformer(options, random);
        for (const NamedParameter &parameter : transformer.parameters()) {
            const std::vector<float> values = parameter.variable.value().toHost();
            double squares = 0;
            for (float value : values)
                squares += double(value) * double(value);
            const double deviation = std::sqrt(squares / double(values.size()));
            const bool residual = parameter.name.ends_with("output.weight") || parameter.name.ends_with("down.weight");
            if (parameter.variable.shape().rank() == 2)
                QVERIFY2(std::abs(deviation / (residual ? 0.005 : 0.02) - 1) < 0.05, parameter.name.c_str());
            else
                QCOMPARE(deviation, parameter.name.ends_with("bias") ? 0.0 : 1.0);
            QCOMPARE(parameter.decay, parameter.variable.shape().rank() == 2);
        }
    }

    void mistakesAreNamed()
    {
        Random random(1);
        Transformer transformer(small(true), random);
        const auto message = [](auto call) {
            try {
                call();
            } catch (const std::invalid_argument &error) {
                return QString(error.what());
            }
            return QString();
        };
        const auto hidden = [&](TransformerInput input) { return message([&] { transformer.hidden(input); }); };
        QVERIFY(hidden({.ids = idsOf(std::vector<int32_t>(13, 1))}).contains("13 tokens are longer than the context of 12"));
        QVERIFY(hidden({.ids = idsOf({1, 11})}).contains("id 11 at position 1"));
        QVERIFY(hidden({.ids = idsOf({1, 2}), .lengths = integers({1, 2}, {2})}).contains("[attention]"));
        QVERIFY(hidden({.ids = idsOf({1, 2}), .dropout = {1.f, {}}}).contains("[dropout] the dropout rate 1"));
        QVERIFY(message([&] { transformer.attention({.ids = idsOf({1})}, 2); }).contains("no layer 2 among 2"));
        QVERIFY(message([&] { Transformer(bertOptions(5, 5, 1, 10, 3), random); }).contains("a width of 10 does not share out among 3 heads"));
    }
};

QTEST_APPLESS_MAIN(TestTransformer)
#include "tst_transformer.moc"
