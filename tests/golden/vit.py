"""Fixtures of SimCLR on small vision transformers over ten steps: both readouts, both kinds of positions, several optimizers and shapes."""
import math

import numpy as np
import torch
import torch.nn.functional as F

import training
from goldenfile import exact, generator, write_case

NOISE = 1e-14 # of the key's bias, whose gradient is zero: Adam would make whole steps of it


class VisionTransformer:
    """Dosovitskiy et al. 2021 with norms before the functions, and Pretext's projector, from a dictionary of weights in Pretext's names."""

    def __init__(self, weights, options):
        self.weights, self.options = weights, options
        self.statistics = {}

    def linear(self, x, name):
        return F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights.get(name + ".bias"), 1e-6)

    def attention(self, x, name):
        heads, (n, t, d) = self.options["encoder.heads"], x.shape
        q, k, v = self.linear(x, name + ".query_key_value").reshape(n, t, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
        y = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(d // heads), -1) @ v
        return self.linear(y.transpose(1, 2).reshape(n, t, d), name + ".output")

    def tokens(self, images):
        size, weight = self.options["encoder.patch"], self.weights["encoder.patch.weight"]
        kernels = weight.reshape(len(weight), size, size, images.shape[3]).permute(0, 3, 1, 2)
        grid = F.conv2d(images.permute(0, 3, 1, 2), kernels, self.weights["encoder.patch.bias"], size)
        x = grid.flatten(2).transpose(1, 2) + self.positions(*grid.shape[2:])
        if self.options["encoder.readout"] == "class":
            x = torch.cat([self.weights["encoder.class_token"].expand(len(x), -1, -1), x], 1)
        return x

    def positions(self, rows, columns):
        if self.options["encoder.positions"] == "learned":
            return self.weights["encoder.position_embedding"]
        quarter = self.options["encoder.width"] // 4
        frequencies = 10000.0 ** (-torch.arange(quarter, dtype=torch.float64) / quarter)

        def waves(count):
            angles = torch.outer(torch.arange(count, dtype=torch.float64), frequencies)
            return torch.cat([angles.sin(), angles.cos()], 1)

        both = [waves(rows)[:, None].expand(-1, columns, -1), waves(columns)[None].expand(rows, -1, -1)]
        return torch.cat(both, 2).flatten(0, 1).float().double()

    def hidden(self, images):
        x = self.tokens(images)
        for layer in range(self.options["encoder.layers"]):
            name = f"encoder.trunk.layer{layer}."
            x = x + self.attention(self.norm(x, name + "attention_norm"), name + "attention")
            x = x + self.linear(F.gelu(self.linear(self.norm(x, name + "feed_forward_norm"), name + "up")), name + "down")
        return self.norm(x, "encoder.trunk.final_norm")

    def __call__(self, images):
        x = self.hidden(images)
        h = x[:, 0] if self.options["encoder.readout"] == "class" else x.mean(1)
        h = self.linear(h, "projector.linear0")
        mean, var = (self.statistics.setdefault(f"projector.norm0.{key}", torch.full((h.shape[1],), value, dtype=h.dtype))
                     for key, value in (("running_mean", 0.0), ("running_var", 1.0)))
        h = F.batch_norm(h, mean, var, self.weights["projector.norm0.weight"], self.weights["projector.norm0.bias"], True)
        return self.linear(torch.relu(h), "projector.linear1")


def initial_weights(options, shape, draw):
    """Larger than a real model's, and norms off one and zero, so that a forgotten part shows."""
    _, height, width, channels = shape
    weights, size, features = {}, options["encoder.patch"], options["encoder.width"]

    def norm(name, bias=True, features=features):
        weights[name + ".weight"] = 1 + 0.1 * draw.standard_normal(features)
        if bias:
            weights[name + ".bias"] = 0.1 * draw.standard_normal(features)

    def linear(name, inputs, outputs, bias=True):
        weights[name + ".weight"] = draw.standard_normal((outputs, inputs)) / math.sqrt(inputs)
        if bias:
            weights[name + ".bias"] = 0.1 * draw.standard_normal(outputs)

    linear("encoder.patch", size * size * channels, features)
    if options["encoder.positions"] == "learned":
        weights["encoder.position_embedding"] = 0.5 * draw.standard_normal((height // size * (width // size), features))
    if options["encoder.readout"] == "class":
        weights["encoder.class_token"] = 0.5 * draw.standard_normal((1, 1, features))
    for layer in range(options["encoder.layers"]):
        name = f"encoder.trunk.layer{layer}."
        norm(name + "attention_norm")
        linear(name + "attention.query_key_value", features, 3 * features)
        linear(name + "attention.output", features, features)
        norm(name + "feed_forward_norm")
        linear(name + "up", features, 4 * features)
        linear(name + "down", 4 * features, features)
    norm("encoder.trunk.final_norm", bias=False)
    linear("projector.linear0", features, options["projector.width"], bias=False)
    norm("projector.norm0", features=options["projector.width"])
    linear("projector.linear1", options["projector.width"], options["projector.dimension"])
    return weights


def simclr_run(options, shape, draw):
    weights = {key: np.asarray(value, np.float32) for key, value in initial_weights(options, shape, draw).items()}
    scene = draw.standard_normal((training.STEPS, *shape))
    views = np.asarray(np.concatenate([scene + 0.5 * draw.standard_normal(scene.shape) for _ in range(2)], axis=1), np.float32)
    tensors = {"constant.views": views, **{"input." + key: value for key, value in weights.items()}}
    parameters = {key: torch.tensor(exact(value), requires_grad=True) for key, value in weights.items()}
    model, stepper, history = VisionTransformer(parameters, options), training.make_optimizer(options, parameters.values()), []
    for step in range(training.STEPS):
        loss = training.nt_xent(F.normalize(model(torch.tensor(exact(views[step])))), options["temperature"])
        for parameter in parameters.values():
            parameter.grad = None
        loss.backward()
        for parameter in parameters.values():
            parameter.grad[parameter.grad.abs() < NOISE] = 0
        if step == 0:
            tensors.update({"grad." + key: parameter.grad.numpy().astype(np.float32) for key, parameter in parameters.items()})
        stepper.step(options["learning_rate"])
        history.append(loss.item())
    tensors["output.loss"] = np.array(history)
    tensors.update({"output." + key: parameter.detach().numpy().astype(np.float32) for key, parameter in parameters.items()})
    tensors.update({"output." + key: value.numpy().astype(np.float32) for key, value in model.statistics.items()})
    return tensors


class Decoder:
    """Of He et al. 2022, from weights in Pretext's names; the patches' order is restored by looking each up."""

    def __init__(self, weights, options):
        self.parts = VisionTransformer(weights, {**options, "encoder.heads": options["decoder.heads"], "encoder.width": options["decoder.width"],
                                                 "encoder.positions": "sinusoidal"})
        self.weights, self.options = weights, options

    def __call__(self, hidden, kept, rows, columns):
        first = 1 if self.options["encoder.readout"] == "class" else 0
        seen = self.parts.linear(hidden[:, first:], "decoder.embed")
        x = self.weights["decoder.mask_token"].expand(len(hidden), rows * columns, -1).clone()
        for image, places in enumerate(kept.tolist()):
            for token, place in enumerate(places):
                x[image, place] = seen[image, token]
        x = x + self.parts.positions(rows, columns)
        for layer in range(self.options["decoder.layers"]):
            name = f"decoder.trunk.layer{layer}."
            x = x + self.parts.attention(self.parts.norm(x, name + "attention_norm"), name + "attention")
            x = x + self.parts.linear(F.gelu(self.parts.linear(self.parts.norm(x, name + "feed_forward_norm"), name + "up")), name + "down")
        return self.parts.linear(self.parts.norm(x, "decoder.trunk.final_norm"), "decoder.predict")


def masked_loss(parameters, options, images, kept):
    """The mean over the hidden patches, which the encoder never sees: the kept ones are chosen before its blocks."""
    size, (n, height, width, channels) = options["encoder.patch"], images.shape
    rows, columns = height // size, width // size
    encoder = VisionTransformer(parameters, options)
    whole, first = encoder.tokens(images), 1 if options["encoder.readout"] == "class" else 0
    chosen = torch.stack([torch.cat([whole[i, :first], whole[i, first + places]]) for i, places in enumerate(kept)])
    encoder.tokens = lambda _: chosen
    painted = Decoder(parameters, options)(encoder.hidden(images), kept, rows, columns)
    target = images.reshape(n, rows, size, columns, size, channels).transpose(2, 3).reshape(n, rows * columns, -1)
    if options["target.normalise"]:
        target = (target - target.mean(-1, keepdim=True)) / (target.var(-1, keepdim=True) + 1e-6).sqrt()
    hidden = torch.ones(n, rows * columns, dtype=torch.bool)
    for i, places in enumerate(kept):
        hidden[i, places] = False
    return ((painted - target) ** 2).mean(-1)[hidden].mean()


def masked_weights(options, shape, draw):
    weights = {key: value for key, value in initial_weights(options, shape, draw).items() if key.startswith("encoder.")}
    inner = {"encoder.patch": 1, "encoder.width": options["decoder.width"], "encoder.layers": options["decoder.layers"], "encoder.readout": "mean",
             "encoder.positions": "sinusoidal", "projector.width": 1, "projector.dimension": 1}
    trunk = initial_weights(inner, (1, 1, 1, 1), draw)
    weights.update({key.replace("encoder.", "decoder."): value for key, value in trunk.items() if key.startswith("encoder.trunk")})
    values, features, width = options["encoder.patch"] ** 2 * shape[3], options["encoder.width"], options["decoder.width"]
    weights["decoder.mask_token"] = 0.5 * draw.standard_normal((1, width))
    for name, inputs, outputs in (("embed", features, width), ("predict", width, values)):
        weights[f"decoder.{name}.weight"] = draw.standard_normal((outputs, inputs)) / math.sqrt(inputs)
        weights[f"decoder.{name}.bias"] = 0.1 * draw.standard_normal(outputs)
    return weights


def positions(case):
    """Between the middles of the patches of one grid, for another over the same extent."""
    for name, before, after in (("smaller", (7, 5), (3, 2)), ("larger", (4, 6), (6, 7)), ("of-one", (3, 2), (1, 1))):
        x = generator("positions." + name).standard_normal((before[0] * before[1], 6))

        def resampled(x, before=before, after=after):
            grid = x.reshape(1, *before, 6).permute(0, 3, 1, 2)
            return F.interpolate(grid, size=after, mode="bicubic").permute(0, 2, 3, 1).reshape(-1, 6)

        case("positions-" + name, "positions", {"from": list(before), "to": list(after)}, {"x": x}, resampled)


def masked(folder):
    cases = {
        "normalised": ({"encoder.readout": "mean", "encoder.positions": "sinusoidal", "encoder.patch": 4, "target.normalise": True}, (4, 12, 16, 1), 4),
        "pixels": ({"encoder.readout": "class", "encoder.positions": "learned", "encoder.patch": 2, "target.normalise": False}, (4, 6, 8, 3), 5),
    }
    base = {"encoder.width": 12, "encoder.layers": 1, "encoder.heads": 2, "decoder.width": 8, "decoder.layers": 1, "decoder.heads": 2,
            "projector.width": 1, "projector.dimension": 1}
    recipe = {key: float(np.float32(value)) for key, value in (("learning_rate", 1e-3), ("momentum", 0.9), ("weight_decay", 0.05))}
    for name, (architecture, shape, count) in cases.items():
        options, draw = {**base, **architecture, **recipe}, generator("masked." + name)
        weights = {key: np.asarray(value, np.float32) for key, value in masked_weights(options, shape, draw).items()}
        options = {key: value for key, value in options.items() if not key.startswith("projector.")}
        images = np.asarray(draw.standard_normal((training.STEPS, *shape)), np.float32)
        patches = shape[1] * shape[2] // options["encoder.patch"] ** 2
        kept = np.array([[np.sort(draw.permutation(patches)[:count]) for _ in range(shape[0])] for _ in range(training.STEPS)], np.int32)
        tensors = {"constant.images": images, "constant.kept": kept, **{"input." + key: value for key, value in weights.items()}}
        parameters = {key: torch.tensor(exact(value), requires_grad=True) for key, value in weights.items()}
        stepper, losses = training.make_optimizer({"optimizer": "adamw", **recipe}, parameters.values()), []
        for step in range(training.STEPS):
            loss = masked_loss(parameters, options, torch.tensor(exact(images[step])), torch.tensor(kept[step]).long())
            for parameter in parameters.values():
                parameter.grad = None
            loss.backward()
            for parameter in parameters.values():
                parameter.grad[parameter.grad.abs() < NOISE] = 0
            if step == 0:
                tensors.update({"grad." + key: parameter.grad.numpy().astype(np.float32) for key, parameter in parameters.items()})
            stepper.step(recipe["learning_rate"])
            losses.append(loss.item())
        tensors["output.loss"] = np.array(losses)
        tensors.update({"output." + key: parameter.detach().numpy().astype(np.float32) for key, parameter in parameters.items()})
        write_case(folder, "masked-patches-" + name, "maskedPatches", options, tensors)


def simclr(folder):
    cases = {
        "mean": (dict(optimizer="adamw", weight_decay=0.05, learning_rate=1e-3, temperature=0.2),
                 {"encoder.readout": "mean", "encoder.positions": "sinusoidal", "encoder.patch": 4}, (8, 12, 8, 1)),
        "class": (dict(optimizer="sgd", weight_decay=1e-4, learning_rate=0.05, temperature=0.5),
                  {"encoder.readout": "class", "encoder.positions": "learned", "encoder.patch": 3}, (8, 6, 9, 3)),
    }
    base = {"encoder": "vit", "encoder.width": 12, "encoder.layers": 2, "encoder.heads": 2, "projector.width": 16, "projector.dimension": 12,
            "projector.depth": 2, "momentum": 0.9}
    for name, (recipe, architecture, shape) in cases.items():
        options = {**base, **architecture, **recipe}
        options = {key: float(np.float32(value)) if isinstance(value, float) else value for key, value in options.items()}
        write_case(folder, "simclr-vit-" + name, "simclr", options, simclr_run(options, shape, generator("simclr.vit." + name)))
