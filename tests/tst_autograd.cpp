// The tape: what it keeps, what it lets go, what it refuses; and properties of operations beyond their gradient.
#include "core/autograd/operations.h"
#include "core/backend/backend.h"
#include "core/system/threads.h"
#include "core/tensor/random.h"

#include <QtTest>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

using namespace pretext;

namespace {

Tensor noise(const Shape &shape, uint32_t seed, float mean = 0.f)
{
    Random random(3, seed);
    std::vector<float> values(static_cast<size_t>(shape.size()));
    for (float &value : values)
        value = mean + random.normal();
    return Tensor::fromHost(values, shape);
}

Variable parameter(const Shape &shape, uint32_t seed)
{
    return Variable(noise(shape, seed), true);
}
Variable constant(const Shape &shape, float value = 1.f)
{
    return Variable(Tensor::full(shape, value));
}

Variable total(const Variable &x)
{
    return matmul(reshape(x, {1, x.value().size()}), constant({x.value().size(), 1}));
}

template<class Error, class Call>
QString messageOf(Call &&call)
{
    try {
        call();
    } catch (const Error &error) {
        return error.what();
    }
    return "nothing was thrown";
}

/// A small convolutional step with every kind of kernel that runs on the team.
struct Network
{
    Variable images{noise({64, 14, 14, 8}, 1)};
    Variable weight = parameter({16, 3, 3, 8}, 2), gamma = parameter({16}, 3), beta = parameter({16}, 4), head = parameter({32, 16}, 5);
    BatchNormState state{Tensor::zeros({16}), Tensor::full({16}, 1.f)};
    std::vector<Variable> parameters() const { return {weight, gamma, beta, head}; }

    Variable loss()
    {
        const Variable x = batchNorm(conv2d(images, weight, {}, {1, 1}), gamma, beta, state, {.activation = Activation::relu});
        return ntXent(normalize(linear(avgPool(x, {.kernel = 0}), head)), 0.2f);
    }
};

/// The loss and every gradient of one step on a team of `count`.
std::vector<std::vector<float>> stepOn(int count)
{
    const int before = threads();
    setThreads(count);
    Network network;
    const Variable loss = network.loss();
    backward(loss);
    std::vector<std::vector<float>> results{loss.value().toHost(), network.state.runningVar.toHost()};
    for (const Variable &variable : network.parameters())
        results.push_back(variable.grad().toHost());
    setThreads(before);
    return results;
}

struct Convolution
{
    int images, size, channels, filters, kernel, stride, padding;
};

/// Images that fill no group of the direct kernels, pixels that fill no tile, runs that are no multiple of six, one-channel images,
/// kernels as large as the image, channel counts that only the library's kernels take, and more than one of Winograd's blocks of tiles.
const std::vector<Convolution> kConvolutions{{13, 5, 16, 32, 3, 1, 1}, {7, 12, 32, 16, 3, 2, 1}, {9, 4, 32, 64, 1, 2, 0},  {3, 28, 1, 32, 3, 1, 1},
                                             {2, 1, 16, 16, 1, 1, 0},  {5, 7, 5, 16, 5, 1, 2},   {2, 3, 16, 16, 3, 1, 0},  {4, 9, 16, 48, 3, 1, 2},
                                             {6, 8, 3, 10, 3, 1, 1},   {2, 6, 16, 16, 1, 1, 1},  {3, 11, 16, 16, 3, 2, 1}, {3, 9, 16, 16, 4, 3, 1},
                                             {8, 8, 16, 32, 5, 2, 0},  {2, 12, 16, 16, 4, 4, 0}, {3, 7, 16, 16, 2, 3, 1},  {9, 13, 16, 64, 3, 1, 1},
                                             {5, 7, 32, 16, 3, 1, 1},  {3, 14, 16, 48, 3, 1, 1}, {4, 15, 24, 40, 3, 2, 1}};

/// y, dx and dw of a convolution as it is defined, for dy and a bias.
std::array<std::vector<double>, 3> slowConvolution(const Convolution &c, const std::vector<float> &x, const std::vector<float> &w,
                                                   const std::vector<float> &bias, const std::vector<float> &dy)
{
    const int out = (c.size + 2 * c.padding - c.kernel) / c.stride + 1;
    std::vector<double> y(dy.size()), dx(x.size()), dw(w.size());
    for (size_t i = 0; i < y.size(); ++i)
        y[i] = double(bias[i % bias.size()]);
    for (int pixel = 0; pixel < c.images * out * out; ++pixel)
        for (int tap = 0; tap < c.kernel * c.kernel; ++tap) {
            const int row = pixel / out % out * c.stride + tap / c.kernel - c.padding, column = pixel % out * c.stride + tap % c.kernel - c.padding;
            if (row < 0 || row >= c.size || column < 0 || column >= c.size)
                continue;
            const int at = ((pixel / (out * out) * c.size + row) * c.size + column) * c.channels;
            for (int k = 0; k < c.filters; ++k)
                for (int channel = 0; channel < c.channels; ++channel) {
                    const size_t i = size_t(at + channel), j = size_t((k * c.kernel * c.kernel + tap) * c.channels + channel),
                                 o = size_t(pixel * c.filters + k);
                    y[o] += double(x[i]) * double(w[j]);
                    dx[i] += double(dy[o]) * double(w[j]);
                    dw[j] += double(dy[o]) * double(x[i]);
                }
        }
    return {y, dx, dw};
}

double largestDifference(const std::vector<float> &values, const std::vector<double> &exact)
{
    double worst = 0, largest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
        const double difference = std::abs(double(values[i]) - exact[i]);
        worst = difference > worst || std::isnan(difference) ? difference : worst; // a NaN stays
        largest = std::max(largest, std::abs(exact[i]));
    }
    return worst / largest;
}

std::vector<double> doubles(const Tensor &x)
{
    const std::vector<float> values = x.toHost();
    return {values.begin(), values.end()};
}

/// Chen et al. 2020, eq. 1, as it is written.
double slowNtXent(const std::vector<float> &z, int count, int width, double temperature)
{
    const auto similarity = [&](int i, int j) {
        double dot = 0;
        for (int d = 0; d < width; ++d)
            dot += double(z[size_t(i * width + d)]) * double(z[size_t(j * width + d)]);
        return dot / temperature;
    };
    double sum = 0;
    for (int i = 0; i < count; ++i) {
        const double positive = similarity(i, (i + count / 2) % count);
        double others = 0;
        for (int k = 0; k < count; ++k)
            if (k != i)
                others += std::exp(similarity(i, k) - positive);
        sum += std::log(others);
    }
    return sum / count;
}

/// Operations whose results are made again.
struct Remade
{
    const char *name;
    Variable (*of)(const Variable &x, const Variable &scale, const Variable &shift, BatchNormState &state);
};

const std::vector<Remade> kRemade{
    {"batchNorm", [](auto &x, auto &scale, auto &shift, auto &state) { return batchNorm(x, scale, shift, state, {}); }},
    {"batchNorm with relu", [](auto &x, auto &scale, auto &shift, auto &state) { return batchNorm(x, scale, shift, state, {.activation = Activation::relu}); }},
    {"batchNorm with residual and relu",
     [](auto &x, auto &scale, auto &shift, auto &state) {
         return batchNorm(x, scale, shift, state, {.activation = Activation::relu}, batchNorm(x, shift, scale, state, {}));
     }},
    {"batchNorm in evaluation", [](auto &x, auto &scale, auto &shift, auto &state) { return batchNorm(x, scale, shift, state, {.training = false}); }},
    {"layerNorm", [](auto &x, auto &scale, auto &shift, auto &) { return layerNorm(x, scale, shift); }},
    {"dropout of layerNorm",
     [](auto &x, auto &scale, auto &shift, auto &) {
         return dropout(layerNorm(x, scale, shift), {.rate = 0.3f, .key = {1, 2, 3}});
     }},
    {"activation", [](auto &x, auto &, auto &, auto &) { return activation(x, Activation::gelu); }},
    {"linear with gelu",
     [](auto &x, auto &, auto &, auto &) {
         return linear(x, parameter({21, 21}, 6), {}, Activation::gelu);
     }},
    {"linear with gelu by tanh",
     [](auto &x, auto &, auto &, auto &) {
         return linear(x, parameter({21, 21}, 6), {}, Activation::geluTanh);
     }},
};

Tensor narrowed(const Tensor &x)
{
    Tensor narrow(x.shape(), DType::bf16);
    backend(Device::cpu).copy(x, narrow);
    return narrow;
}

/// To bfloat16 and back.
Tensor rounded(const Tensor &x)
{
    Tensor wide(x.shape());
    backend(Device::cpu).copy(narrowed(x), wide);
    return wide;
}

} // namespace

class TestAutograd : public QObject
{
    Q_OBJECT

private slots:
    void pathsThatMeetAdd()
    {
        // y = x x + 3 x along two paths through one node: dy/dx = 2 x + 3.
        const Variable x(Tensor::full({2}, 5.f), true);
        const Variable same = scale(x, 1.f);
        backward(total(add(multiply(same, same), scale(same, 3.f))));
        QCOMPARE(x.grad().toHost()[0], 13.f);
    }

    void leavesAccumulateUntilCleared()
    {
        Variable x(Tensor::full({2}, 5.f), true);
        backward(total(scale(x, 2.f)));
        backward(total(scale(x, 2.f)));
        QCOMPARE(x.grad().toHost()[1], 4.f);
        x.clearGrad();
        QVERIFY(!x.grad().defined());
    }

    void sharedGradientsAreNotOverwritten()
    {
        // add hands one tensor to both of its inputs; what is added to a later must not reach b.
        const Variable a = parameter({3}, 1), b = parameter({3}, 2);
        backward(total(add(add(a, b), scale(a, 10.f))));
        QCOMPARE(a.grad().toHost()[0], 11.f);
        QCOMPARE(b.grad().toHost()[0], 1.f);
    }

    void backwardReleasesTheTape()
    {
        const Variable x = parameter({1000}, 1);
        const Variable middle = multiply(x, x);
        const Variable loss = total(middle);
        backward(loss);
        QVERIFY(middle.node()->inputs.empty() && loss.node()->inputs.empty());
        QVERIFY(!middle.grad().defined());
        QVERIFY(x.grad().defined());
    }

    void aReleasedTapeIsNotPassedAgain()
    {
        const Variable x = parameter({4}, 1), shared = multiply(x, x), first = total(shared), second = total(scale(shared, 2.f));
        backward(first);
        const std::vector<float> gradient = x.grad().toHost();
        QVERIFY(messageOf<std::logic_error>([&] { backward(second); }).contains("add the losses"));
        QVERIFY(messageOf<std::logic_error>([&] { backward(first); }).contains("add the losses"));
        QCOMPARE(x.grad().toHost(), gradient);
    }

    void theTapeHoldsOnlyWhatAGradientReads()
    {
        const auto bytes = [] { return backend(Device::cpu).memory().bytesInUse; };
        const Variable x = parameter({1 << 18}, 1);
        const size_t before = bytes(), one = 1 << 20;
        const Variable sum = add(scale(x, 2.f), scale(x, 3.f)); // neither reads a value
        QCOMPARE(bytes() - before, one);
        const Variable square = activation(add(sum, sum), Activation::tanh); // reads its input
        QCOMPARE(bytes() - before, 3 * one);
    }

    void valuesMadeAgainAreTheSameBits_data()
    {
        QTest::addColumn<int>("which");
        for (int which = 0; which < int(kRemade.size()); ++which)
            QTest::addRow("%s", kRemade[size_t(which)].name) << which;
    }

    void valuesMadeAgainAreTheSameBits()
    {
        QFETCH(int, which);
        // The product's gradient for its weight reads y: once made again, once as it was since somebody's copy of it is read.
        const auto gradients = [&](bool again) {
            const Variable x = parameter({77, 21}, 1), scale = parameter({21}, 2), shift = parameter({21}, 3), weight = parameter({5, 21}, 4);
            BatchNormState state{Tensor::zeros({21}), Tensor::full({21}, 1.f)};
            const Variable y = kRemade[size_t(which)].of(x, scale, shift, state);
            const Variable read = again ? y : reshape(y, y.shape()); // a shape's change is kept
            const std::vector<float> forward = y.value().toHost(), running = state.runningVar.toHost();
            backward(total(multiply(linear(read, weight), Variable(noise({77, 5}, 5)))));
            return std::vector{forward, state.runningVar.toHost() == running ? running : std::vector<float>(), x.grad().toHost(), weight.grad().toHost()};
        };
        const auto once = gradients(false), again = gradients(true);
        QVERIFY(once == again);
        QVERIFY(!again[1].empty()); // the statistics have run once
    }

    void theTapeMakesCheapValuesAgain()
    {
        const auto bytes = [] { return backend(Device::cpu).memory().bytesInUse; };
        const size_t one = 1 << 20;
        const Variable x = parameter({1 << 12, 64}, 1), weight = parameter({1, 64}, 2), scale = parameter({64}, 3), shift = parameter({64}, 4);
        const size_t before = bytes();
        const Variable y = linear(layerNorm(x, scale, shift), weight); // reads the norm's result
        QVERIFY(bytes() - before < one / 4);
        backward(total(y));
        QVERIFY(bytes() - before < 2 * one); // the gradient of x
    }

    void deepStacksKeepEveryFourthValue()
    {
        const auto bytes = [] { return backend(Device::cpu).memory().bytesInUse; };
        const size_t one = 1 << 20;
        const Variable x = parameter({1 << 12, 64}, 1), scale = parameter({64}, 3), shift = parameter({64}, 4);
        const size_t before = bytes();
        Variable y = x;
        for (int i = 0; i < 32; ++i)
            y = layerNorm(y, scale, shift);
        QVERIFY(bytes() - before > 7 * one && bytes() - before < 11 * one);
        backward(total(y));
        QVERIFY(x.grad().defined());
    }

    void backwardNeedsALoss()
    {
        const Variable x = parameter({3}, 1);
        QCOMPARE(messageOf<std::invalid_argument>([&] { backward(scale(x, 2.f)); }), "[backward] needs a loss of one element, not of shape [3]");
        QCOMPARE(messageOf<std::invalid_argument>([&] { backward(constant({1})); }), "[backward] the loss depends on nothing that requires a gradient");
        QCOMPARE(messageOf<std::invalid_argument>([&] { backward(Variable()); }), "[variable] is undefined");
    }

    void longTapesNeedNoRecursion()
    {
        const Variable x(Tensor::full({1}, 1.f), true);
        for (bool run : {true, false}) { // taken apart by backward, and by the destructor
            Variable y = x;
            for (int i = 0; i < 200000; ++i)
                y = scale(y, 1.f);
            if (run)
                backward(y);
        }
        QCOMPARE(x.grad().item(), 1.f);
    }

    void noGradRecordsNothing()
    {
        const Variable x = parameter({3}, 1);
        const NoGrad noGrad;
        const Variable y = multiply(x, x);
        QVERIFY(!y.requiresGrad() && y.node()->inputs.empty() && !y.node()->backward);
        QVERIFY(x.requiresGrad());
    }

    void recordingKeepsTheGraph()
    {
        Network network;
        const NoGrad noGrad;
        const GraphRecording recording;
        const Scope encoder("encoder");
        Variable y;
        {
            const Scope block("stage1");
            y = batchNorm(conv2d(network.images, network.weight, {}, {2, 1}), network.gamma, network.beta, network.state, {.training = false, .epsilon = 0.5f});
        }
        QCOMPARE(std::string(y.node()->operation), "batchNorm");
        QCOMPARE(y.node()->scope, "encoder.stage1");
        QCOMPARE(std::get<BatchNormOptions>(y.node()->options).epsilon, 0.5f);
        QCOMPARE(y.node()->inputs.size(), size_t(5));
        QCOMPARE(y.node()->inputs[4].value().toHost(), network.state.runningVar.toHost());
        const Node &convolution = *y.node()->inputs[0].node();
        QCOMPARE(std::get<Conv2dOptions>(convolution.options).stride.y, 2);
        QVERIFY(convolution.inputs[1].node() == network.weight.node());
        QCOMPARE(relu(y).node()->scope, "encoder");
    }

    void guardNamesTheFirstValueThatIsNotFinite()
    {
        const NonFiniteGuard guard;
        const Scope encoder("encoder"), stage("stage1");
        const Variable x(Tensor::fromHost(std::vector<float>{1.f, 1e30f}, {2}), true);
        QCOMPARE(messageOf<NonFiniteError>([&] { total(multiply(x, x)); }), "multiply in encoder.stage1 is not finite: inf at element 1 of [2]");
        const Variable zero(Tensor::full({2}, 0.f), true); // finite forward, infinite gradient
        QCOMPARE(messageOf<NonFiniteError>([&] { backward(total(scale(scale(zero, 1e30f), 1e30f))); }),
                 "gradient of scale in encoder.stage1 is not finite: inf at element 0 of [2]");
    }

    void steadyStateAllocatesNothing()
    {
        Network network;
        const auto step = [&] {
            backward(network.loss());
            for (Variable variable : network.parameters())
                variable.clearGrad();
        };
        step();
        step();
        const int64_t before = backend(Device::cpu).memory().systemAllocations;
        for (int i = 0; i < 5; ++i)
            step();
        QCOMPARE(backend(Device::cpu).memory().systemAllocations, before);
    }

    void equalThreadCountsGiveEqualBits()
    {
        for (int count : {1, 2, 3})
            QVERIFY(stepOn(count) == stepOn(count));
    }

    void threadCountsAgree()
    {
        const auto one = stepOn(1), several = stepOn(3);
        for (size_t result = 0; result < one.size(); ++result)
            for (size_t i = 0; i < one[result].size(); ++i)
                QVERIFY(std::abs(one[result][i] - several[result][i]) <= 1e-5f * std::max(1.f, std::abs(one[result][i])));
    }

    void batchNormKeepsRunningStatistics()
    {
        const Variable x(Tensor::fromHost(std::vector<float>{1, 2, 3, 6}, {4, 1})); // mean 3, unbiased variance 14 / 3
        BatchNormState state{Tensor::full({1}, 1.f), Tensor::full({1}, 2.f)};
        batchNorm(x, constant({1}), constant({1}, 0.f), state, {.momentum = 0.5f});
        QCOMPARE(state.runningMean.item(), 2.f);
        QCOMPARE(state.runningVar.item(), 0.5f * 2.f + 0.5f * 14.f / 3.f);
        batchNorm(x, constant({1}), constant({1}, 0.f), state, {.training = false, .momentum = 0.5f});
        QCOMPARE(state.runningMean.item(), 2.f);
    }

    void batchNormSurvivesAFarMean()
    {
        const Tensor x = noise({5000, 2}, 1, 4000.f);
        BatchNormState state{Tensor::zeros({2}), Tensor::full({2}, 1.f)};
        batchNorm(Variable(x), constant({2}), constant({2}, 0.f), state, {.momentum = 1.f});
        const std::vector<float> values = x.toHost();
        double mean = 0, square = 0;
        for (size_t i = 0; i < values.size(); i += 2)
            mean += double(values[i]) / 5000;
        for (size_t i = 0; i < values.size(); i += 2)
            square += (double(values[i]) - mean) * (double(values[i]) - mean) / 4999;
        QVERIFY(std::abs(double(state.runningVar.toHost()[0]) - square) < 1e-5 * square);
    }

    void convolutionIsTheFormula_data()
    {
        QTest::addColumn<int>("index");
        for (size_t i = 0; i < kConvolutions.size(); ++i)
            QTest::addRow("%zu", i) << int(i);
    }

    void convolutionIsTheFormula()
    {
        QFETCH(int, index);
        const Convolution c = kConvolutions[size_t(index)];
        const int out = (c.size + 2 * c.padding - c.kernel) / c.stride + 1, before = threads();
        Variable x = parameter({c.images, c.size, c.size, c.channels}, 1), w = parameter({c.filters, c.kernel, c.kernel, c.channels}, 2);
        const Variable dy(noise({c.images, out, out, c.filters}, 3)), bias(noise({c.filters}, 4));
        const auto exact = slowConvolution(c, x.value().toHost(), w.value().toHost(), bias.value().toHost(), dy.value().toHost());
        for (int count : {1, 3}) {
            setThreads(count);
            x.clearGrad();
            w.clearGrad();
            const Variable y = conv2d(x, w, bias, {c.stride, c.padding});
            backward(total(multiply(y, dy)));
            setThreads(before);
            // Winograd's way adds more numbers, some of them larger; the long sums of one channel are oneDNN's with AVX-512.
            const double tolerance = c.kernel == 3 && c.stride == 1 ? 5e-6 : 2e-6;
            QVERIFY(largestDifference(y.value().toHost(), exact[0]) < tolerance);
            QVERIFY(largestDifference(x.grad().toHost(), exact[1]) < tolerance);
            QVERIFY(largestDifference(w.grad().toHost(), exact[2]) < tolerance);
        }
    }

    void bfloat16RoundsTheFactorsOfLinearLayers_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("inputs");
        QTest::addColumn<int>("outputs");
        for (const auto &[rows, inputs, outputs] : {std::array{1, 1, 1}, {7, 3, 5}, {5, 33, 31}, {13, 48, 64}, {130, 257, 37}, {97, 300, 70}})
            QTest::addRow("%d x %d -> %d", rows, inputs, outputs) << rows << inputs << outputs;
    }

    void bfloat16RoundsTheFactorsOfLinearLayers()
    {
        QFETCH(int, rows);
        QFETCH(int, inputs);
        QFETCH(int, outputs);
        // The same layer twice: in bfloat16, and in floats with every factor rounded beforehand.
        const Tensor x = noise({rows, inputs}, 1), w = noise({outputs, inputs}, 2), b = noise({outputs}, 3), dy = noise({rows, outputs}, 4);
        const Variable given[] = {Variable(x, true), Variable(w, true), Variable(b, true)};
        const Variable expected[] = {Variable(rounded(x), true), Variable(rounded(w), true), Variable(b, true)};
        Variable y;
        {
            const Autocast autocast(Precision::bf16);
            y = linear(given[0], given[1], given[2]);
        }
        QCOMPARE(Autocast::precision(), Precision::f32);
        const Variable exact = linear(expected[0], expected[1], expected[2]);
        backward(total(multiply(y, Variable(dy)))); // backward remembers the precision
        backward(total(multiply(exact, Variable(rounded(dy)))));
        QVERIFY(largestDifference(y.value().toHost(), doubles(exact.value())) < 2e-6);
        for (int i : {0, 1})
            QVERIFY(largestDifference(given[i].grad().toHost(), doubles(expected[i].grad())) < 2e-6);
        std::vector<double> sums(static_cast<size_t>(outputs)); // the bias's gradient is no product
        for (int row = 0; row < rows; ++row)
            for (int i = 0; i < outputs; ++i)
                sums[size_t(i)] += double(dy.toHost()[size_t(row * outputs + i)]);
        QVERIFY(largestDifference(given[2].grad().toHost(), sums) < 2e-6);
        if (rows > 5) // and not what floats give
            QVERIFY(largestDifference(y.value().toHost(), doubles(linear(Variable(x), Variable(w), Variable(b)).value())) > 1e-4);
    }

    void bfloat16RoundsWhatAnActivationIsAppliedTo()
    {
        const Tensor x = rounded(noise({7, 33}, 1)), b = noise({33}, 2), dy = noise({7, 33}, 3);
        std::vector<float> one(33 * 33);
        for (size_t i = 0; i < 33; ++i)
            one[i * 34] = 1.f;
        const Variable bias(b, true);
        Variable y;
        {
            const Autocast autocast(Precision::bf16);
            y = linear(Variable(x), Variable(Tensor::fromHost(one, {33, 33})), bias, Activation::gelu);
        }
        const Tensor sum = linear(Variable(x), Variable(Tensor::fromHost(one, {33, 33})), Variable(b)).value();
        const Variable z(rounded(sum), true), expected = activation(z, Activation::gelu);
        QCOMPARE(y.value().toHost(), expected.value().toHost());
        backward(total(multiply(y, Variable(dy))));
        backward(total(multiply(expected, Variable(dy))));
        std::vector<double> sums(33);
        for (int64_t i = 0; i < z.grad().size(); ++i)
            sums[size_t(i % 33)] += double(z.grad().toHost()[size_t(i)]);
        QVERIFY(largestDifference(bias.grad().toHost(), sums) < 1e-6);
    }

    void bfloat16ConvolutionsAreTheirDefinition_data()
    {
        QTest::addColumn<int>("which");
        for (int which = 0; which < int(kConvolutions.size()); ++which)
            QTest::addRow("%d", which) << which;
    }

    void bfloat16ConvolutionsAreTheirDefinition()
    {
        QFETCH(int, which);
        const Convolution &c = kConvolutions[size_t(which)];
        const int out = (c.size + 2 * c.padding - c.kernel) / c.stride + 1;
        // Images and weights that bfloat16 holds, so that what is rounded is results alone, and of Winograd's nothing before them.
        const Tensor x = rounded(noise({c.images, c.size, c.size, c.channels}, 1)), w = rounded(noise({c.filters, c.kernel, c.kernel, c.channels}, 2));
        const Tensor bias = noise({c.filters}, 3), dy = rounded(noise({c.images, out, out, c.filters}, 4));
        const auto [expected, expectedDx, expectedDw] = slowConvolution(c, x.toHost(), w.toHost(), bias.toHost(), dy.toHost());
        for (const bool floatImage : {false, true}) {
            const Variable image(floatImage ? x : narrowed(x), true), weight(w, true), added(bias, true);
            Variable y;
            {
                const Autocast autocast(Precision::bf16);
                y = conv2d(image, weight, added, {c.stride, c.padding});
            }
            QCOMPARE(y.type(), DType::bf16);
            backward(total(multiply(floats(y), Variable(dy))));
            QCOMPARE(image.grad().type(), image.type());
            constexpr double kHalfStep = 1. / 256; // of a value rounded to eight bits
            QVERIFY(largestDifference(y.value().toHost(), expected) < kHalfStep);
            QVERIFY(largestDifference(image.grad().toHost(), expectedDx) < kHalfStep);
            QVERIFY(largestDifference(weight.grad().toHost(), expectedDw) < 5e-5);
        }
    }

    void bfloat16MapsThroughANormAndAPooling()
    {
        // The same twice: in bfloat16, and in floats that are the same numbers.
        const auto run = [](bool narrow) {
            const Variable x(rounded(noise({5, 6, 6, 21}, 1, 2.f)), true), gamma = parameter({21}, 2), beta = parameter({21}, 3);
            std::vector<float> same(21 * 21);
            for (size_t i = 0; i < 21; ++i)
                same[i * 22] = 1.f;
            const Variable identity(Tensor::fromHost(same, {21, 1, 1, 21}));
            BatchNormState state{Tensor::zeros({21}), Tensor::full({21}, 1.f)};
            const Autocast autocast(narrow ? Precision::bf16 : Precision::f32);
            const Variable map = conv2d(x, identity, {}, {}), first = batchNorm(map, gamma, beta, state, {.activation = Activation::relu});
            const Variable second = batchNorm(first, beta, gamma, state, {.activation = Activation::tanh}, map);
            const Variable y = avgPool(second, {.kernel = 3, .stride = 3});
            backward(total(multiply(y, Variable(noise(y.shape(), 4)))));
            return std::array{y.value(), x.grad(), gamma.grad(), beta.grad(), state.runningVar};
        };
        const auto narrow = run(true), wide = run(false);
        for (size_t i = 0; i < narrow.size(); ++i) {
            QCOMPARE(narrow[i].type(), DType::f32);
            const double difference = largestDifference(narrow[i].toHost(), doubles(wide[i]));
            QVERIFY2(difference < 0.02, qPrintable(QString::number(difference)));
        }
        QVERIFY(narrow[0].toHost() != wide[0].toHost());
    }

    void bfloat16BetweenTwoLayers_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("inner");
        for (const auto &[rows, width, inner] : {std::array{1, 1, 1}, {5, 3, 7}, {13, 32, 64}, {130, 33, 257}, {40, 600, 70}, {97, 64, 1030}})
            QTest::addRow("%d x %d x %d", rows, width, inner) << rows << width << inner;
    }

    void bfloat16BetweenTwoLayers()
    {
        // A feed-forward pair in bfloat16, and in floats that are rounded where it rounds.
        QFETCH(int, rows);
        QFETCH(int, width);
        QFETCH(int, inner);
        const Tensor x = rounded(noise({rows, width}, 1)), up = rounded(noise({inner, width}, 2)), shift = noise({inner}, 3);
        const Tensor down = rounded(noise({width, inner}, 4)), dy = rounded(noise({rows, width}, 5));
        const Variable given[] = {Variable(x, true), Variable(up, true), Variable(shift, true), Variable(down, true)};
        Variable middle, y;
        {
            const Autocast autocast(Precision::bf16);
            middle = linear(given[0], given[1], given[2], Activation::gelu, Reader::product);
            y = linear(middle, given[3]);
        }
        QCOMPARE(middle.type(), DType::bf16);
        QCOMPARE(y.type(), DType::f32);
        const Variable z(rounded(linear(Variable(x), Variable(up), Variable(shift)).value()), true), weight(down, true);
        const Variable h(rounded(activation(z, Activation::gelu).value()), true), expected = linear(h, weight);
        QVERIFY(largestDifference(y.value().toHost(), doubles(expected.value())) < 2e-5);
        backward(total(multiply(y, Variable(dy))));
        backward(total(multiply(expected, Variable(dy))));
        QVERIFY(largestDifference(given[3].grad().toHost(), doubles(weight.grad())) < 2e-5);
        backward(total(multiply(activation(z, Activation::gelu), Variable(rounded(h.grad())))));
        const Variable dz(rounded(z.grad()));
        QVERIFY(largestDifference(given[1].grad().toHost(), doubles(matmul(dz, Variable(x), true).value())) < 0.01);
        QVERIFY(largestDifference(given[0].grad().toHost(), doubles(matmul(dz, Variable(up)).value())) < 0.01);
        QVERIFY(largestDifference(given[2].grad().toHost(), doubles(matmul(dz, constant({rows, 1}), true).value())) < 0.01);
    }

    void bfloat16AttentionIsAttention_data()
    {
        QTest::addColumn<int>("positions");
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("features");
        QTest::addColumn<bool>("causal");
        QTest::addColumn<float>("rate");
        for (const auto &[positions, heads, features, causal] :
             {std::array{1, 1, 1, 0}, {5, 2, 3, 0}, {7, 1, 6, 1}, {64, 2, 32, 0}, {131, 3, 20, 1}, {200, 1, 64, 0}})
            for (const float rate : {0.f, 0.3f})
                QTest::addRow("%d positions, %d heads of %d, %s, dropout %g", positions, heads, features, causal ? "causal" : "all", double(rate))
                    << positions << heads << features << bool(causal) << rate;
    }

    void bfloat16AttentionIsAttention()
    {
        QFETCH(int, positions);
        QFETCH(int, heads);
        QFETCH(int, features);
        QFETCH(bool, causal);
        QFETCH(float, rate);
        const int width = heads * features;
        const Tensor qkv = rounded(noise({2, positions, 3 * width}, 1)), dy = rounded(noise({2, positions, width}, 2));
        const AttentionOptions options{.heads = heads, .causal = causal, .dropout = {rate, {1, 2, 3}}};
        const AttentionMask mask{.queryLengths = {}, .keyLengths = Tensor::fromHost(std::vector<int32_t>{positions, (positions + 1) / 2}, {2})};
        const auto run = [&](const Tensor &operands) {
            const Variable x(operands, true), y = selfAttention(x, options, mask);
            backward(total(multiply(floats(y), Variable(dy))));
            return std::array{y.value(), x.grad()};
        };
        const auto narrow = run(narrowed(qkv)), wide = run(qkv);
        for (size_t i = 0; i < narrow.size(); ++i) {
            QCOMPARE(narrow[i].type(), DType::bf16);
            const double difference = largestDifference(narrow[i].toHost(), doubles(wide[i]));
            QVERIFY2(difference < 0.03, qPrintable(QString::number(difference)));
        }
        const int before = threads();
        setThreads(before == 1 ? 2 : 1);
        const auto again = run(narrowed(qkv));
        setThreads(before);
        QCOMPARE(again[0].toHost(), narrow[0].toHost());
        QCOMPARE(again[1].toHost(), narrow[1].toHost());
    }

    void bfloat16KeepsWhatIsNotFinite()
    {
        const Autocast autocast(Precision::bf16);
        const Variable ones(Tensor::full({2, 3}, 1.f));
        const auto first = [&](float value) { return linear(Variable(Tensor::full({2, 3}, value)), ones).value().toHost()[0]; };
        QVERIFY(std::isnan(first(std::nanf(""))) && std::isnan(first(std::bit_cast<float>(0x7fffffff))));
        QVERIFY(std::isinf(first(std::numeric_limits<float>::infinity())));
    }

    void ntXentIsTheFormula_data()
    {
        QTest::addColumn<int>("pairs");
        QTest::addColumn<int>("width");
        QTest::addColumn<float>("temperature");
        for (int pairs : {1, 3, 32, 150, 260})
            for (float temperature : {0.01f, 0.1f, 1.f})
                QTest::addRow("%d pairs at %g", pairs, double(temperature)) << pairs << pairs % 7 + 3 << temperature;
    }

    void ntXentIsTheFormula()
    {
        QFETCH(int, pairs);
        QFETCH(int, width);
        QFETCH(float, temperature);
        const Variable z = normalize(Variable(noise({2 * pairs, width}, 8)));
        const double expected = slowNtXent(z.value().toHost(), 2 * pairs, width, double(temperature));
        QVERIFY(std::abs(double(ntXent(z, temperature).value().item()) - expected) <= 1e-5 * std::max(1.0, expected));
    }

    /// Rows near their positives, some a little nearer than the nearest negative, some not.
    void ntXentKnowsWhosePositiveIsNearest()
    {
        constexpr int kPairs = 150, kWidth = 6, kRows = 2 * kPairs;
        std::vector<float> rows = noise({kRows, kWidth}, 8).toHost();
        const std::vector<float> other = noise({kPairs, kWidth}, 9).toHost();
        for (size_t i = 0; i < other.size(); ++i)
            rows[kPairs * kWidth + i] = rows[i] + 0.3f * other[i];
        const Variable z = normalize(Variable(Tensor::fromHost(rows, {kRows, kWidth})));
        const std::vector<float> unit = z.value().toHost();
        const auto cosine = [&](int i, int j) { return std::inner_product(&unit[i * kWidth], &unit[(i + 1) * kWidth], &unit[j * kWidth], 0.); };
        Tensor nearest;
        ntXent(z, 0.1f, &nearest);
        const std::vector<float> found = nearest.toHost();
        int right = 0;
        for (int i = 0; i < kRows; ++i) {
            const int positive = (i + kPairs) % kRows;
            bool expected = true;
            for (int j = 0; j < kRows; ++j)
                expected &= j == i || j == positive || cosine(i, j) < cosine(i, positive);
            QCOMPARE(found[size_t(i)], expected ? 1.f : 0.f);
            right += expected;
        }
        QVERIFY2(right > kRows / 10 && right < 9 * kRows / 10, qPrintable(QString::number(right)));
    }

    void collapsedNtXentIsTheLogOfTheCount()
    {
        const Variable z(Tensor::full({64, 4}, 0.5f), true);
        const Variable loss = ntXent(z, 0.01f);
        QVERIFY(std::abs(loss.value().item() - std::log(63.f)) < 1e-4f);
        backward(loss);
        for (float gradient : z.grad().toHost())
            QVERIFY(std::isfinite(gradient));
    }

    void nonFiniteValuesStayVisible()
    {
        const float nan = std::nanf("");
        BatchNormState state{Tensor::zeros({1}), Tensor::full({1}, 1.f)};
        const Variable x(Tensor::fromHost(std::vector<float>{1, nan, 2, 3}, {4, 1}));
        QVERIFY(std::isnan(relu(x).value().toHost()[1]));
        QVERIFY(std::isnan(batchNorm(x, constant({1}), constant({1}), state, {.activation = Activation::relu}).value().toHost()[0]));
        QVERIFY(std::isnan(maxPool(reshape(x, {1, 2, 2, 1}), {}).value().item()));
        QVERIFY(std::isnan(softmax(reshape(x, {1, 4})).value().toHost()[0]));
        QVERIFY(std::isnan(ntXent(x, 0.5f).value().item()));
    }

    void functionsOfSpecialNumbers()
    {
        const float infinity = std::numeric_limits<float>::infinity();
        const auto of = [](Unary kind, const std::vector<float> &x) {
            return unary(Variable(Tensor::fromHost(x, {int64_t(x.size())})), kind).value().toHost();
        };
        const std::vector<float> logs = of(Unary::log, {0.f, 1.f, infinity, 1e-42f, 3e38f});
        QVERIFY(logs[0] == -infinity && logs[1] == 0.f && logs[2] == infinity);
        QVERIFY(std::abs(logs[3] - std::log(1e-42f)) < 2e-5f && std::abs(logs[4] - std::log(3e38f)) < 2e-5f);
        for (const float undefined : of(Unary::log, {-1.f, -infinity, std::nanf("")}))
            QVERIFY(std::isnan(undefined));
        const std::vector<float> soft = of(Unary::softplus, {-20.f, 0.f, 100.f, -200.f});
        QVERIFY(std::abs(soft[0] / std::exp(-20.f) - 1) < 1e-6f && std::abs(soft[1] - std::log(2.f)) < 1e-6f);
        QVERIFY(soft[2] == 100.f && soft[3] == 0.f);
        for (int kind = 0; kind <= int(Unary::abs); ++kind)
            QVERIFY2(std::isnan(of(Unary(kind), {std::nanf("")})[0]), nameOf(Unary(kind)));
    }

    void sumsAreExactAndOfAnyTeam_data()
    {
        QTest::addColumn<int>("axis");
        for (int axis = 0; axis < 3; ++axis)
            QTest::addRow("axis %d", axis) << axis;
    }

    /// Sums, a mean and a row added to each, large enough for a team, by their definition and on one thread and two.
    void sumsAreExactAndOfAnyTeam()
    {
        QFETCH(int, axis);
        for (const Shape &shape : {Shape{7, 301, 33}, Shape{1, 70000, 1}, Shape{40000, 3, 1}, Shape{2, 2, 30000}}) {
            const Tensor x = noise(shape, 1, 3.f);
            const int64_t inner = shape.size(axis + 1, 3), extent = shape[axis];
            std::vector<double> exact(size_t(shape.size() / extent));
            const std::vector<float> values = x.toHost();
            for (int64_t i = 0; i < shape.size(); ++i)
                exact[size_t(i / (extent * inner) * inner + i % inner)] += double(values[size_t(i)]);
            std::array<std::vector<float>, 2> sums, shifted;
            const int before = threads();
            for (int team = 0; team < 2; ++team) {
                setThreads(team + 1);
                const Variable mean = pretext::mean(Variable(x), axis);
                sums[size_t(team)] = sum(Variable(x), axis).value().toHost();
                shifted[size_t(team)] = subtract(Variable(x), mean).value().toHost();
            }
            setThreads(before);
            QVERIFY2(largestDifference(sums[0], exact) < 2e-7, shape.str().c_str());
            QVERIFY(sums[0] == sums[1] && shifted[0] == shifted[1]);
            for (int64_t i = 0; i < shape.size(); i += 997) {
                const double mean = exact[size_t(i / (extent * inner) * inner + i % inner)] / double(extent);
                QVERIFY(std::abs(double(shifted[0][size_t(i)]) - (double(values[size_t(i)]) - mean)) < 2e-6);
            }
        }
    }

    void theLargestIsTheFirstAndANaN()
    {
        const std::vector<float> values{1, 3, 3, 2, std::nanf(""), 7};
        const Variable x(Tensor::fromHost(values, {2, 3}), true);
        const Variable largest = max(x, 1);
        QVERIFY(largest.value().toHost()[0] == 3.f && std::isnan(largest.value().toHost()[1]));
        backward(sum(largest));
        QCOMPARE(x.grad().toHost(), (std::vector<float>{0, 1, 0, 0, 1, 0}));
    }

    void detachStopsTheGradient()
    {
        // y = x detach(x): dy/dx = x, where that of x x is 2 x; and nothing at all where everything is detached.
        const Variable x = parameter({3}, 1);
        backward(total(multiply(x, detach(x))));
        QCOMPARE(x.grad().toHost(), x.value().toHost());
        QVERIFY(!detach(scale(x, 2.f)).requiresGrad());
    }

    void imagesAreCutIntoPatchesAndPutTogether()
    {
        // Patch (1, 0) of two by two of the second image begins at its row 2, column 0.
        const Variable image = parameter({2, 4, 6, 3}, 1);
        const Variable patches = reshape(swapAxes(reshape(image, {2, 2, 2, 3, 6}), 2), {2, 6, 12});
        const std::vector<float> pixels = image.value().toHost(), cut = patches.value().toHost();
        for (int row = 0; row < 2; ++row)
            for (int i = 0; i < 6; ++i)
                QCOMPARE(cut[size_t((1 * 6 + 3) * 12 + row * 6 + i)], pixels[size_t(((1 * 4 + 2 + row) * 6) * 3 + i)]);
        const Variable again = reshape(swapAxes(reshape(patches, {2, 2, 3, 2, 6}), 2), {2, 4, 6, 3});
        QCOMPARE(again.value().toHost(), pixels);
    }

    void operationsRefuseShapesThatDoNotFit_data();
    void operationsRefuseShapesThatDoNotFit();
};

using Mistake = std::function<Variable()>;
Q_DECLARE_METATYPE(Mistake)

void TestAutograd::operationsRefuseShapesThatDoNotFit_data()
{
    QTest::addColumn<Mistake>("mistake");
    QTest::addColumn<QString>("message");
    const auto mistake = [](const char *message, Mistake call) { QTest::newRow(message) << call << message; };
    mistake("[add] shapes do not fit each other: [2, 3] and [3, 2]", [] { return add(constant({2, 3}), constant({3, 2})); });
    mistake("[multiply] shapes do not fit each other: [2] and [3]", [] { return multiply(constant({2}), constant({3})); });
    mistake("[subtract] shapes do not fit each other: [2, 3] and [2]", [] { return subtract(constant({2, 3}), constant({2})); });
    mistake("[divide] shapes do not fit each other: [4, 2, 3] and [2, 1, 3]", [] { return divide(constant({4, 2, 3}), constant({2, 1, 3})); });
    mistake("[meanRows] there is not one length for each of x's first axis: [2, 3, 4] and [3]", [] {
        return meanRows(constant({2, 3, 4}), Tensor::fromHost(std::vector<int32_t>{1, 1, 1}, {3}));
    });
    mistake("[meanRows] length 4 at position 1 is not one of 0 .. 3", [] {
        return meanRows(constant({2, 3, 4}), Tensor::fromHost(std::vector<int32_t>{1, 4}, {2}));
    });
    mistake("[mean] axis 1 is empty: [2, 0]", [] { return mean(constant({2, 0}), 1); });
    mistake("[max] axis 0 is empty: [0, 2]", [] { return max(constant({0, 2}), 0); });
    mistake("[sum] there is no axis 2: [2, 3]", [] { return sum(constant({2, 3}), 2); });
    mistake("[matmul] inner extents differ: [2, 3] and [2, 3]", [] { return matmul(constant({2, 3}), constant({2, 3})); });
    mistake("[matmul] the left matrix has not 2 axes: [2]", [] { return matmul(constant({2}), constant({2, 3})); });
    mistake("[linear] x and the weight differ in features: [2, 3] and [4, 2]", [] { return linear(constant({2, 3}), constant({4, 2})); });
    mistake("[linear] the bias does not fit the weight: [3] and [4, 3]", [] { return linear(constant({2, 3}), constant({4, 3}), constant({3})); });
    mistake("[reshape] [2, 3] and [4] differ in size", [] { return reshape(constant({2, 3}), {4}); });
    mistake("[flatten] x has fewer than 2 axes: [4]", [] { return flatten(constant({4})); });
    mistake("[concat] parts differ in more than axis 0: [2, 3] and [2, 4]", [] { return concatRows(constant({2, 3}), constant({2, 4})); });
    mistake("[concat] parts differ in more than axis 1: [2, 3] and [3, 3]", [] { return concatColumns(constant({2, 3}), constant({3, 3})); });
    mistake("[concat] takes 1 .. 32 parts, not 0", [] { return concat({}, 0); });
    mistake("[slice] there are no 3 from 2 on along axis 0: [4, 3]", [] { return sliceRows(constant({4, 3}), 2, 3); });
    mistake("[slice] there are no 1 from -1 on along axis 1: [4, 3]", [] { return sliceColumns(constant({4, 3}), -1, 1); });
    mistake("[slice] there is no axis 2: [4, 3]", [] { return slice(constant({4, 3}), 2, 0, 1); });
    mistake("[swapAxes] there is no axis behind axis 1: [4, 3]", [] { return swapAxes(constant({4, 3}), 1); });
    mistake("[swapAxes] there is no axis -2: [4]", [] { return transpose(constant({4})); });
    mistake("[conv2d] x and the weight differ in channels: [2, 8, 8, 3] and [4, 3, 3, 1]", [] {
        return conv2d(constant({2, 8, 8, 3}), constant({4, 3, 3, 1}), {}, {});
    });
    mistake("[conv2d] the weight is larger than the padded image: [2, 2, 2, 1] and [4, 3, 3, 1]", [] {
        return conv2d(constant({2, 2, 2, 1}), constant({4, 3, 3, 1}), {}, {});
    });
    mistake("[conv2d] stride 0 and padding 0 do not fit: [2, 8, 8, 1] and [4, 3, 3, 1]", [] {
        return conv2d(constant({2, 8, 8, 1}), constant({4, 3, 3, 1}), {}, {.stride = 0});
    });
    mistake("[conv2d] stride 1 x 0 and padding 0 do not fit: [2, 8, 8, 1] and [4, 3, 3, 1]", [] {
        return conv2d(constant({2, 8, 8, 1}), constant({4, 3, 3, 1}), {}, {.stride = {1, 0}});
    });
    mistake("[conv1d] the weight has not 3 axes: [4, 1, 3, 1]", [] { return conv1d(constant({2, 8, 1}), constant({4, 1, 3, 1}), {}); });
    mistake("[transposedConv2d] x and the weight differ in channels: [2, 4, 4, 3] and [4, 3, 3, 3]", [] {
        return transposedConv2d(constant({2, 4, 4, 3}), constant({4, 3, 3, 3}), {}, {});
    });
    mistake("[transposedConv2d] padding 2 leaves nothing: [2, 1, 1, 4] and [4, 3, 3, 3]", [] {
        return transposedConv2d(constant({2, 1, 1, 4}), constant({4, 3, 3, 3}), {}, {.padding = 2});
    });
    mistake("[upsample] the factor 0 is not at least 1: [2, 4, 4, 3]", [] { return upsample(constant({2, 4, 4, 3}), 0); });
    mistake("[repeat] axis 0 is not 1, to be repeated 3 times: [2, 4]", [] { return repeat(constant({2, 4}), 0, 3); });
    mistake("[maxPool] kernel 1 x 5, stride 2, padding 0: the window is larger than the padded image: [1, 4, 4, 1]", [] {
        return maxPool(constant({1, 4, 4, 1}), {.kernel = {1, 5}});
    });
    mistake("[conv2d] the bias does not fit the weight: [3] and [4, 3, 3, 1]", [] {
        return conv2d(constant({2, 8, 8, 1}), constant({4, 3, 3, 1}), constant({3}), {});
    });
    mistake("[batchNorm] a parameter does not have one value per channel of x: [4, 3] and [2]", [] {
        BatchNormState state{Tensor::zeros({3}), Tensor::zeros({3})};
        return batchNorm(constant({4, 3}), constant({2}), constant({3}), state, {});
    });
    mistake("[layerNorm] a parameter does not have one value per channel of x: [4, 3] and [4]", [] {
        return layerNorm(constant({4, 3}), constant({3}), constant({4}));
    });
    mistake("[maxPool] kernel 5, stride 2, padding 0: the window is larger than the padded image: [1, 4, 4, 1]", [] {
        return maxPool(constant({1, 4, 4, 1}), {.kernel = 5});
    });
    mistake("[avgPool] kernel 2, stride 2, padding 2 do not make a window: [1, 4, 4, 1]", [] { return avgPool(constant({1, 4, 4, 1}), {.padding = 2}); });
    mistake("[avgPool] x has not 4 axes: [4, 4]", [] { return avgPool(constant({4, 4}), {.kernel = 0}); });
    mistake("[crossEntropy] there is not one target per row of logits: [2, 3] and [3]", [] {
        return crossEntropy(constant({2, 3}), Tensor::fromHost(std::vector<int32_t>{0, 1, 2}, {3}));
    });
    mistake("[crossEntropy] target 3 of row 1 is not one of 3 classes", [] {
        return crossEntropy(constant({2, 3}), Tensor::fromHost(std::vector<int32_t>{0, 3}, {2}));
    });
    mistake("[meanSquaredError] shapes differ: [2] and [3]", [] { return meanSquaredError(constant({2}), constant({3})); });
    mistake("[ntXent] z has not two rows for each sample: [3, 2]", [] { return ntXent(constant({3, 2}), 0.5f); });
    mistake("[ntXent] temperature -1.000000 is not above zero", [] { return ntXent(constant({4, 2}), -1.f); });
    mistake("[relu] an operand is undefined", [] { return activation(Variable(), Activation::relu); });
    mistake("[add] an operand is not of 32-bit floats: [2]", [] { return add(constant({2}), Variable(Tensor({2}, DType::bf16))); });
}

void TestAutograd::operationsRefuseShapesThatDoNotFit()
{
    QFETCH(Mistake, mistake);
    QFETCH(QString, message);
    QCOMPARE(messageOf<std::invalid_argument>([&] { mistake(); }), message);
}

QTEST_APPLESS_MAIN(TestAutograd)
#include "tst_autograd.moc"
