// Where heads look before anything is learned: with encoder.look=around or back one head at one neighbour, whatever the tokens are.
#include "core/backend/backend.h"
#include "core/nn/encoder.h"
#include "core/nn/textencoder.h"

#include <QTest>

#include <cmath>

using namespace pretext;

namespace {

constexpr int kVocabulary = 500, kRow = 40;

std::unique_ptr<Encoder> encoderLooking(const std::string &look, const std::string &norm, int heads, int width)
{
    const EncoderType &type = encoderType("transformer");
    KnobSet knobs(type.knobs());
    knobs.set("encoder.look", look);
    knobs.set("encoder.norm", norm);
    knobs.set("encoder.heads", double(heads));
    knobs.set("encoder.width", double(width));
    Random random(3);
    return type.make(knobs, InputShape::text(kVocabulary), random);
}

/// The first layer's attention to the place `offset` on, averaged over a row of random tokens.
float attentionTo(TextEncoder &encoder, int head, int offset)
{
    Random random(5);
    std::vector<int32_t> ids(kRow);
    for (int32_t &id : ids)
        id = int32_t(5 + random.below(kVocabulary - 5));
    const std::vector<float> weights = encoder.attention(tokenInput(ids, kRow), 0).toHost();
    float sum = 0;
    int count = 0;
    for (int from = 0; from < kRow; ++from) {
        const int to = from + offset;
        if (to < 0 || to >= kRow)
            continue;
        sum += weights[size_t((head * kRow + from) * kRow + to)];
        ++count;
    }
    return sum / float(count);
}

} // namespace

class TestAttentionStart : public QObject
{
    Q_OBJECT

private slots:
    void headsBeginAtTheirNeighbours_data()
    {
        QTest::addColumn<QString>("look");
        QTest::addColumn<QString>("norm");
        QTest::addColumn<QList<int>>("offsets");
        QTest::newRow("around, as BERT") << "around"
                                         << "post" << QList<int>{-1, 1, -2, 2};
        QTest::newRow("around, as GPT") << "around"
                                        << "pre" << QList<int>{-1, 1, -2, 2};
        QTest::newRow("back") << "back"
                              << "pre" << QList<int>{-1, -2, -3, -4, -5, -6, -7, -8};
    }

    void headsBeginAtTheirNeighbours()
    {
        QFETCH(QString, look);
        QFETCH(QString, norm);
        QFETCH(QList<int>, offsets);
        const auto encoder = encoderLooking(look.toStdString(), norm.toStdString(), int(offsets.size()), 128);
        TextEncoder &text = textEncoder(*encoder);
        if (look == "back")
            text.setVisibility(Visibility::causal);
        for (int head = 0; head < offsets.size(); ++head)
            for (int offset = -8; offset <= 8; ++offset) {
                const float share = attentionTo(text, head, offset);
                const bool its = offset == offsets[head];
                QVERIFY2(its ? share > 0.4f : share < 0.15f, qPrintable(QString("head %1 at %2: %3").arg(head).arg(offset).arg(share)));
            }
    }

    void withoutItTheyLookAnywhere()
    {
        const auto encoder = encoderLooking("anywhere", "post", 4, 128);
        for (int head = 0; head < 4; ++head)
            for (int offset = -2; offset <= 2; ++offset)
                QVERIFY(attentionTo(textEncoder(*encoder), head, offset) < 0.15f);
    }

    void headsOfAnyShape()
    {
        for (const auto &[heads, width] : {std::pair(3, 33), std::pair(1, 16), std::pair(32, 64)}) {
            const auto encoder = encoderLooking("around", "post", heads, width);
            for (const NamedParameter &parameter : encoder->parameters())
                for (const float weight : parameter.variable.value().toHost())
                    QVERIFY(std::isfinite(weight));
        }
        QVERIFY_EXCEPTION_THROWN(encoderLooking("around", "post", 16, 16), std::invalid_argument); // one feature has no pair to turn
    }
};

QTEST_GUILESS_MAIN(TestAttentionStart)
#include "tst_attentionstart.moc"
