// Knobs refuse what their declaration does not allow, in words that help, and their text reads back as the same value.
#include "core/engine/knob.h"

#include <QTest>

#include <cmath>
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
        QTest::newRow("negative") << "temperature" << "-1" << "from 0.01 to 1";
        QTest::newRow("zero") << "temperature" << "0" << "from 0.01 to 1";
        QTest::newRow("not a number") << "temperature" << "nan" << "from 0.01 to 1";
        QTest::newRow("infinite") << "temperature" << "inf" << "from 0.01 to 1";
        QTest::newRow("a word") << "temperature" << "warm" << "a number from 0.01 to 1";
        QTest::newRow("trailing letters") << "temperature" << "0.5x" << "from 0.01 to 1";
        QTest::newRow("empty") << "temperature" << "" << "from 0.01 to 1";
        QTest::newRow("not whole") << "encoder.depth" << "1.5" << "a whole number from 1 to 8";
        QTest::newRow("whole with a point") << "encoder.depth" << "2.0" << "a whole number from 1 to 8";
        QTest::newRow("whole with an exponent") << "encoder.depth" << "2e0" << "a whole number from 1 to 8";
        QTest::newRow("hexadecimal") << "encoder.depth" << "0x2" << "a whole number from 1 to 8";
        QTest::newRow("beyond any number") << "encoder.depth" << "99999999999999999999" << "a whole number from 1 to 8";
        QTest::newRow("not a flag") << "flip" << "maybe" << "true or false";
        QTest::newRow("no choice") << "optimizer" << "adamx" << "sgd, adam, adamw";
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
