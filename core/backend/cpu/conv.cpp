// Convolutions through oneDNN. Images stay NHWC, which its AVX2 and AVX-512 kernels read natively; weights are small and are
// reordered into the layout the kernel asks for. A primitive (generated code) and its scratch memory are kept per shape and thread.
// Images of bfloat16 are multiplied as such where the processor has instructions for them, else as floats; weights and sums are floats always.
#include "core/backend/cpu/converted.h"
#include "core/backend/cpu/directconv.h"
#include "core/backend/cpu/elementkinds.h"
#include "core/backend/cpu/pairconv.h"
#include "core/backend/cpu/parallel.h"
#include "core/backend/cpu/winograd.h"
#include "core/system/threads.h"

#include <dnnl.hpp>

#include <array>
#include <map>

namespace pretext::cpu {

namespace {

using Tag = dnnl::memory::format_tag;
using Desc = dnnl::memory::desc;
using Arguments = std::unordered_map<int, dnnl::memory>;

const dnnl::engine &engine()
{
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

dnnl::stream &stream()
{
    static thread_local dnnl::stream stream(engine());
    return stream;
}

Desc describe(const dnnl::memory::dims &dims, Tag tag, DType type = DType::f32)
{
    return Desc(dims, type == DType::bf16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32, tag);
}
Desc weightDesc(const Shape &s)
{
    return describe({s[0], s[3], s[1], s[2]}, Tag::ohwi);
}
dnnl::memory bind(const Desc &desc, const Tensor &x)
{
    return dnnl::memory(desc, engine(), BackendAccess::storage(x).data);
}
dnnl::memory bindImages(const Tensor &x, int64_t first, int64_t count)
{
    const Shape &s = x.shape();
    auto *data = static_cast<std::byte *>(BackendAccess::storage(x).data) + size_t(first * s[1] * s[2] * s[3]) * bytesOf(x.type());
    return dnnl::memory(describe({count, s[3], s[1], s[2]}, Tag::nhwc, x.type()), engine(), data);
}
dnnl::memory bindImage(const Tensor &x)
{
    return bindImages(x, 0, x.shape()[0]);
}

/// What fixes a convolution: shapes of image and weight, stride, padding, bias, the images' type, and the team that its kernel was planned for.
struct Geometry
{
    Shape x, w, y;
    Extent2 stride, padding;
    bool bias;
    DType type;
    Desc image(const Shape &s) const { return describe({s[0], s[3], s[1], s[2]}, Tag::nhwc, type); }
    dnnl::memory::dims strides() const { return {stride.y, stride.x}; }
    dnnl::memory::dims pads() const { return {padding.y, padding.x}; }
    Desc weightAny() const { return describe(weightDesc(w).dims(), Tag::any, type); }
    Desc weightGradientAny() const { return describe(weightDesc(w).dims(), Tag::any); }
    Desc biasDesc() const { return bias ? describe({w[0]}, Tag::x) : Desc(); }
    std::array<int64_t, 14> key() const
    {
        return {x[0], x[1], x[2], x[3], w[0], w[1], w[2], stride.y, stride.x, padding.y, padding.x, bias, threads(), int64_t(type)};
    }
};

dnnl::primitive_attr userScratchpad()
{
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

dnnl::convolution_forward::primitive_desc planForward(const Geometry &g)
{
    const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, g.image(g.x), g.weightAny(),
                                               g.biasDesc(), g.image(g.y), g.strides(), g.pads(), g.pads());
    return {desc, userScratchpad(), engine()};
}

dnnl::convolution_backward_data::primitive_desc planBackwardData(const Geometry &g)
{
    const dnnl::convolution_backward_data::desc desc(dnnl::algorithm::convolution_direct, g.image(g.x), g.weightAny(), g.image(g.y), g.strides(), g.pads(),
                                                     g.pads());
    return {desc, userScratchpad(), engine(), planForward(g)};
}

dnnl::convolution_backward_weights::primitive_desc planBackwardWeight(const Geometry &g)
{
    const dnnl::convolution_backward_weights::desc desc(dnnl::algorithm::convolution_direct, g.image(g.x), g.weightGradientAny(), g.biasDesc(), g.image(g.y),
                                                        g.strides(), g.pads(), g.pads());
    return {desc, userScratchpad(), engine(), planForward(g)};
}

template<class Plan, class Primitive>
struct Kernel
{
    explicit Kernel(Plan made) : plan(std::move(made)), primitive(plan) {}

    void run(Arguments arguments)
    {
        Tensor scratch({std::max<int64_t>(1, int64_t(plan.scratchpad_desc().get_size() / sizeof(float)) + 1)});
        arguments.emplace(DNNL_ARG_SCRATCHPAD, bind(plan.scratchpad_desc(), scratch));
        primitive.execute(stream(), arguments);
    }

    Plan plan;
    Primitive primitive;
    std::unique_ptr<dnnl::reorder> reorder; // of the weight or its gradient
};

using Forward = Kernel<dnnl::convolution_forward::primitive_desc, dnnl::convolution_forward>;
using BackwardData = Kernel<dnnl::convolution_backward_data::primitive_desc, dnnl::convolution_backward_data>;
using BackwardWeight = Kernel<dnnl::convolution_backward_weights::primitive_desc, dnnl::convolution_backward_weights>;

template<class K, class Plan>
K &cached(const Geometry &geometry, Plan plan)
{
    static thread_local std::map<std::array<int64_t, 14>, K> kernels;
    const auto key = geometry.key();
    auto found = kernels.find(key);
    if (found == kernels.end())
        found = kernels.emplace(key, K(plan(geometry))).first;
    return found->second;
}

template<class K>
void reorder(K &kernel, dnnl::memory from, dnnl::memory to)
{
    if (!kernel.reorder)
        kernel.reorder = std::make_unique<dnnl::reorder>(from, to);
    kernel.reorder->execute(stream(), from, to);
}

/// The weight in the layout that the kernel wants; `storage` holds it where that is not our own.
template<class K>
dnnl::memory weightFor(K &kernel, const Tensor &w, Tensor &storage)
{
    const dnnl::memory plain = bind(weightDesc(w.shape()), w);
    const Desc wanted = kernel.plan.weights_desc();
    if (wanted == plain.get_desc())
        return plain;
    storage = Tensor({int64_t(wanted.get_size() / sizeof(float)) + 1});
    const dnnl::memory packed = bind(wanted, storage);
    reorder(kernel, plain, packed);
    return packed;
}

/// What both images are worked on as, of a convolution by Winograd or not.
DType workingType(const Tensor &a, const Tensor &b, bool winograd)
{
    return (winograd || kMultipliesPairs) && (a.type() == DType::bf16 || b.type() == DType::bf16) ? DType::bf16 : DType::f32;
}

/// Whether it is the same along rows and columns, as our own kernels have it.
bool isSquare(const Shape &w, const Conv2dOptions &options)
{
    return w[1] == w[2] && options.stride.square() && options.padding.square();
}

/// Whether the convolution, and the one that gives dx, goes by Winograd: with few channels its transforms take longer than pairs of bfloat16.
bool byWinograd(const Tensor &x, const Tensor &w, Conv2dOptions options)
{
    constexpr int64_t kFewProducts = 16 * 16; // of a tap
    return winograd::suits(w.shape(), options) && !(kMultipliesPairs && x.type() == DType::bf16 && w.shape()[0] * w.shape()[3] <= kFewProducts);
}

void convolve(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y)
{
    if (byWinograd(x, w, options))
        return winograd::forward(x, w, bias, options, y);
    if (direct::suits(w.shape()[0]) && isSquare(w.shape(), options))
        return direct::forward(x, w, bias, options, y);
    const Geometry geometry{x.shape(), w.shape(), y.shape(), options.stride, options.padding, bias.defined(), x.type()};
    auto &kernel = cached<Forward>(geometry, planForward);
    Tensor packed;
    Arguments arguments{{DNNL_ARG_SRC, bindImage(x)}, {DNNL_ARG_WEIGHTS, weightFor(kernel, w, packed)}, {DNNL_ARG_DST, bindImage(y)}};
    if (bias.defined())
        arguments.emplace(DNNL_ARG_BIAS, bind(geometry.biasDesc(), bias));
    kernel.run(std::move(arguments));
}

void convolveBack(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx)
{
    if (byWinograd(dy, w, options))
        return winograd::backwardData(dy, w, options, dx);
    if (direct::suits(w.shape()[3]) && isSquare(w.shape(), options) && options.padding.y < w.shape()[1] && options.stride.y <= w.shape()[1])
        return direct::backwardData(dy, w, options, dx);
    const Geometry geometry{dx.shape(), w.shape(), dy.shape(), options.stride, options.padding, false, dx.type()};
    auto &kernel = cached<BackwardData>(geometry, planBackwardData);
    Tensor packed;
    kernel.run({{DNNL_ARG_DIFF_DST, bindImage(dy)}, {DNNL_ARG_WEIGHTS, weightFor(kernel, w, packed)}, {DNNL_ARG_DIFF_SRC, bindImage(dx)}});
}

BackwardWeight &backwardWeightKernel(const Tensor &x, const Tensor &dy, Conv2dOptions options, int64_t images, const Shape &w)
{
    const Shape &image = x.shape(), &gradient = dy.shape();
    const Geometry geometry{
        {images, image[1], image[2], image[3]}, w, {images, gradient[1], gradient[2], gradient[3]}, options.stride, options.padding, false, x.type()};
    return cached<BackwardWeight>(geometry, planBackwardWeight);
}

/// The gradient that images [first, first + count) give, into as many floats as the weight has.
void backwardWeightAlone(const Tensor &x, const Tensor &dy, Conv2dOptions options, int64_t first, int64_t count, const Shape &w, float *dw)
{
    auto &kernel = backwardWeightKernel(x, dy, options, count, w);
    const dnnl::memory plain(weightDesc(w), engine(), dw);
    const Desc packedDesc = kernel.plan.diff_weights_desc();
    Tensor storage({int64_t(packedDesc.get_size() / sizeof(float))});
    const dnnl::memory packed = packedDesc == plain.get_desc() ? plain : bind(packedDesc, storage);
    kernel.run({{DNNL_ARG_SRC, bindImages(x, first, count)}, {DNNL_ARG_DIFF_DST, bindImages(dy, first, count)}, {DNNL_ARG_DIFF_WEIGHTS, packed}});
    if (packed != plain)
        reorder(kernel, packed, plain);
}

/// Each thread works on images of its own, and their parts are added in order. oneDNN's team would wait for one another in a loop that burns the
/// processor: where another program has one of the cores, a step would take twenty times as long.
void backwardWeightInParts(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw)
{
    const int64_t images = x.shape()[0], size = dw.size(), parts = std::clamp<int64_t>(images, 1, threads());
    const Tensor sums({parts * size});
    {
        const ThreadBudget alone(1);
        backwardWeightKernel(x, dy, options, images / parts, dw.shape()); // what can't be planned throws here, not within the team
    }
    parallelFor(parts, 1, [&](int64_t begin, int64_t end) {
        const ThreadBudget alone(1);
        for (int64_t part = begin; part < end; ++part) {
            const int64_t first = images * part / parts;
            backwardWeightAlone(x, dy, options, first, images * (part + 1) / parts - first, dw.shape(), f32(sums) + part * size);
        }
    });
    for (int64_t i = 0; i < size; ++i)
        f32(dw)[i] = addedInOrder(f32(sums) + i, parts, size);
}

} // namespace

void conv2d(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y)
{
    const DType type = workingType(x, y, winograd::suits(w.shape(), options));
    writeAs(type, y, [&](Tensor &written) { convolve(as(type, x), w, bias, options, written); });
}

void conv2dBackwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx)
{
    const DType type = workingType(dy, dx, winograd::suits(w.shape(), options));
    writeAs(type, dx, [&](Tensor &written) { convolveBack(as(type, dy), w, options, written); });
}

void conv2dBackwardWeight(const Tensor &image, const Tensor &gradient, Conv2dOptions options, Tensor &dw, Tensor &dbias)
{
    const bool quick = winograd::suits(dw.shape(), options);
    const DType type = workingType(image, gradient, quick);
    const Tensor x = as(type, image), dy = as(type, gradient);
    const auto way = quick                                             ? winograd::backwardWeight
                     : !isSquare(dw.shape(), options)                  ? backwardWeightInParts
                     : direct::suits(dw.shape()[0])                    ? direct::backwardWeight
                     : type == DType::bf16 && pairs::suits(dw.shape()) ? pairs::backwardWeight
                                                                       : backwardWeightInParts;
    if (dbias.defined())
        sumRows(as(DType::f32, dy), dbias);
    way(x, dy, options, dw);
}

} // namespace pretext::cpu
