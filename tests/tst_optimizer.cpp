// The optimizers beyond their numbers, which tst_golden holds against PyTorch: what is excluded, live knobs, state; and the schedule's ends.
#include "core/nn/optimizer.h"

#include "core/nn/schedule.h"

#include <QTest>

using namespace pretext;

namespace {

const std::vector<std::string> kOptimizers = {"sgd", "adam", "adamw", "lars"};

struct Pair
{
    Variable weight, bias;
};

/// A weight that decays and a bias that does not, both all ones.
Pair makePair()
{
    return {Variable(Tensor::full({2, 3}, 1.f), true), Variable(Tensor::full({3}, 1.f), true)};
}

std::vector<NamedParameter> named(const Pair &pair)
{
    return {{"weight", pair.weight, true}, {"bias", pair.bias, false}};
}

void setGradients(Pair &pair, float value)
{
    for (Variable *variable : {&pair.weight, &pair.bias}) {
        variable->clearGrad();
        accumulateGrad(*variable, Tensor::full(variable->shape(), value));
    }
}

KnobSet knobsWith(double weightDecay)
{
    KnobSet knobs(optimizerKnobs());
    knobs.set("weight_decay", weightDecay);
    return knobs;
}

} // namespace

class TestOptimizer : public QObject
{
    Q_OBJECT

    void everyOptimizer()
    {
        QTest::addColumn<QString>("name");
        for (const std::string &name : kOptimizers)
            QTest::newRow(name.c_str()) << QString::fromStdString(name);
    }

private slots:
    void theKnobOffersThemAll()
    {
        const KnobSet knobs(optimizerKnobs());
        QCOMPARE(knobs.find("optimizer")->choices, kOptimizers);
        for (const std::string &name : kOptimizers)
            QVERIFY(makeOptimizer(name, named(makePair()), knobs));
        try {
            makeOptimizer("adamq", {}, knobs);
            QFAIL("an unknown optimizer was made");
        } catch (const std::invalid_argument &error) {
            QVERIFY2(QString(error.what()).contains("did you mean \"adam"), error.what());
        }
    }

    void onlyWeightsDecay_data() { everyOptimizer(); }
    void onlyWeightsDecay()
    {
        QFETCH(QString, name);
        std::vector<std::vector<float>> weights, biases;
        for (double decay : {0.0, 0.5}) {
            Pair pair = makePair();
            auto optimizer = makeOptimizer(name.toStdString(), named(pair), knobsWith(decay));
            for (float gradient : {0.25f, -0.5f, 1.f}) {
                setGradients(pair, gradient);
                optimizer->step(0.1f);
            }
            weights.push_back(pair.weight.value().toHost());
            biases.push_back(pair.bias.value().toHost());
        }
        QVERIFY2(weights[0] != weights[1], "weight decay did nothing");
        QCOMPARE(biases[0], biases[1]);
    }

    void larsAdaptsWeightsAlone()
    {
        std::vector<std::vector<float>> weights, biases;
        for (float gradient : {1.f, 1000.f}) {
            Pair pair = makePair();
            auto optimizer = makeOptimizer("lars", named(pair), knobsWith(0));
            setGradients(pair, gradient);
            optimizer->step(0.1f);
            weights.push_back(pair.weight.value().toHost());
            biases.push_back(pair.bias.value().toHost());
        }
        for (size_t i = 0; i < weights[0].size(); ++i) // the gradient's size does not matter, only its direction
            QVERIFY(std::abs(weights[0][i] - weights[1][i]) < 1e-6f && weights[0][i] < 1.f);
        QCOMPARE(biases[0][0], 0.9f);
        QCOMPARE(biases[1][0], -99.f);
    }

    void aParameterWithoutAGradientIsLeftAlone_data() { everyOptimizer(); }
    void aParameterWithoutAGradientIsLeftAlone()
    {
        QFETCH(QString, name);
        Pair pair = makePair();
        auto optimizer = makeOptimizer(name.toStdString(), named(pair), knobsWith(0.5));
        accumulateGrad(pair.bias, Tensor::full({3}, 1.f));
        optimizer->step(0.1f);
        QCOMPARE(pair.weight.value().toHost(), std::vector<float>(6, 1.f));
        QVERIFY(pair.bias.value().toHost() != std::vector<float>(3, 1.f));
    }

    void liveKnobsActAtTheNextStep_data() { everyOptimizer(); }
    void liveKnobsActAtTheNextStep()
    {
        QFETCH(QString, name);
        std::vector<std::vector<float>> weights;
        for (bool change : {false, true}) {
            Pair pair = makePair();
            auto optimizer = makeOptimizer(name.toStdString(), named(pair), knobsWith(0));
            setGradients(pair, 0.5f);
            optimizer->step(0.1f);
            if (change)
                optimizer->apply(knobsWith(0.5));
            setGradients(pair, -0.25f); // against the weight, so that LARS too sees what decay adds
            optimizer->step(0.1f);
            weights.push_back(pair.weight.value().toHost());
        }
        QVERIFY(weights[0] != weights[1]);
    }

    void stateCarriesOver_data() { everyOptimizer(); }
    void stateCarriesOver()
    {
        QFETCH(QString, name);
        Pair first = makePair(), second = makePair();
        auto a = makeOptimizer(name.toStdString(), named(first), knobsWith(0.1));
        auto b = makeOptimizer(name.toStdString(), named(second), knobsWith(0.1));
        for (float gradient : {0.5f, -0.25f}) {
            setGradients(first, gradient);
            a->step(0.1f);
        }
        second.weight.value().copyFrom(first.weight.value());
        second.bias.value().copyFrom(first.bias.value());
        QCOMPARE(a->state().size(), b->state().size());
        for (size_t i = 0; i < a->state().size(); ++i) {
            QCOMPARE(a->state()[i].name, b->state()[i].name);
            b->state()[i].tensor.copyFrom(a->state()[i].tensor);
        }
        b->setStepsTaken(a->stepsTaken());
        setGradients(first, 1.f);
        setGradients(second, 1.f);
        a->step(0.1f);
        b->step(0.1f);
        QCOMPARE(second.weight.value().toHost(), first.weight.value().toHost());
        QCOMPARE(second.bias.value().toHost(), first.bias.value().toHost());
    }

    void theScheduleHasItsEnds()
    {
        QCOMPARE(scheduleFactor("cosine", 0, 100, 0.1f), 0.1f);
        QCOMPARE(scheduleFactor("cosine", 9, 100, 0.1f), 1.f);
        QCOMPARE(scheduleFactor("cosine", 10, 100, 0.1f), 1.f);
        QVERIFY(std::abs(scheduleFactor("cosine", 55, 100, 0.1f) - 0.5f) < 1e-6f);
        QVERIFY(scheduleFactor("cosine", 99, 100, 0.1f) > 0);
        QCOMPARE(scheduleFactor("cosine", 100, 100, 0.1f), 0.f);
        QCOMPARE(scheduleFactor("cosine", 5000, 100, 0.1f), 0.f); // past the planned end
        QCOMPARE(scheduleFactor("constant", 5000, 100, 0.1f), 1.f);
        QCOMPARE(scheduleFactor("cosine", 7, 0, 0.1f), 1.f); // no planned end
        QCOMPARE(scheduleFactor("cosine", 0, 1, 0.f), 1.f);
        QVERIFY_EXCEPTION_THROWN(scheduleFactor("linear", 0, 10, 0), std::invalid_argument);
    }
};

QTEST_APPLESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
