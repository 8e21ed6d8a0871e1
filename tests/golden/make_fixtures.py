#!/usr/bin/python3
"""Makes the committed fixtures with PyTorch, computed in float64: `make_fixtures.py [folder]`. Images are N x H x W x C and convolution
weights K x R x R x C in the files; PyTorch's N x C x H x W and K x C x R x R exist only inside this script."""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

import tokens
import training
import transformer
import vit
from goldenfile import exact, generator, write_case

FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixtures")

NOISE = 1e-15 # less than this is zero, found by subtracting


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)


def case(name, operation, options, inputs, function, constants=None):
    """One differentiable operation. inputs: float arrays that get a gradient; constants: arrays that get none.
    function(**inputs, **constants) returns y, or (y, further outputs by name)."""
    constants = constants or {}
    leaves = {key: torch.tensor(exact(value), requires_grad=True) for key, value in inputs.items()}
    result = function(**leaves, **{key: torch.tensor(exact(v) if v.dtype.kind == "f" else v) for key, v in constants.items()})
    y, further = result if isinstance(result, tuple) else (result, {})
    tensors = {f"input.{key}": np.asarray(value, np.float32) for key, value in inputs.items()}
    for key, value in constants.items():
        tensors[f"constant.{key}"] = np.asarray(value, np.float32 if value.dtype.kind == "f" else np.int32)
    if y.numel() > 1:
        upstream = exact(generator(name + "/upstream").standard_normal(y.shape))
        tensors["upstream"] = upstream.astype(np.float32)
        y.backward(torch.tensor(upstream))
    else:
        y.backward(torch.ones_like(y))
    tensors["output.y"] = y.detach().numpy().reshape(-1) if y.dim() == 0 else y.detach().numpy()
    for key, value in further.items():
        tensors[f"output.{key}"] = value.detach().numpy()
    for key, leaf in leaves.items():
        tensors[f"grad.{key}"] = leaf.grad.numpy()
    for key, value in tensors.items():
        if value.dtype == np.float64:
            value = np.where(np.abs(value) < NOISE, 0, value)
            tensors[key] = value if value.size <= 4096 else value.astype(np.float32) # double precision is kept where it is small
    write_case(FOLDER, name, operation, options, tensors)


def plain(name, operation, options, inputs, outputs):
    """An operation without a gradient of its own."""
    tensors = {f"input.{key}": np.asarray(value, np.float32) for key, value in inputs.items()}
    tensors.update({f"output.{key}": np.asarray(value, np.float64) for key, value in outputs.items()})
    write_case(FOLDER, name, operation, options, tensors)


def normal(name, *shape):
    return generator(name).standard_normal(shape)


def elementwise():
    a, b = normal("a", 5, 7), normal("b", 5, 7)
    case("add", "add", {}, {"a": a, "b": b}, lambda a, b: a + b)
    case("add-itself", "addItself", {}, {"a": a}, lambda a: a + a)
    case("multiply", "multiply", {}, {"a": a, "b": b}, lambda a, b: a * b)
    case("scale", "scale", {"factor": -1.75}, {"x": a}, lambda x: x * -1.75)
    case("reshape", "reshape", {"shape": [7, 5]}, {"x": a}, lambda x: x.reshape(7, 5))
    case("flatten", "flatten", {}, {"x": normal("flatten", 3, 4, 2, 5)}, lambda x: x.reshape(3, 40))
    x = np.concatenate([normal("activation", 6, 9) * 2, [[0, -0.0, 20, -20, 88, -88, 1e-6, -1e-6, 3]]])
    functions = {"relu": torch.relu, "gelu": F.gelu, "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"), "tanh": torch.tanh,
                 "sigmoid": torch.sigmoid, "softplus": F.softplus, "square": torch.square, "abs": torch.abs}
    for kind, function in functions.items():
        case(f"activation-{kind}", "activation", {"kind": kind}, {"x": x}, lambda x: function(x))
    x = np.concatenate([np.abs(normal("positive", 6, 9)) + 0.05, [[0.7, 1, 1.4143, 20, 3e4, 0.1, 0.3, 1 - 1e-6, 1 + 1e-6]]])
    for kind, function in {"exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt}.items():
        case(f"activation-{kind}", "activation", {"kind": kind}, {"x": np.minimum(x, 4) if kind == "exp" else x}, lambda x: function(x))


def broadcasts():
    functions = {"add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div}
    shapes = {"": ((5, 7), (5, 7)), "-row": ((5, 7), (1, 7)), "-column": ((5, 1), (5, 7)), "-both": ((6, 1), (1, 5)), "-inner": ((3, 1, 4), (2, 4)),
              "-wide": ((3, 70), (70,)), "-one": ((1,), (4, 3))}
    for kind, function in functions.items():
        for name, (left, right) in shapes.items():
            if name or kind in ("subtract", "divide"):
                a, b = normal("left" + name, *left), normal("right" + name, *right)
                case(kind + name, kind, {}, {"a": a, "b": b if kind != "divide" else np.copysign(np.abs(b) + 0.5, b)},
                     lambda a, b: function(a, b))


def reductions():
    functions = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}
    for kind, function in functions.items():
        for name, axis, shape in (("rows", 0, (37, 5)), ("columns", 1, (4, 41)), ("middle", 1, (3, 5, 6)), ("last", -1, (2, 3, 19))):
            case(f"{kind}-{name}", kind, {"axis": axis}, {"x": normal(f"reduce-{name}", *shape)}, lambda x: function(x, axis, keepdim=True))
    for name, factor in (("", 1), ("-large", 300)):
        case("log-softmax" + name, "logSoftmax", {}, {"x": normal("log softmax", 4, 9) * factor}, lambda x: F.log_softmax(x, -1))


def moves():
    a, b, image = normal("a", 5, 7), normal("c", 2, 7), normal("moves", 2, 6, 2, 4)
    case("concat-rows", "concat", {"axis": 0}, {"a": a, "b": b}, lambda a, b: torch.cat([a, b]))
    case("concat-columns", "concat", {"axis": -1}, {"a": a, "b": normal("d", 5, 3), "c": normal("e", 5, 1)}, lambda a, b, c: torch.cat([a, b, c], -1))
    case("concat-positions", "concat", {"axis": 1}, {"a": normal("f", 3, 1, 4), "b": normal("g", 3, 5, 4)}, lambda a, b: torch.cat([a, b], 1))
    case("slice-rows", "slice", {"axis": 0, "first": 2, "count": 3}, {"x": a}, lambda x: x[2:5])
    case("slice-columns", "slice", {"axis": -1, "first": 1, "count": 4}, {"x": a}, lambda x: x[:, 1:5])
    case("slice-middle", "slice", {"axis": 1, "first": 1, "count": 4}, {"x": image}, lambda x: x[:, 1:5])
    case("swap-axes-matrix", "swapAxes", {"axis": 0}, {"x": normal("transpose", 19, 33)}, lambda x: x.t())
    case("swap-axes-last", "swapAxes", {"axis": -2}, {"x": image}, lambda x: x.transpose(-2, -1))
    case("swap-axes-first", "swapAxes", {"axis": 0}, {"x": image}, lambda x: x.transpose(0, 1))


def kernels():
    """Entries of the backend's table that stand behind others: an optimizer's norm, say."""
    x, y = exact(normal("kernels.x", 6, 11)), exact(normal("kernels.y", 6, 11))
    plain("fill", "fill", {"value": 0.375}, {"y": y}, {"y": np.full_like(y, 0.375)})
    plain("copy", "copy", {}, {"x": x}, {"y": x})
    for name, factor in (("", 0.25), ("-nearer", 0.996)):
        plain("lerp" + name, "lerp", {"factor": factor}, {"x": x, "y": y}, {"y": y + np.float64(np.float32(factor)) * (x - y)})
    plain("sum-squares", "sumSquares", {}, {"x": x, "y": y[:2], "z": 100 * y[2:3]}, {"y": [np.sum(x * x), np.sum(y[:2] ** 2), np.sum(exact(100 * y[2:3]) ** 2)]})


def products():
    for name, m, k, d in (("small", 5, 3, 4), ("large", 33, 65, 17), ("row", 1, 8, 1)):
        for ta in (False, True):
            for tb in (False, True):
                a, b = normal(name + "a", *((k, m) if ta else (m, k))), normal(name + "b", *((d, k) if tb else (k, d)))
                case(f"matmul-{name}{'-ta' if ta else ''}{'-tb' if tb else ''}", "matmul", {"transposeA": ta, "transposeB": tb},
                     {"a": a, "b": b}, lambda a, b: (a.t() if ta else a) @ (b.t() if tb else b))
    x, weight, bias = normal("linear.x", 6, 9), normal("linear.w", 4, 9), normal("linear.b", 4)
    case("linear", "linear", {}, {"x": x, "weight": weight, "bias": bias}, F.linear)
    case("linear-no-bias", "linear", {}, {"x": x, "weight": weight}, F.linear)
    case("linear-tanh", "linear", {"activation": "tanh"}, {"x": x, "weight": weight}, lambda x, weight: torch.tanh(F.linear(x, weight)))
    # Beyond one block of the inner extent, in tiles that do not come out even.
    x, weight, bias = normal("linear.wx", 7, 259), normal("linear.ww", 18, 259) / 8, normal("linear.wb", 18)
    case("linear-gelu", "linear", {"activation": "gelu"}, {"x": x, "weight": weight, "bias": bias}, lambda x, weight, bias: F.gelu(F.linear(x, weight, bias)))


def convolutions():
    # name: images, height, width, channels, filters, kernel, stride, padding, bias
    cases = {"3x3": (2, 8, 8, 3, 4, 3, 1, 1, False), "3x3-stride": (2, 9, 7, 3, 5, 3, 2, 1, True),
             "1x1": (1, 6, 6, 4, 8, 1, 1, 0, False), "1x1-stride": (2, 7, 7, 4, 6, 1, 2, 0, False),
             "5x5-grey": (2, 12, 12, 1, 4, 5, 1, 2, True), "7x7-stride": (2, 10, 10, 2, 3, 7, 2, 3, True),
             "valid": (3, 5, 5, 16, 16, 3, 1, 0, False), "even": (2, 8, 8, 3, 4, 2, 2, 0, True),
             "wide": (2, 7, 7, 16, 32, 3, 2, 1, False), "whole-image": (2, 4, 4, 3, 6, 4, 1, 0, True),
             "unused-edge": (2, 8, 8, 3, 4, 3, 2, 0, False), "one-image-row": (2, 1, 9, 2, 3, 3, 1, 1, True),
             "stride-3": (1, 11, 10, 2, 4, 3, 3, 1, False),
             # Sixteen channels and their multiples have kernels of their own.
             "16-padded": (2, 12, 11, 16, 16, 3, 1, 1, True), "16-small-images": (7, 4, 4, 16, 16, 3, 1, 1, False),
             "16-grey-stem": (3, 14, 14, 1, 16, 3, 1, 1, False), "16-shortcut": (3, 7, 5, 16, 32, 1, 2, 0, False),
             "16-backward-only": (2, 6, 6, 16, 5, 5, 1, 2, True), "16-too-much-padding": (2, 4, 4, 16, 16, 1, 1, 1, False),
             "16-stride-edge": (2, 8, 8, 16, 16, 3, 2, 0, False), "16-stride-3": (1, 11, 10, 16, 8, 5, 3, 2, True),
             "16-skipped-pixels": (2, 8, 9, 16, 4, 2, 3, 0, False), "16-stride-one-row": (3, 1, 9, 16, 16, 3, 2, 1, False)}
    for name, (n, h, w, c, k, r, stride, padding, bias) in cases.items():
        inputs = {"x": normal(name + "x", n, h, w, c), "weight": normal(name + "w", k, r, r, c)}
        if bias:
            inputs["bias"] = normal(name + "b", k)

        def convolve(x, weight, bias=None):
            return channels_last(F.conv2d(channels_first(x), channels_first(weight), bias, stride, padding))
        case(f"conv2d-{name}", "conv2d", {"stride": stride, "padding": padding}, inputs, convolve)


def oblong_convolutions():
    # name: shape of x, shape of the weight, stride, padding. Sixteen channels would go by a kernel of their own if they were square.
    cases = {"row": ((2, 5, 9, 3), (4, 1, 3, 3), (1, 1), (0, 1)), "column": ((2, 9, 4, 2), (3, 5, 1, 2), (2, 1), (2, 0)),
             "oblong": ((2, 8, 7, 3), (5, 3, 2, 3), (1, 2), (1, 0)), "16-row": ((2, 1, 20, 16), (16, 1, 3, 16), (1, 2), (0, 1)),
             "16-oblong-padding": ((2, 5, 5, 16), (16, 3, 3, 16), (1, 1), (0, 1)), "16-oblong-stride": ((1, 7, 6, 16), (16, 3, 3, 16), (2, 1), (1, 1))}
    for name, (x, weight, stride, padding) in cases.items():
        inputs = {"x": normal(name + "ox", *x), "weight": normal(name + "ow", *weight), "bias": normal(name + "ob", weight[0])}
        case(f"conv2d-{name}", "conv2d", {"stride": stride, "padding": padding}, inputs, lambda x, weight, bias: channels_last(
            F.conv2d(channels_first(x), channels_first(weight), bias, stride, padding)))
    for name, x, weight, stride, padding in (("conv1d", (2, 13, 3), (4, 3, 3), 2, 1), ("conv1d-wide", (1, 30, 16), (16, 5, 16), 1, 2)):
        inputs = {"x": normal(name + "x", *x), "weight": normal(name + "w", *weight), "bias": normal(name + "b", weight[0])}
        case(name, "conv1d", {"stride": stride, "padding": padding}, inputs, lambda x, weight, bias: F.conv1d(
            x.transpose(1, 2), weight.transpose(1, 2), bias, stride, padding).transpose(1, 2))
    for name, x, weight, stride, padding in (("", (2, 4, 3, 5), (5, 3, 3, 2), (2, 2), (1, 1)), ("-oblong", (2, 3, 4, 3), (3, 4, 2, 3), (2, 1), (1, 0)),
                                             ("-16", (1, 4, 4, 16), (16, 3, 3, 16), (1, 1), (1, 1))):
        inputs = {"x": normal(name + "tx", *x), "weight": normal(name + "tw", *weight), "bias": normal(name + "tb", weight[3])}
        case("transposed-conv2d" + name, "transposedConv2d", {"stride": stride, "padding": padding}, inputs, lambda x, weight, bias: channels_last(
            F.conv_transpose2d(channels_first(x), channels_first(weight), bias, stride, padding)))
    for name, factor in (("", (2, 2)), ("-oblong", (1, 3))):
        case("upsample" + name, "upsample", {"factor": factor}, {"x": normal("upsample", 2, 3, 2, 5)}, lambda x: channels_last(
            F.interpolate(channels_first(x), scale_factor=tuple(map(float, factor)), mode="nearest")))
    case("repeat", "repeat", {"axis": 1, "count": 3}, {"x": normal("repeat", 2, 1, 5)}, lambda x: x.expand(2, 3, 5))


def norms():
    # name: shape, options, residual, offset of x
    shape = (6, 5, 4, 3)
    cases = {"train": (shape, {}, False, 0), "eval": (shape, {"training": False}, False, 0),
             "train-residual-relu": (shape, {"activation": "relu"}, True, 0), "train-residual": (shape, {}, True, 0),
             "eval-residual-relu": (shape, {"training": False, "activation": "relu"}, True, 0),
             "train-relu-rows": ((16, 8), {"activation": "relu"}, False, 0), "train-rows": ((16, 33), {}, False, 0),
             "train-options": (shape, {"epsilon": 0.01, "momentum": 0.3, "activation": "tanh"}, False, 0),
             "train-gelu": (shape, {"activation": "gelu"}, True, 0), "train-sigmoid": (shape, {"activation": "sigmoid"}, False, 0),
             "train-offset": (shape, {}, False, 20), "train-32-channels": ((2, 5, 5, 32), {"activation": "relu"}, True, 0),
             "train-two-rows": ((2, 5), {"epsilon": 0.1}, False, 0)}
    activations = {"none": lambda x: x, "relu": torch.relu, "gelu": F.gelu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    for name, (shape, options, residual, offset) in cases.items():
        name = "batch-norm-" + name
        c = shape[-1]
        inputs = {"x": normal(name + "x", *shape) * 2 + offset, "gamma": normal(name + "g", c) + 1, "beta": normal(name + "b", c)}
        constants = {"running_mean": normal(name + "m", c), "running_var": np.abs(normal(name + "v", c)) + 0.5}
        if residual:
            inputs["residual"] = normal(name + "r", *shape)

        def norm(x, gamma, beta, running_mean, running_var, residual=None):
            rows = x.reshape(-1, c)
            y = F.batch_norm(rows, running_mean, running_var, gamma, beta, options.get("training", True), options.get("momentum", 0.1),
                             options.get("epsilon", 1e-5)).reshape(x.shape)
            y = activations[options.get("activation", "none")](y if residual is None else y + residual)
            return y, {"running_mean": running_mean, "running_var": running_var}
        case(name, "batchNorm", options, inputs, norm, constants)

    for name, shape, options in (("rows", (5, 7), {}), ("wide", (3, 64), {"epsilon": 1e-6}), ("tokens", (2, 3, 8), {"epsilon": 0.1})):
        inputs = {"x": normal(name + "lx", *shape) * 3 + 1, "gamma": normal(name + "lg", shape[-1]), "beta": normal(name + "lb", shape[-1])}
        case(f"layer-norm-{name}", "layerNorm", options, inputs,
             lambda x, gamma, beta: F.layer_norm(x, x.shape[-1:], gamma, beta, options.get("epsilon", 1e-5)))

    for name, factor in (("unit", 1), ("large", 1e4), ("small", 1e-4)):
        case(f"normalize-{name}", "normalize", {}, {"x": normal("normalize", 6, 10) * factor}, lambda x: F.normalize(x, dim=-1))
    case("normalize-clamped", "normalize", {"epsilon": 10.0}, {"x": normal("normalize", 6, 10)}, lambda x: F.normalize(x, dim=-1, eps=10))


def pools():
    cases = {"2x2": (2, 8, 6, 3, 2, 2, 0), "3x3-padded": (2, 9, 8, 2, 3, 2, 1), "overlapping": (2, 7, 7, 4, 4, 3, 0), "odd": (1, 7, 5, 3, 2, 2, 0)}
    for name, (n, h, w, c, kernel, stride, padding) in cases.items():
        x, options = normal(name + "pool", n, h, w, c), {"kernel": kernel, "stride": stride, "padding": padding}
        for kind, pool in (("max", F.max_pool2d), ("avg", F.avg_pool2d)):
            case(f"{kind}-pool-{name}", f"{kind}Pool", options, {"x": x}, lambda x: channels_last(pool(channels_first(x), kernel, stride, padding)))
    lengths = np.array([4, 1, 0, 3], np.int32)
    case("mean-of-lengths", "meanRows", {}, {"x": normal("mean rows", 4, 4, 21)}, lambda x, lengths: torch.stack(
        [row[:length].mean(0) if length else row[:0].sum(0) for row, length in zip(x, lengths.tolist())]), {"lengths": lengths})
    for kind, pool in (("max", F.max_pool2d), ("avg", F.avg_pool2d)):
        case(f"{kind}-pool-oblong", f"{kind}Pool", {"kernel": (1, 3), "stride": (2, 1), "padding": (0, 1)}, {"x": normal("oblong pool", 2, 5, 6, 3)},
             lambda x: channels_last(pool(channels_first(x), (1, 3), (2, 1), (0, 1))))
    case("avg-pool-global", "avgPool", {"kernel": 0}, {"x": normal("global", 3, 7, 5, 4)}, lambda x: x.mean((1, 2)))


def losses():
    logits = normal("logits", 5, 10)
    targets = generator("targets").integers(0, 10, 5)
    for name, factor in (("", 1), ("-large", 60)):
        case(f"softmax{name}", "softmax", {}, {"x": logits * factor}, lambda x: torch.softmax(x, -1))
        case(f"cross-entropy{name}", "crossEntropy", {}, {"logits": logits * factor}, lambda logits, targets: F.cross_entropy(logits, targets),
             {"targets": targets})
    ignored = np.array([3, -1, 0, -1, 9], np.int32)
    case("cross-entropy-ignored", "crossEntropy", {}, {"logits": logits},
         lambda logits, targets: (F.cross_entropy(logits, targets.long(), ignore_index=-1),
                                  {"rows": F.cross_entropy(logits, targets.long(), ignore_index=-1, reduction="none")}), {"targets": ignored})
    case("cross-entropy-nothing-counted", "crossEntropy", {}, {"logits": logits}, lambda logits, targets: (logits * 0).sum(),
         {"targets": np.full(5, -1, np.int32)})
    case("cross-entropy-wide", "crossEntropy", {}, {"logits": normal("wide logits", 3, 301) * 4},
         lambda logits, targets: F.cross_entropy(logits, targets), {"targets": generator("wide targets").integers(0, 301, 3)})
    case("softmax-tokens", "softmax", {}, {"x": normal("tokens", 2, 3, 8)}, lambda x: torch.softmax(x, -1))
    case("mean-squared-error", "meanSquaredError", {}, {"x": normal("mse.x", 3, 4, 2), "target": normal("mse.t", 3, 4, 2)},
         lambda x, target: F.mse_loss(x, target))

    sizes = ((1, 4, 0.5), (2, 3, 0.5), (4, 8, 0.1), (8, 16, 0.07), (16, 32, 1.0), (33, 5, 0.2), (40, 24, 0.05), (8, 8, 0.01), (4, 4, 0.005),
             (150, 16, 0.2))
    for n, d, temperature in sizes:
        name = f"nt-xent-n{n}-d{d}-t{temperature}"
        z = normal(name, 2 * n, d)
        z[n:] = z[:n] + (1.5 if temperature == 0.01 else 0.5) * z[n:] # a positive is more alike than chance
        z /= np.linalg.norm(z, axis=1, keepdims=True)
        case(name, "ntXent", {"temperature": temperature}, {"z": z}, lambda z: training.nt_xent(z, temperature))
    for n, d, temperature in ((1, 4, 0.05), (3, 8, 0.05), (16, 24, 1.0), (40, 16, 0.01)):
        name = f"simcse-n{n}-d{d}-t{temperature}"
        z = normal(name, 2 * n, d)
        z[n:] = 0.5 * z[:n] + z[n:] # alike, but not so that the loss is all rounding
        case(name, "simcse", {"temperature": temperature}, {"z": z / np.linalg.norm(z, axis=1, keepdims=True)},
             lambda z: training.simcse(z, temperature))
    z = np.repeat(np.eye(4)[:1], 8, axis=0) # collapsed: every row the same
    case("nt-xent-collapsed", "ntXent", {"temperature": 0.1}, {"z": z}, lambda z: training.nt_xent(z, 0.1))


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    os.makedirs(FOLDER, exist_ok=True)
    for family in (elementwise, broadcasts, reductions, moves, kernels, products, convolutions, oblong_convolutions, norms, pools, losses):
        family()
    tokens.operations(case, plain)
    training.optimizers(FOLDER)
    training.schedules(FOLDER)
    training.simclr(FOLDER)
    training.without_negatives(FOLDER)
    training.contrastive(FOLDER)
    training.prototypes(FOLDER)
    training.rebuilding(FOLDER)
    training.classifiers(FOLDER)
    transformer.transformers(FOLDER)
    vit.positions(case)
    vit.simclr(FOLDER)
    vit.masked(FOLDER)
