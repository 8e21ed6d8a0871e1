"""Fixtures of whole transformers over ten steps of AdamW: a small BERT, a GPT-2, a prefix model, an encoder with its decoder."""
import math

import numpy as np
import torch
import torch.nn.functional as F

from goldenfile import exact, generator, write_case
from tokens import visible
from training import STEPS, make_optimizer


class Transformer:
    """From a dictionary of weights in Pretext's names; `style` is "bert" or "gpt2"."""

    def __init__(self, weights, prefix, options, tokens=None):
        self.weights, self.prefix, self.options = weights, prefix, options
        self.tokens = weights[tokens or prefix + "token_embedding"]
        self.post = options["style"] == "bert"

    def linear(self, x, name):
        return F.linear(x, self.weights[self.prefix + name + ".weight"], self.weights[self.prefix + name + ".bias"])

    def norm(self, x, name):
        weight, bias = (self.weights[f"{self.prefix}{name}.{part}"] for part in ("weight", "bias"))
        return F.layer_norm(x, x.shape[-1:], weight, bias, 1e-12 if self.post else 1e-5)

    def gelu(self, x):
        return F.gelu(x, approximate="none" if self.post else "tanh")

    def attend(self, q, k, v, seen):
        heads, (n, tq, d) = self.options["heads"], q.shape
        q, k, v = (x.reshape(n, -1, heads, d // heads).transpose(1, 2) for x in (q, k, v))
        scores = (q @ k.transpose(2, 3) / math.sqrt(d // heads)).masked_fill(~seen[:, None], -1e30)
        return ((torch.softmax(scores, -1) * seen[:, None]) @ v).transpose(1, 2).reshape(n, tq, d)

    def residual(self, x, name, part):
        return self.norm(x + part(x), name) if self.post else x + part(self.norm(x, name))

    def block(self, x, layer, seen, memory, memory_seen):
        width = x.shape[-1]

        def attention(y):
            return self.linear(self.attend(*self.linear(y, layer + ".attention.query_key_value").split(width, -1), seen), layer + ".attention.output")

        def cross(y):
            keys, values = self.linear(memory, layer + ".cross_attention.key_value").split(width, -1)
            return self.linear(self.attend(self.linear(y, layer + ".cross_attention.query"), keys, values, memory_seen), layer + ".cross_attention.output")

        x = self.residual(x, layer + ".attention_norm", attention)
        if memory is not None:
            x = self.residual(x, layer + ".cross_attention_norm", cross)
        return self.residual(x, layer + ".feed_forward_norm", lambda y: self.linear(self.gelu(self.linear(y, layer + ".up")), layer + ".down"))

    def __call__(self, ids, seen, memory=None, memory_seen=None):
        x = self.tokens[ids] + self.weights[self.prefix + "position_embedding"][:ids.shape[1]]
        if self.post:
            x = self.norm(x + self.weights[self.prefix + "type_embedding"][0], "embedding_norm")
        for layer in range(self.options["layers"]):
            x = self.block(x, f"layer{layer}", seen, memory, memory_seen)
        return x if self.post else self.norm(x, "final_norm")

    def logits(self, x):
        if self.post:
            weights = self.weights
            x = self.gelu(F.linear(x, weights["head.dense.weight"], weights["head.dense.bias"]))
            x = F.layer_norm(x, x.shape[-1:], weights["head.norm.weight"], weights["head.norm.bias"], 1e-12)
            return F.linear(x, self.tokens, weights["head.bias"])
        return x @ self.tokens.t()


def initial_weights(options, draw, decoder):
    """Larger than a real model's, and norms off one and zero, so that a forgotten part shows."""
    weights, width = {}, options["width"]

    def norm(name):
        weights[name + ".weight"], weights[name + ".bias"] = 1 + 0.1 * draw.standard_normal(width), 0.1 * draw.standard_normal(width)

    def linear(name, inputs, outputs):
        weights[name + ".weight"], weights[name + ".bias"] = 0.15 * draw.standard_normal((outputs, inputs)), 0.1 * draw.standard_normal(outputs)

    for prefix in ("encoder.", "decoder.") if decoder else ("encoder.",):
        if prefix == "encoder.":
            weights[prefix + "token_embedding"] = 0.5 * draw.standard_normal((options["vocabulary"], width))
        weights[prefix + "position_embedding"] = 0.5 * draw.standard_normal((options["context"], width))
        if options["style"] == "bert":
            weights[prefix + "type_embedding"] = 0.5 * draw.standard_normal((2, width))
            norm(prefix + "embedding_norm")
        else:
            norm(prefix + "final_norm")
        for layer in range(options["layers"]):
            name = f"{prefix}layer{layer}."
            norm(name + "attention_norm")
            linear(name + "attention.query_key_value", width, 3 * width)
            linear(name + "attention.output", width, width)
            if prefix == "decoder.":
                norm(name + "cross_attention_norm")
                linear(name + "cross_attention.query", width, width)
                linear(name + "cross_attention.key_value", width, 2 * width)
                linear(name + "cross_attention.output", width, width)
            norm(name + "feed_forward_norm")
            linear(name + "up", width, 4 * width)
            linear(name + "down", 4 * width, width)
    if options["style"] == "bert":
        linear("head.dense", width, width)
        norm("head.norm")
        weights["head.bias"] = 0.1 * draw.standard_normal(options["vocabulary"])
    return weights


def batches(draw, options, samples, length, decoder):
    """Padded rows of ids; targets at some of the positions that are not padding, -1 elsewhere."""
    shape = (STEPS, samples, length)
    ids, lengths = draw.integers(1, options["vocabulary"], shape), draw.integers(length // 2, length + 1, shape[:2])
    inside = np.arange(length) < lengths[..., None]
    tensors = {"ids": np.where(inside, ids, 0), "lengths": lengths}
    targets = draw.integers(1, options["vocabulary"], shape)
    if decoder:
        tensors.update(decoder_ids=draw.integers(1, options["vocabulary"], shape), targets=targets)
    elif options["mask"] == "full":
        tensors["targets"] = np.where(inside & (draw.random(shape) < 0.3), targets, -1)
    else:
        tensors["targets"] = np.where(inside, targets, -1)
    if options["mask"] == "prefix":
        tensors["prefixes"] = draw.integers(0, length // 2, shape[:2])
    return {key: value.astype(np.int32) for key, value in tensors.items()}


def forward(weights, options, batch):
    ids, lengths = batch["ids"].long(), batch["lengths"]
    n, t = ids.shape
    trunk = Transformer(weights, "encoder.", options)
    masks = {"causal": options["mask"] != "full"}
    hidden = trunk(ids, visible(n, t, t, masks, lengths, lengths, batch.get("prefixes")))
    if "decoder_ids" in batch:
        trunk = Transformer(weights, "decoder.", options, "encoder.token_embedding")
        u = batch["decoder_ids"].shape[1]
        hidden = trunk(batch["decoder_ids"].long(), visible(n, u, u, {"causal": True}), hidden, visible(n, u, t, {}, None, lengths))
    targets = batch["targets"].long()
    return F.cross_entropy(trunk.logits(hidden)[targets >= 0], targets[targets >= 0]), hidden


def transformers(folder):
    # name: style, what may be seen, decoder
    cases = {"bert": ("bert", "full", False), "gpt2": ("gpt2", "causal", False), "prefix": ("gpt2", "prefix", False),
             "encoder-decoder": ("bert", "full", True)}
    # A small rate: the key's bias has no gradient but rounding, which Adam scales up to whole steps.
    training = {key: float(np.float32(value)) for key, value in (("learning_rate", 2e-4), ("momentum", 0.9), ("weight_decay", 0.1))}
    for name, (style, mask, decoder) in cases.items():
        options = {"style": style, "mask": mask, "vocabulary": 13, "context": 12, "layers": 2, "width": 12, "heads": 3, **training}
        draw = generator("transformer." + name)
        weights = {key: np.asarray(value, np.float32) for key, value in initial_weights(options, draw, decoder).items()}
        data = batches(draw, options, 4, 10, decoder)
        tensors = {**{"constant." + key: value for key, value in data.items()}, **{"input." + key: value for key, value in weights.items()}}
        parameters = {key: torch.tensor(exact(value), requires_grad=True) for key, value in weights.items()}
        stepper, losses = make_optimizer({"optimizer": "adamw", **training}, parameters.values()), []
        for step in range(STEPS):
            loss, hidden = forward(parameters, options, {key: torch.tensor(value[step]) for key, value in data.items()})
            for parameter in parameters.values():
                parameter.grad = None
            loss.backward()
            if step == 0:
                tensors.update({"grad." + key: parameter.grad.numpy().astype(np.float32) for key, parameter in parameters.items()})
                tensors["output.hidden"] = hidden.detach().numpy().astype(np.float32)
            stepper.step(training["learning_rate"])
            losses.append(loss.item())
        tensors["output.loss"] = np.array(losses)
        tensors.update({"output." + key: parameter.detach().numpy().astype(np.float32) for key, parameter in parameters.items()})
        write_case(folder, "transformer-" + name, "transformer", options, tensors)
