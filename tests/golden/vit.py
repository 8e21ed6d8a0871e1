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


def simclr(folder):
    cases = {
        "mean": (dict(optimizer="adamw", weight_decay=0.05, learning_rate=1e-3, temperature=0.2),
                 {"encoder.readout": "mean", "encoder.positions": "sinusoidal", "encoder.patch": 4}, (8, 12, 8, 1)),
        "class": (dict(optimizer="sgd", weight_decay=1e-4, learning_rate=0.05, temperature=0.5),
                  {"encoder.readout": "class", "encoder.positions": "learned", "encoder.patch": 3}, (8, 6, 9, 3)),
    }
    base = {"encoder": "vit", "encoder.width": 16, "encoder.layers": 2, "encoder.heads": 2, "projector.width": 24, "projector.dimension": 12,
            "projector.depth": 2, "momentum": 0.9}
    for name, (recipe, architecture, shape) in cases.items():
        options = {**base, **architecture, **recipe}
        options = {key: float(np.float32(value)) if isinstance(value, float) else value for key, value in options.items()}
        write_case(folder, "simclr-vit-" + name, "simclr", options, simclr_run(options, shape, generator("simclr.vit." + name)))
