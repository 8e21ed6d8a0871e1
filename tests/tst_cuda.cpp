// The CUDA backend against the CPU's, operation by operation, on shapes that fill no block; with cuBLAS and without it; in floats and in bfloat16.
// Runs on CUDA on the host (tests/cudahost), which looks at every access, or with PRETEXT_CUDAHOST=OFF on a card.
#include "core/backend/access.h"
#include "core/backend/profiled.h"
#include "core/system/describe.h"
#include "core/system/threads.h"
#include "core/tensor/random.h"
#include "tests/testdevice.h"

#include <QTest>

#include <cmath>
#include <functional>

using namespace pretext;

namespace {

const Backend &now()
{
    return backend(DeviceScope::current());
}

/// Numbers between -1 and 1, the same on each device; as bfloat16 rounded.
Tensor random(const Shape &shape, uint32_t seed, DType type = DType::f32, float low = -1, float high = 1)
{
    Random numbers(11, seed);
    std::vector<float> values(static_cast<size_t>(shape.size()));
    for (float &value : values)
        value = numbers.uniform(low, high);
    Tensor plain = Tensor::fromHost(values, shape), typed(shape, type);
    now().copy(plain, typed);
    return typed;
}

Tensor integers(const Shape &shape, uint32_t seed, int low, int high)
{
    Random numbers(12, seed);
    std::vector<int32_t> values(static_cast<size_t>(shape.size()));
    for (int32_t &value : values)
        value = low + int32_t(numbers.below(uint32_t(high - low)));
    return Tensor::fromHost(values, shape);
}

struct Case
{
    QString name;
    std::function<std::vector<Tensor>()> run; // on the current device
};

std::vector<std::vector<float>> resultsOn(Device device, const Case &c)
{
    const DeviceScope scope(device);
    std::vector<std::vector<float>> all;
    for (const Tensor &tensor : c.run())
        all.push_back(tensor.toHost());
    return all;
}

constexpr DType kTypes[] = {DType::f32, DType::bf16};

QString nameOfType(DType type)
{
    return type == DType::bf16 ? "bf16 " : "f32 ";
}
QString text(const Shape &shape)
{
    return QString::fromStdString(shape.str());
}

void addElementwise(std::vector<Case> &cases)
{
    for (const int64_t size : {1, 31, 257, 1031})
        for (const DType type : kTypes)
            for (int kind = 0; kind <= int(Unary::abs); ++kind)
                cases.push_back({QString("unary %1%2 %3").arg(nameOfType(type), nameOf(Unary(kind))).arg(size), [=] {
                                     const bool positive = Unary(kind) == Unary::log || Unary(kind) == Unary::sqrt;
                                     const Tensor x = random({size}, 1, type, positive ? 0.1f : -3.f, 3.f), dy = random({size}, 2, type);
                                     Tensor y({size}, type), dx({size}, type);
                                     now().unary(x, {Unary(kind)}, y);
                                     now().unaryBackward(x, dy, {Unary(kind)}, dx);
                                     return std::vector{y, dx};
                                 }});
    for (const auto &[a, b] :
         std::vector<std::pair<Shape, Shape>>{{{257}, {257}}, {{5, 7, 3}, {3}}, {{5, 1, 3}, {5, 7, 1}}, {{1}, {11, 13}}, {{3, 1, 5, 1}, {4, 1, 6}}, {{1}, {1}}})
        for (const DType type : kTypes)
            for (int kind = 0; kind < 4; ++kind)
                cases.push_back({"binary " + nameOfType(type) + text(a) + " " + text(b) + QString::number(kind), [=, a = a, b = b] {
                                     std::vector<int64_t> extents;
                                     const int rank = std::max(a.rank(), b.rank());
                                     Shape shape = a.rank() >= b.rank() ? a : b;
                                     for (int axis = 1; axis <= rank; ++axis)
                                         shape = shape.withAxis(rank - axis, std::max(axis <= a.rank() ? a[-axis] : 1, axis <= b.rank() ? b[-axis] : 1));
                                     Tensor y(shape, type);
                                     now().binary(random(a, 3, type), random(b, 4, type, 0.5f, 2.f), {Binary(kind)}, y);
                                     return std::vector{y};
                                 }});
    cases.push_back({"elementwise", [] {
                         Tensor y = random({1031}, 5), z = random({1031}, 6), near({1031}), half({77}, DType::bf16), whole({77}, DType::i32), wide({77});
                         const Tensor x = random({1031}, 7);
                         now().copy(y, near);
                         now().lerp(x, 0.01f, near);
                         now().lerp(x, 0.9f, y);
                         now().scale(x, 3.f, z);
                         now().fill(half, 0.3f);
                         now().fill(whole, 7);
                         now().copy(whole, wide);
                         Tensor squares({130}), empty({0}), none({0});
                         std::vector<Tensor> many;
                         for (uint32_t i = 0; i < 130; ++i)
                             many.push_back(random({int64_t(i) * 37 % 1500 + 1}, i));
                         now().sumSquares(many, squares);
                         now().scale(empty, 2.f, none);
                         return std::vector{y, near, z, half, wide, squares};
                     }});
    for (const float rate : {0.f, 0.1f, 0.5f})
        cases.push_back({QString("dropout %1").arg(double(rate)), [=] {
                             Tensor y({1031});
                             now().dropout(random({1031}, 8), {rate, {0x123456789abcdefull, 7, 3}}, y);
                             return std::vector{y};
                         }});
}

void addReductions(std::vector<Case> &cases)
{
    for (const Shape &shape : {Shape{1, 1, 1}, {3, 5, 7}, {1, 1100, 1}, {1100, 3}, {2, 1500}, {2, 300, 33}, {1, 5000}})
        for (int axis = 0; axis < shape.rank(); ++axis)
            for (int kind = 0; kind < 3; ++kind)
                cases.push_back({QString("reduce %1 %2 %3").arg(text(shape)).arg(axis).arg(kind), [=] {
                                     const ReduceOptions options{Reduction(kind), axis};
                                     const Shape reduced = shape.withAxis(axis, 1);
                                     Tensor y(reduced), argmax = kind == 2 ? Tensor(reduced, DType::i32) : Tensor(), dx(shape);
                                     now().reduce(random(shape, 9), options, y, argmax);
                                     now().reduceBackward(random(reduced, 10), argmax, options, dx);
                                     return std::vector{y, dx};
                                 }});
    for (const Shape &shape : {Shape{1, 1}, {3, 33}, {9, 1025}, {2, 2051}, {33, 7}})
        cases.push_back({"rows " + text(shape), [=] {
                             const int64_t rows = shape[0], width = shape[1];
                             const Tensor x = random(shape, 11, DType::f32, -4, 4), dy = random(shape, 12), gamma = random({width}, 13),
                                          beta = random({width}, 14);
                             const Tensor targets = integers({rows}, 15, -1, int(width)), slope = random({1}, 16);
                             Tensor p(shape), dp(shape), n(shape), dn(shape), loss({1}), each({rows}), dlogits(shape), apart({1}), dx(shape);
                             Tensor mean({rows}), inverse({rows}), layer(shape), dlayer(shape), dgamma({width}), dbeta({width});
                             now().softmax(x, p);
                             now().softmaxBackward(p, dy, dp);
                             now().normalize(x, {}, n);
                             now().normalizeBackward(x, dy, {}, dn);
                             now().crossEntropy(x, targets, each, loss);
                             now().crossEntropyBackward(x, targets, slope, dlogits);
                             now().meanSquaredError(x, dy, apart);
                             now().meanSquaredErrorBackward(x, dy, slope, dx);
                             now().layerNorm(x, gamma, beta, {}, mean, inverse, layer);
                             now().layerNormBackward(x, dy, gamma, mean, inverse, dlayer, dgamma, dbeta);
                             std::vector all{p, dp, n, dn, each, loss, dlogits, apart, dx};
                             if (width > 1) // of one number the deviation is all rounding
                                 all.insert(all.end(), {layer, dlayer, dgamma, dbeta});
                             return all;
                         }});
}

void addShapes(std::vector<Case> &cases)
{
    for (const DType type : kTypes)
        for (const Shape &shape : {Shape{3, 5, 7}, {1, 1, 1}, {33, 65, 1}, {2, 3, 70}, {5, 31, 33}})
            for (int axis = 0; axis < 3; ++axis)
                cases.push_back({QString("moves %1%2 %3").arg(nameOfType(type), text(shape)).arg(axis), [=] {
                                     const Tensor x = random(shape, 17, type);
                                     const int64_t first = shape[axis] / 2;
                                     Tensor part(shape.withAxis(axis, shape[axis] - first), type), whole = random(shape, 18, type);
                                     now().slice(x, {axis, first}, part);
                                     now().place(part, {axis, 0}, whole);
                                     std::vector all{part, whole};
                                     if (axis < 2) {
                                         Tensor swapped(shape.withAxis(axis, shape[axis + 1]).withAxis(axis + 1, shape[axis]), type);
                                         now().swapAxes(x, {axis}, swapped);
                                         all.push_back(swapped);
                                     }
                                     return all;
                                 }});
}

void addProducts(std::vector<Case> &cases)
{
    struct Extents
    {
        int64_t rows, columns, inner;
    };
    for (const auto &[rows, columns, inner] : {Extents{1, 1, 1}, {65, 67, 19}, {3, 130, 300}, {17, 5, 1200}, {64, 64, 16}})
        for (int way = 0; way < 20; ++way) // the last four: tf32
            cases.push_back(
                {QString("matmul %1 x %2 x %3 way %4").arg(rows).arg(columns).arg(inner).arg(way), [=, rows = rows, columns = columns, inner = inner] {
                     const bool a = way & 1, b = way & 2, narrow = way & 4, kept = way & 8;
                     const DType type = narrow && kept ? DType::bf16 : DType::f32;
                     MatmulOptions options{a, b, 0.5f, kept && !narrow ? 2.f : 0.f, narrow ? Precision::bf16 : way & 16 ? Precision::tf32 : Precision::f32};
                     Tensor y = random({rows, columns}, 19, type);
                     now().matmul(random(a ? Shape{inner, rows} : Shape{rows, inner}, 20, type), random(b ? Shape{columns, inner} : Shape{inner, columns}, 21),
                                  options, y);
                     return std::vector{y};
                 }});
    for (const DType type : kTypes)
        for (const Unary kind : {Unary::none, Unary::relu, Unary::gelu})
            for (const bool biased : {true, false})
                cases.push_back({QString("linear %1%2 %3").arg(nameOfType(type), nameOf(kind)).arg(biased), [=] {
                                     const LinearOptions options{kind, type == DType::bf16 ? Precision::bf16 : Precision::f32};
                                     const Tensor x = random({37, 29}, 22, type), w = random({71, 29}, 23);
                                     Tensor y({37, 71}, type), z = kind == Unary::none ? Tensor() : Tensor({37, 71}, type), dw({71, 29}), db({71});
                                     now().linear(x, w, biased ? random({71}, 24) : Tensor(), options, y, z);
                                     now().linearBackwardWeight(x, random({37, 71}, 25, type), options, dw, db);
                                     std::vector all{y, dw, db};
                                     if (z.defined())
                                         all.push_back(z);
                                     return all;
                                 }});
    for (const auto &[x, w, options] : std::vector<std::tuple<Shape, Shape, Conv2dOptions>>{{{2, 7, 5, 3}, {4, 3, 3, 3}, {1, 1}},
                                                                                            {{3, 9, 8, 5}, {7, 3, 2, 5}, {{2, 1}, {1, 0}}},
                                                                                            {{1, 1, 11, 16}, {16, 1, 3, 16}, {1, {0, 1}}},
                                                                                            {{2, 8, 8, 1}, {65, 8, 8, 1}, {8, 0}},
                                                                                            {{4, 17, 17, 2}, {3, 1, 1, 2}, {2, 0}},
                                                                                            {{2, 6, 6, 8}, {8, 5, 5, 8}, {3, 4}}})
        for (const auto &[type, precision] : {std::pair(DType::f32, Precision::f32), {DType::bf16, Precision::bf16}, {DType::f32, Precision::tf32}})
            cases.push_back({QString("conv2d ") + nameOf(precision) + " " + text(x) + " " + text(w),
                             [=, x = x, w = w, options = options, type = type, precision = precision]() mutable {
                                 options.precision = precision;
                                 const auto extent = [](int64_t in, int64_t kernel, int stride, int padding) {
                                     return (in + 2 * padding - kernel) / stride + 1;
                                 };
                                 const Shape out{x[0], extent(x[1], w[1], options.stride.y, options.padding.y),
                                                 extent(x[2], w[2], options.stride.x, options.padding.x), w[0]};
                                 const Tensor image = random(x, 26, type), weight = random(w, 27), bias = random({w[0]}, 28), dy = random(out, 29, type);
                                 Tensor y(out, type), dx(x, type), dw(w), db({w[0]});
                                 now().conv2d(image, weight, bias, options, y);
                                 now().conv2dBackwardData(dy, weight, options, dx);
                                 now().conv2dBackwardWeight(image, dy, options, dw, db);
                                 return std::vector{y, dx, dw, db};
                             }});
}

std::vector<Tensor> normTwice(const Shape &shape, DType type, Activation kind, bool training, bool added)
{
    const int64_t channels = shape[-1], rows = shape.size() / channels;
    const Tensor x = random(shape, 30, type), gamma = random({channels}, 31), beta = random({channels}, 32),
                 residual = added ? random(shape, 33, type) : Tensor();
    const BatchNormOptions options{.training = training, .activation = kind};
    Tensor mean = random({channels}, 34), variance = random({channels}, 35, DType::f32, 0.5f, 2.f), savedMean({channels}), saved({channels});
    Tensor y(shape, type), again(shape, type), signs = kind == Activation::relu ? Tensor({(rows + 31) / 32, channels}, DType::i32) : Tensor();
    now().batchNorm(x, gamma, beta, residual, options, mean, variance, savedMean, saved, y, signs);
    now().batchNormAgain(x, gamma, beta, residual, options, savedMean, saved, again);
    Tensor dx(shape, type), dgamma({channels}), dbeta({channels}), dresidual = added ? Tensor(shape, type) : Tensor();
    const Tensor kept = kind == Activation::relu ? signs : kind == Activation::none ? Tensor() : y;
    now().batchNormBackward(x, kept, random(shape, 36, type), gamma, savedMean, saved, options, dx, dgamma, dbeta, dresidual);
    std::vector all{mean, variance, savedMean, y, again};
    if (rows > 1 || !training) // of one row the deviation is all rounding
        all.insert(all.end(), {saved, dx, dgamma, dbeta});
    if (added)
        all.push_back(dresidual);
    return all;
}

void addImages(std::vector<Case> &cases)
{
    for (const Shape &shape : {Shape{1, 5}, {33, 1}, {70, 33}, {3, 7, 7, 5}, {300, 3}})
        for (const DType type : kTypes)
            for (const Activation kind : {Activation::none, Activation::relu, Activation::tanh, Activation::sigmoid})
                for (int way = 0; way < 4; ++way)
                    cases.push_back({QString("batchNorm %1%2 %3 %4").arg(nameOfType(type), text(shape), nameOf(kind)).arg(way),
                                     [=] { return normTwice(shape, type, kind, way & 1, way & 2); }});
    for (const auto &[shape, options] : std::vector<std::pair<Shape, PoolOptions>>{{{2, 7, 5, 3}, {2, 2, 0}},
                                                                                   {{1, 9, 9, 1}, {3, 2, 1}},
                                                                                   {{3, 5, 4, 33}, {0, 1, 0}},
                                                                                   {{2, 6, 7, 2}, {{3, 2}, {1, 3}, {1, 0}}},
                                                                                   {{2, 5, 5, 3}, {2, 3, 0}}})
        cases.push_back({"pool " + text(shape), [=, shape = shape, options = options] {
                             const bool all = options.kernel == 0;
                             const Shape out{shape[0], all ? 1 : (shape[1] + 2 * options.padding.y - options.kernel.y) / options.stride.y + 1,
                                             all ? 1 : (shape[2] + 2 * options.padding.x - options.kernel.x) / options.stride.x + 1, shape[3]};
                             Tensor y(out), argmax(out, DType::i32), dx(shape), average(out), da(shape), narrow(shape, DType::bf16), ofNarrow(out);
                             now().maxPool(random(shape, 37), options, y, argmax);
                             now().maxPoolBackward(random(out, 38), argmax, options, dx);
                             now().avgPool(random(shape, 39), options, average);
                             now().avgPoolBackward(random(out, 40), options, da);
                             now().avgPool(random(shape, 41, DType::bf16), options, ofNarrow);
                             now().avgPoolBackward(random(out, 42), options, narrow);
                             return std::vector{y, dx, average, da, ofNarrow, narrow};
                         }});
}

void addTokens(std::vector<Case> &cases)
{
    for (const int64_t width : {1, 33, 130, 300})
        cases.push_back(
            {QString("tokens of %1").arg(width), [=] {
                 const Tensor ids = integers({67}, 43, 0, 19), table = random({19, width}, 44), dy = random({67, width}, 45);
                 const Tensor x = random({3, 5, width}, 46), positions = random({9, width}, 47), lengths = Tensor::fromHost(std::vector<int32_t>{0, 5, 3}, {3});
                 Tensor y({67, width}), dtable({19, width}), placed({3, 5, width}), dpositions({9, width}), mean({3, width}), dx({3, 5, width});
                 now().gatherRows(table, ids, y);
                 now().scatterRows(dy, ids, dtable);
                 now().addPositions(x, positions, placed);
                 now().addPositionsBackward(x, dpositions);
                 now().meanRows(x, lengths, mean);
                 now().meanRowsBackward(random({3, width}, 48), lengths, dx);
                 return std::vector{y, dtable, placed, dpositions, mean, dx};
             }});
}

struct AttentionCase
{
    int64_t samples, queries, keys, features;
    int heads, packed; // 1 .. 3 tensors
    bool causal, lengths, prefixes, allowed;
    float dropout;
};

std::vector<Tensor> attend(const AttentionCase &c, DType type)
{
    const int64_t width = c.features * c.heads;
    const Shape ofQ{c.samples, c.queries, c.packed == 1 ? 3 * width : width}, ofK{c.samples, c.keys, c.packed == 2 ? 2 * width : width},
        ofY{c.samples, c.queries, width};
    const auto other = [&](uint32_t seed, int least) { return c.packed >= least ? random(ofK, seed, type) : Tensor(); };
    const Tensor q = random(ofQ, 49, type), k = other(50, 2), v = other(51, 3);
    AttentionMask mask;
    if (c.lengths) {
        mask.queryLengths = integers({c.samples}, 52, 0, int(c.queries) + 1);
        mask.keyLengths = integers({c.samples}, 53, 0, int(c.keys) + 1);
    }
    if (c.prefixes)
        mask.prefixLengths = integers({c.samples}, 54, 0, int(c.keys));
    if (c.allowed)
        mask.allowed = integers({1, c.queries, c.keys}, 55, 0, 2);
    const AttentionOptions options{c.heads, c.causal, {c.dropout, {99, 4, 2}}};
    Tensor logSumExp({c.samples, c.heads, c.queries}), y(ofY, type), weights({c.samples, c.heads, c.queries, c.keys});
    now().attention(q, k, v, mask, options, logSumExp, y);
    Tensor dq(ofQ, type), dk = k.defined() ? Tensor(ofK, type) : Tensor(), dv = v.defined() ? Tensor(ofK, type) : Tensor();
    now().attentionBackward(q, k, v, mask, logSumExp, y, random(ofY, 56, type), options, dq, dk, dv);
    std::vector all{y, dq};
    for (const Tensor &more : {dk, dv})
        if (more.defined())
            all.push_back(more);
    if (type == DType::f32) {
        now().attentionWeights(q, k, mask, options, weights);
        all.push_back(weights);
    }
    return all;
}

void addAttention(std::vector<Case> &cases)
{
    int number = 0;
    for (const AttentionCase &c : {AttentionCase{1, 1, 1, 1, 1, 1, false, false, false, false, 0},
                                   {2, 37, 37, 5, 3, 1, true, true, false, false, 0.1f},
                                   {2, 33, 70, 16, 2, 3, false, true, false, true, 0},
                                   {3, 9, 41, 8, 1, 2, false, true, false, false, 0.3f},
                                   {2, 40, 40, 8, 2, 3, true, false, true, false, 0},
                                   {1, 20, 20, 100, 1, 1, true, false, false, true, 0},
                                   {1, 5, 18, 200, 1, 3, false, false, false, false, 0}})
        for (const DType type : kTypes)
            cases.push_back({QString("attention %1%2").arg(nameOfType(type)).arg(type == DType::f32 ? number++ : number - 1), [=] { return attend(c, type); }});
}

void addLosses(std::vector<Case> &cases)
{
    for (const auto &[pairs, width] : std::vector<std::pair<int64_t, int64_t>>{{1, 3}, {2, 1}, {17, 33}, {70, 20}})
        cases.push_back({QString("ntXent %1 %2").arg(pairs).arg(width), [=, pairs = pairs, width = width] {
                             Tensor z({2 * pairs, width}), each({2 * pairs}), nearest({2 * pairs}), loss({1}), dz({2 * pairs, width});
                             now().normalize(random({2 * pairs, width}, 57), {}, z);
                             now().ntXent(z, {0.3f}, each, nearest, loss);
                             now().ntXentBackward(z, each, random({1}, 58), {0.3f}, dz);
                             return pairs > 1 ? std::vector{each, loss, dz, nearest} : std::vector{each, loss, dz};
                         }});
    cases.push_back({"optimizers", [] {
                         const Tensor g = random({1031}, 59);
                         std::vector<Tensor> w, m;
                         for (uint32_t i = 0; i < 5; ++i) {
                             w.push_back(random({1031}, 60));
                             m.push_back(random({1031}, 61 + i));
                         }
                         Tensor second = random({1031}, 70, DType::f32, 0, 1), other = random({1031}, 71, DType::f32, 0, 1);
                         now().sgd(g, {0.1f, 0.9f, 1e-3f, true}, w[0], m[0]);
                         now().sgd(g, {0.1f, 0.9f, 1e-3f, false}, w[1], m[1]);
                         now().adam(g, {0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, true, 3}, w[2], m[2], second);
                         now().adam(g, {0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, false, 3}, w[3], m[3], other);
                         now().lars(g, {0.1f, 0.9f, 1e-3f, 0.01f, 1e-8f}, w[4], m[4]);
                         std::vector all = w;
                         all.insert(all.end(), m.begin(), m.end());
                         return all;
                     }});
}

const std::vector<Case> &allCases()
{
    static const std::vector<Case> all = [] {
        std::vector<Case> cases;
        addElementwise(cases);
        addReductions(cases);
        addShapes(cases);
        addProducts(cases);
        addImages(cases);
        addTokens(cases);
        addAttention(cases);
        addLosses(cases);
        return cases;
    }();
    return all;
}

/// The largest difference, relative to the largest magnitude that is expected (absolute below 1).
double differenceOf(const std::vector<float> &expected, const std::vector<float> &got)
{
    double largest = 1, difference = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
        if (std::isfinite(expected[i]))
            largest = std::max(largest, std::abs(double(expected[i])));
        if (std::isnan(expected[i]) != std::isnan(got[i]) || (std::isinf(expected[i]) && expected[i] != got[i]))
            return INFINITY;
        if (std::isfinite(expected[i]))
            difference = std::max(difference, std::abs(double(expected[i]) - double(got[i])));
    }
    return difference / largest;
}

QString messageOf(const std::function<void()> &act)
{
    try {
        act();
    } catch (const std::exception &error) {
        return QString::fromStdString(describe(error));
    }
    return {};
}

/// Hears which operations ran.
struct Heard : OperationListener
{
    void ran(const OperationRun &run) override { ++count[size_t(run.operation)]; }
    int count[kOperationCount] = {};
};

} // namespace

class TestCuda : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        setThreads(1);
        if (!available(Device::cuda))
            QSKIP("there is no CUDA here");
    }

    void cleanup()
    {
        testing::watch(true);
        testing::hideCublas(false);
        QCOMPARE(testing::findings(), QString());
    }

    void agreesWithTheProcessor_data()
    {
        QTest::addColumn<int>("index");
        QTest::addColumn<bool>("ours");
        for (size_t i = 0; i < allCases().size(); ++i)
            QTest::newRow(qPrintable(allCases()[i].name)) << int(i) << false;
        for (size_t i = 0; testing::canHideCublas() && i < allCases().size(); ++i)
            if (allCases()[i].name.startsWith("matmul") || allCases()[i].name.startsWith("linear"))
                QTest::newRow(qPrintable(allCases()[i].name + " without cuBLAS")) << int(i) << true;
    }

    void agreesWithTheProcessor()
    {
        QFETCH(int, index);
        QFETCH(bool, ours);
        const Case &c = allCases()[size_t(index)];
        testing::hideCublas(ours);
        const auto expected = resultsOn(Device::cpu, c), got = resultsOn(Device::cuda, c);
        QCOMPARE(got.size(), expected.size());
        // A last bit of bfloat16, and of tf32.
        const double tolerance = c.name.contains("bf16") || c.name.contains("tf32") || c.name.startsWith("pool") || c.name.contains("matmul") ? 1e-2 : 3e-5;
        for (size_t i = 0; i < expected.size(); ++i)
            QVERIFY2(differenceOf(expected[i], got[i]) <= tolerance,
                     qPrintable(QString("result %1 differs by %2").arg(i).arg(differenceOf(expected[i], got[i]))));
    }

    void noOperationIsLeftOut()
    {
        testing::watch(false);
        Heard heard;
        {
            const ListenToOperations listening(&heard);
            for (const Case &c : allCases())
                resultsOn(Device::cuda, c);
        }
        for (size_t i = 0; i < kOperationCount; ++i)
            QVERIFY2(heard.count[i] > 0, (std::string(nameOf(OperationId(i))) + " is in no case of this test").c_str());
    }

    void equalInputsGiveEqualBits()
    {
        testing::watch(false);
        for (const Case &c : allCases())
            if (c.name.contains("attention") || c.name.contains("conv2d") || c.name.contains("tokens") || c.name.contains("rows"))
                for (int round = 0; round < 2; ++round) {
                    const auto first = resultsOn(Device::cuda, c), second = resultsOn(Device::cuda, c);
                    for (size_t i = 0; i < first.size(); ++i)
                        QVERIFY2(std::equal(first[i].begin(), first[i].end(), second[i].begin(), [](float a, float b) { return a == b || (a != a && b != b); }),
                                 qPrintable(c.name));
                }
    }

    /// Else tf32 would be no faster than floats: its results are near theirs, and not theirs.
    void tf32IsMultipliedByTensorCores()
    {
        testing::watch(false);
        const DeviceScope scope(Device::cuda);
        QCOMPARE(precisionNamed("tf32"), Precision::tf32);
        const Tensor x = random({2, 7, 5, 3}, 1), w = random({4, 3, 3, 3}, 2);
        Tensor whole({2, 7, 5, 4}), rounded({2, 7, 5, 4});
        now().conv2d(x, w, Tensor(), {1, 1}, whole);
        now().conv2d(x, w, Tensor(), {1, 1, Precision::tf32}, rounded);
        const auto expected = whole.toHost(), got = rounded.toHost();
        QVERIFY(differenceOf(expected, got) > 1e-6);
        QVERIFY(differenceOf(expected, got) < 2e-3);
    }

    void wrongNumbersAreNamed()
    {
        const DeviceScope scope(Device::cuda);
        QCOMPARE(messageOf([] {
                     Tensor y({2, 3});
                     now().gatherRows(random({5, 3}, 1), Tensor::fromHost(std::vector<int32_t>{4, 5}, {2}), y);
                     y.toHost();
                 }),
                 "[embedding] id 5 at position 1 is not one of the table's 5 rows");
        QCOMPARE(messageOf([] {
                     Tensor each({2}), loss({1});
                     now().crossEntropy(random({2, 3}, 1), Tensor::fromHost(std::vector<int32_t>{-2, 0}, {2}), each, loss);
                     loss.item();
                 }),
                 "[crossEntropy] target -2 of row 0 is not one of 3 classes");
        QCOMPARE(messageOf([] { Tensor::zeros({3}).toHost(); }), QString()); // and it is over
    }

    void aRepeatedStepAsksForNoMemory()
    {
        if (qEnvironmentVariable("PRETEXT_CUDA_CACHE") == "off")
            QSKIP("every tensor has memory of its own");
        testing::watch(false);
        const Case &c = *std::ranges::find_if(allCases(), [](const Case &c) { return c.name.startsWith("conv2d"); });
        resultsOn(Device::cuda, c);
        const MemoryStatistics before = backend(Device::cuda).memory();
        resultsOn(Device::cuda, c);
        const MemoryStatistics after = backend(Device::cuda).memory();
        QCOMPARE(after.systemAllocations, before.systemAllocations);
        QCOMPARE(after.bytesInUse, before.bytesInUse);
        backend(Device::cuda).giveBack();
        QVERIFY(backend(Device::cuda).memory().bytesCached < after.bytesCached);
    }
};

QTEST_APPLESS_MAIN(TestCuda)
#include "tst_cuda.moc"
