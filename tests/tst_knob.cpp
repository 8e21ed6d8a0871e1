// Knobs refuse what their declaration does not allow, in words that help, and their text reads back as the same value.
#include "core/data/augment/augment.h"
#include "core/engine/config.h"
#include "core/nn/encoder.h"
#include "core/nn/optimizer.h"
#include "core/ssl/method.h"

#include <QRegularExpression>
#include <QTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

using namespace pretext;

namespace {

KnobSet makeSet()
{
    Knob temperature{.name = "temperature", .symbol = "τ", .minimum = 0.01, .maximum = 1, .logarithmic = true, .defaultValue = 0.2};
    Knob depth{.name = "encoder.depth", .kind = KnobKind::integer, .minimum = 1, .maximum = 8, .defaultValue = 2.0};
    Knob flip{.name = "flip", .kind = KnobKind::boolean, .defaultValue = true};
    Knob optimizer{.name = "optimizer", .kind = KnobKind::choice, .defaultValue = std::string("adamw"), .choices = {"sgd", "adam", "adamw"}};
    return KnobSet({temperature, depth, flip, optimizer});
}

template<class Action>
QString errorOf(Action action)
{
    try {
        action();
    } catch (const std::invalid_argument &error) {
        return QString::fromUtf8(error.what());
    }
    return {};
}

} // namespace

class TestKnob : public QObject
{
    Q_OBJECT
private slots:
    void startsAtDefaults()
    {
        const KnobSet set = makeSet();
        QCOMPARE(set.real("temperature"), 0.2);
        QCOMPARE(set.integer("encoder.depth"), 2);
        QVERIFY(set.boolean("flip"));
        QCOMPARE(set.choice("optimizer"), std::string("adamw"));
        QVERIFY(set.find("nothing") == nullptr);
    }

    void refusesWhatIsOutOfRange_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("range");
        QTest::newRow("negative") << "temperature"
                                  << "-1"
                                  << "from 0.01 to 1";
        QTest::newRow("zero") << "temperature"
                              << "0"
                              << "from 0.01 to 1";
        QTest::newRow("not a number") << "temperature"
                                      << "nan"
                                      << "from 0.01 to 1";
        QTest::newRow("infinite") << "temperature"
                                  << "inf"
                                  << "from 0.01 to 1";
        QTest::newRow("a word") << "temperature"
                                << "warm"
                                << "a number from 0.01 to 1";
        QTest::newRow("trailing letters") << "temperature"
                                          << "0.5x"
                                          << "from 0.01 to 1";
        QTest::newRow("empty") << "temperature"
                               << ""
                               << "from 0.01 to 1";
        QTest::newRow("not whole") << "encoder.depth"
                                   << "1.5"
                                   << "a whole number from 1 to 8";
        QTest::newRow("whole with a point") << "encoder.depth"
                                            << "2.0"
                                            << "a whole number from 1 to 8";
        QTest::newRow("whole with an exponent") << "encoder.depth"
                                                << "2e0"
                                                << "a whole number from 1 to 8";
        QTest::newRow("hexadecimal") << "encoder.depth"
                                     << "0x2"
                                     << "a whole number from 1 to 8";
        QTest::newRow("beyond any number") << "encoder.depth"
                                           << "99999999999999999999"
                                           << "a whole number from 1 to 8";
        QTest::newRow("not a flag") << "flip"
                                    << "maybe"
                                    << "true or false";
        QTest::newRow("no choice") << "optimizer"
                                   << "adamx"
                                   << "sgd, adam, adamw";
    }

    void refusesWhatIsOutOfRange()
    {
        QFETCH(QString, name);
        QFETCH(QString, text);
        QFETCH(QString, range);
        KnobSet set = makeSet();
        const QString error = errorOf([&] { set.setText(name.toStdString(), text.toStdString()); });
        QVERIFY2(error.contains(name) && error.contains('"' + text + '"') && error.contains(range), qPrintable(error));
        QVERIFY2(set == makeSet(), "a refused value changed the set");
    }

    void refusesAValueOfAnotherKind()
    {
        KnobSet set = makeSet();
        QVERIFY(errorOf([&] { set.set("temperature", true); }).contains("a number"));
        QVERIFY(errorOf([&] { set.set("flip", 1.0); }).contains("true or false"));
        QVERIFY(errorOf([&] { set.set("temperature", std::numeric_limits<double>::quiet_NaN()); }).contains("temperature"));
    }

    void suggestsTheNearestName()
    {
        KnobSet set = makeSet();
        QVERIFY(errorOf([&] { set.setText("temprature", "0.1"); }).contains("did you mean \"temperature\""));
        QVERIFY(errorOf([&] { set.value("encoder.dept"); }).contains("did you mean \"encoder.depth\""));
        const std::vector<std::string> names = {"simclr", "byol", "moco", "temperature"};
        QCOMPARE(nearestName("SimCRL", names), std::string("simclr"));
        QCOMPARE(nearestName("temp", names), std::string("temperature"));
        QCOMPARE(nearestName("dinosaur", names), std::string());
        QCOMPARE(nearestName("x", {}), std::string());
    }

    void readsText()
    {
        KnobSet set = makeSet();
        set.setText("temperature", "5e-2");
        set.setText("encoder.depth", "4");
        set.setText("flip", "off");
        set.setText("optimizer", "sgd");
        QCOMPARE(set.real("temperature"), 0.05);
        QCOMPARE(set.integer("encoder.depth"), 4);
        QVERIFY(!set.boolean("flip"));
        QCOMPARE(set.choice("optimizer"), std::string("sgd"));
    }

    void textReadsBackTheSame()
    {
        Knob any{.name = "any", .minimum = -1e300, .maximum = 1e300, .defaultValue = 0.0};
        KnobSet set({any});
        for (double value : {0.1, 1.0 / 3, 0.2, 3e-4, 1e-8, 65536.0, 123456789.0, -2.5, 0.30000000000000004, 1e22, 4.9e-324}) {
            set.setText("any", toText(value));
            QCOMPARE(std::bit_cast<uint64_t>(set.real("any")), std::bit_cast<uint64_t>(value));
        }
        QCOMPARE(toText(0.2), std::string("0.2"));
        QCOMPARE(toText(0.0003), std::string("0.0003"));
        QCOMPARE(toText(100000.0), std::string("100000"));
        QCOMPARE(toText(true), std::string("true"));
        QCOMPARE(std::string(toText(KnobEffect::nextBatch)), std::string("next batch"));
    }

    static KnobSet sharesAndEdges()
    {
        Knob hidden{.name = "hidden", .defaultValue = 0.8};
        Knob replaced{.name = "replaced", .defaultValue = 0.2, .rules = {{KnobRule::togetherAtMostOne, "hidden"}}};
        Knob least{.name = "least", .defaultValue = 0.2, .rules = {{KnobRule::notAbove, "most"}, {KnobRule::notAbove, "of nobody"}}};
        Knob most{.name = "most", .defaultValue = 0.5};
        Knob heads{.name = "heads",
                   .kind = KnobKind::integer,
                   .minimum = 1,
                   .maximum = 32,
                   .defaultValue = 4.0,
                   .effect = KnobEffect::restart,
                   .rules = {{KnobRule::divides, "width"}}};
        Knob width{.name = "width", .kind = KnobKind::integer, .minimum = 16, .maximum = 2048, .defaultValue = 64.0, .effect = KnobEffect::restart};
        return KnobSet({hidden, replaced, least, most, heads, width});
    }

    void contradictionsAreRefusedTogether_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("message");
        QTest::newRow("shares") << "hidden" << 0.9 << "[knob] replaced is 0.2 and hidden is 0.9, together more than 1; lower one of them";
        QTest::newRow("least above most") << "least" << 0.6 << "[knob] least is 0.6 and most is 0.5; the first must not be above the second";
        QTest::newRow("most below least") << "most" << 0.1 << "[knob] least is 0.2 and most is 0.1; the first must not be above the second";
        QTest::newRow("parts") << "heads" << 5. << "[knob] heads is 5 and width is 64; the first must divide the second";
    }

    /// A live knob is refused at once; what acts on a new run when that begins, since its partner may be still to come.
    void contradictionsAreRefusedTogether()
    {
        QFETCH(QString, name);
        QFETCH(double, value);
        QFETCH(QString, message);
        KnobSet set = sharesAndEdges();
        set.requireConsistent();
        const bool live = set.find(name.toStdString())->effect != KnobEffect::restart;
        QCOMPARE(errorOf([&] { set.check(name.toStdString(), value); }), live ? message : QString());
        set.set(name.toStdString(), value);
        QCOMPARE(errorOf([&] { set.requireConsistent(); }), message);
    }

    void bothOfAPairMayMoveTogether()
    {
        const KnobSet from = sharesAndEdges();
        KnobSet to = from, now = from;
        to.set("least", 0.7);
        to.set("most", 0.9);
        to.set("hidden", 0.1);
        to.set("replaced", 0.9);
        const std::vector<std::string> order = changedInOrder(from, to);
        QCOMPARE(order.size(), size_t(4));
        for (const std::string &name : order) {
            now.check(name, to.value(name));
            now.set(name, to.value(name));
        }
        QVERIFY(now == to);
    }

    void earlierRunsAreSettled()
    {
        KnobSet set = sharesAndEdges();
        set.set("hidden", 1.);
        set.set("least", 0.75);
        set.settle();
        set.requireConsistent();
        QCOMPARE(set.real("hidden"), 1.);
        QCOMPARE(set.real("replaced"), 0.);
        QCOMPARE(set.real("least"), 0.5);
        QCOMPARE(set.real("most"), 0.75);
    }

    /// Whatever is trained: the other knob is there, defaults and recipes keep the rule, and a config that breaks it is refused.
    void everyDeclaredRuleIsKept()
    {
        int rules = 0;
        for (const MethodType &method : methodTypes())
            for (const EncoderType &encoder : encoderTypes()) {
                if (!suits(method, encoder))
                    continue;
                RunConfig config;
                config.method = method.name;
                config.encoder = encoder.name;
                config.image = trainsOn(method, Modality::image) ? ImageShape{32, 32, 3} : ImageShape{};
                config.knobs = KnobSet(knobsOf(method.name, encoder.name, config.image));
                config.knobs.requireConsistent();
                for (const Knob &knob : config.knobs.declarations())
                    for (const KnobRule &rule : knob.rules) {
                        QVERIFY2(config.knobs.find(rule.other), (knob.name + ": " + rule.other).c_str());
                        RunConfig broken = config;
                        broken.knobs.set(knob.name, rule.kind == KnobRule::divides ? 7. : knob.maximum);
                        broken.knobs.set(rule.other,
                                         rule.kind == KnobRule::notAbove ? broken.knobs.find(rule.other)->minimum : broken.knobs.find(rule.other)->maximum);
                        QVERIFY(errorOf([&] { configFromJson(toJson(broken)); }).contains(QString::fromStdString(rule.other)));
                        QVERIFY(errorOf([&] { configFromJson(toJson(broken), Contradictions::settle); }).isEmpty());
                        ++rules;
                    }
            }
        QVERIFY(rules >= 3);
    }

    /// What can be turned while a run goes on says what one would see: the more, the ...; off: ...; so that ...
    void helpsSayWhatTurningDoes()
    {
        static const QRegularExpression consequence(
            R"((\bthe (lower|higher|more|fewer|less|smaller|larger|longer|shorter|farther)\b.*,|[Ss]witched off|\b[Oo]ff:|\b[Aa]t (0|1|one)\b|\bso that\b|\btoo (small|large|much)\b|[:;,] [a-z](\S+ ){2,}))",
            QRegularExpression::CaseInsensitiveOption);
        std::vector<Knob> knobs = augmentationKnobs({32, 32, 3});
        for (const MethodType &method : methodTypes())
            std::ranges::copy(method.knobs({}), std::back_inserter(knobs));
        std::ranges::copy(optimizerKnobs(), std::back_inserter(knobs));
        int live = 0;
        for (const Knob &knob : knobs) {
            if (knob.effect == KnobEffect::restart)
                continue;
            ++live;
            const QString help = QString::fromStdString(knob.help);
            QVERIFY2(help.contains(consequence), qPrintable(QString::fromStdString(knob.name) + ": " + help));
            QVERIFY2(help.endsWith(u'.') && help.count(u' ') >= 6, qPrintable(QString::fromStdString(knob.name) + ": " + help));
        }
        QVERIFY(live > 50);
    }

    void declarationsAreChecked()
    {
        Knob twice{.name = "a", .defaultValue = 0.5};
        QVERIFY(errorOf([&] { KnobSet({twice, twice}); }).contains("twice"));
        Knob wrong{.name = "b", .minimum = 0, .maximum = 1, .defaultValue = 2.0};
        QVERIFY(errorOf([&] { KnobSet({wrong}); }).contains("from 0 to 1"));
    }
};

QTEST_APPLESS_MAIN(TestKnob)
#include "tst_knob.moc"
