// Convolutions through oneDNN. Images stay NHWC, which its AVX2 and AVX-512 kernels read natively; weights are small and are
// reordered into the layout the kernel asks for. A primitive (generated code) and its scratch memory are kept per shape and thread.
#include "core/backend/cpu/cpu.h"
#include "core/backend/cpu/directconv.h"
#include "core/backend/cpu/winograd.h"

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

Desc describe(const dnnl::memory::dims &dims, Tag tag) { return Desc(dims, dnnl::memory::data_type::f32, tag); }
Desc imageDesc(const Shape &s) { return describe({s[0], s[3], s[1], s[2]}, Tag::nhwc); }
Desc weightDesc(const Shape &s) { return describe({s[0], s[3], s[1], s[2]}, Tag::ohwi); }
dnnl::memory bind(const Desc &desc, const Tensor &x) { return dnnl::memory(desc, engine(), f32(x)); }

/// What fixes a convolution: shapes of image and weight, stride, padding, bias, and the team that its kernel was planned for.
struct Geometry
{
    Shape x, w, y;
    int64_t stride, padding;
    bool bias;
    dnnl::memory::dims strides() const { return {stride, stride}; }
    dnnl::memory::dims pads() const { return {padding, padding}; }
    Desc weightAny() const { return describe(weightDesc(w).dims(), Tag::any); }
    Desc biasDesc() const { return bias ? describe({w[0]}, Tag::x) : Desc(); }
    std::array<int64_t, 11> key() const { return {x[0], x[1], x[2], x[3], w[0], w[1], stride, padding, bias, threads(), w[2]}; }
};

dnnl::primitive_attr userScratchpad()
{
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

dnnl::convolution_forward::primitive_desc planForward(const Geometry &g)
{
    const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, imageDesc(g.x), g.weightAny(),
                                               g.biasDesc(), imageDesc(g.y), g.strides(), g.pads(), g.pads());
    return {desc, userScratchpad(), engine()};
}

dnnl::convolution_backward_data::primitive_desc planBackwardData(const Geometry &g)
{
    const dnnl::convolution_backward_data::desc desc(dnnl::algorithm::convolution_direct, imageDesc(g.x), g.weightAny(), imageDesc(g.y),
                                                     g.strides(), g.pads(), g.pads());
    return {desc, userScratchpad(), engine(), planForward(g)};
}

dnnl::convolution_backward_weights::primitive_desc planBackwardWeight(const Geometry &g)
{
    const dnnl::convolution_backward_weights::desc desc(dnnl::algorithm::convolution_direct, imageDesc(g.x), g.weightAny(), g.biasDesc(),
                                                        imageDesc(g.y), g.strides(), g.pads(), g.pads());
    return {desc, userScratchpad(), engine(), planForward(g)};
}

template<class Plan, class Primitive>
struct Kernel
{
    explicit Kernel(Plan made)
        : plan(std::move(made)), primitive(plan)
    {
    }

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
    static thread_local std::map<std::array<int64_t, 11>, K> kernels;
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
    storage = Tensor({int64_t(wanted.get_size() / sizeof(float))});
    const dnnl::memory packed = bind(wanted, storage);
    reorder(kernel, plain, packed);
    return packed;
}

} // namespace

void conv2d(const Tensor &x, const Tensor &w, const Tensor &bias, Conv2dOptions options, Tensor &y)
{
    if (winograd::suits(w.shape(), options))
        return winograd::forward(x, w, bias, options, y);
    if (direct::suits(w.shape()[0]))
        return direct::forward(x, w, bias, options, y);
    const Geometry geometry{x.shape(), w.shape(), y.shape(), options.stride, options.padding, bias.defined()};
    auto &kernel = cached<Forward>(geometry, planForward);
    Tensor packed;
    Arguments arguments{{DNNL_ARG_SRC, bind(imageDesc(x.shape()), x)},
                        {DNNL_ARG_WEIGHTS, weightFor(kernel, w, packed)},
                        {DNNL_ARG_DST, bind(imageDesc(y.shape()), y)}};
    if (bias.defined())
        arguments.emplace(DNNL_ARG_BIAS, bind(geometry.biasDesc(), bias));
    kernel.run(std::move(arguments));
}

void conv2dBackwardData(const Tensor &dy, const Tensor &w, Conv2dOptions options, Tensor &dx)
{
    if (winograd::suits(w.shape(), options))
        return winograd::backwardData(dy, w, options, dx);
    if (direct::suits(w.shape()[3]) && options.padding < w.shape()[1] && options.stride <= w.shape()[1])
        return direct::backwardData(dy, w, options, dx);
    const Geometry geometry{dx.shape(), w.shape(), dy.shape(), options.stride, options.padding, false};
    auto &kernel = cached<BackwardData>(geometry, planBackwardData);
    Tensor packed;
    kernel.run({{DNNL_ARG_DIFF_DST, bind(imageDesc(dy.shape()), dy)},
                {DNNL_ARG_WEIGHTS, weightFor(kernel, w, packed)},
                {DNNL_ARG_DIFF_SRC, bind(imageDesc(dx.shape()), dx)}});
}

void conv2dBackwardWeight(const Tensor &x, const Tensor &dy, Conv2dOptions options, Tensor &dw, Tensor &dbias)
{
    const bool quick = winograd::suits(dw.shape(), options);
    if (quick || direct::suits(dw.shape()[0])) {
        if (dbias.defined())
            sumRows(dy, dbias);
        return quick ? winograd::backwardWeight(x, dy, options, dw) : direct::backwardWeight(x, dy, options, dw);
    }
    const Geometry geometry{x.shape(), dw.shape(), dy.shape(), options.stride, options.padding, dbias.defined()};
    auto &kernel = cached<BackwardWeight>(geometry, planBackwardWeight);
    const Desc packedDesc = kernel.plan.diff_weights_desc();
    const dnnl::memory plain = bind(weightDesc(dw.shape()), dw);
    Tensor storage({int64_t(packedDesc.get_size() / sizeof(float))});
    const dnnl::memory packed = packedDesc == plain.get_desc() ? plain : bind(packedDesc, storage);
    Arguments arguments{{DNNL_ARG_SRC, bind(imageDesc(x.shape()), x)},
                        {DNNL_ARG_DIFF_DST, bind(imageDesc(dy.shape()), dy)},
                        {DNNL_ARG_DIFF_WEIGHTS, packed}};
    if (dbias.defined())
        arguments.emplace(DNNL_ARG_DIFF_BIAS, bind(geometry.biasDesc(), dbias));
    kernel.run(std::move(arguments));
    if (packed != plain)
        reorder(kernel, packed, plain);
}

} // namespace pretext::cpu
