"""Fixtures of what transformers are made of: tables of rows, dropout, attention under its masks."""
import math

import numpy as np
import torch

from goldenfile import generator


def normal(name, *shape):
    return generator(name).standard_normal(shape)


def philox(counter, key):
    """Philox 4x32-10, Salmon et al. 2011."""
    c, (k0, k1) = list(counter), key
    for _ in range(10):
        even, odd = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [odd >> 32 ^ c[1] ^ k0, odd & 0xFFFFFFFF, even >> 32 ^ c[3] ^ k1, even & 0xFFFFFFFF]
        k0, k1 = k0 + 0x9E3779B9 & 0xFFFFFFFF, k1 + 0xBB67AE85 & 0xFFFFFFFF
    return c


def keep_factors(options, first, count):
    """Pretext's dropout: one block of 128 bits for eight elements, the low half of a word first."""
    rate, seed = float(np.float32(options["dropout"])), options["seed"]
    threshold, factors = round(rate * 65536), []
    for block in range(first // 8, (first + count + 7) // 8):
        for word in philox((block & 0xFFFFFFFF, block >> 32, options["step"], options["site"]), (seed & 0xFFFFFFFF, seed >> 32)):
            factors += [0.0 if half < threshold else 1 / (1 - rate) for half in (word & 0xFFFF, word >> 16)]
    return np.array(factors[first % 8:first % 8 + count])


def attention_factors(options, samples, heads, queries, keys):
    padded = (keys + 63) // 64 * 64
    return np.stack([keep_factors(options, row * padded, keys) for row in range(samples * heads * queries)]).reshape(samples, heads, queries, keys)


def visible(samples, queries, keys, options, query_lengths=None, key_lengths=None, prefix_lengths=None, allowed=None):
    """What each query may see, [N, Tq, Tk]."""
    i, j = torch.arange(queries)[None, :, None], torch.arange(keys)[None, None, :]
    seen = torch.ones(samples, queries, keys, dtype=torch.bool)
    if options.get("causal"):
        seen &= (j <= i) | ((j < prefix_lengths[:, None, None]) if prefix_lengths is not None else False)
    if key_lengths is not None:
        seen &= j < key_lengths[:, None, None]
    if query_lengths is not None:
        seen &= i < query_lengths[:, None, None]
    return seen if allowed is None else seen & (allowed != 0)


def attend(q, k, v, options, **masks):
    """By the definition; rows that see nothing are zero. Returns the output and the weights."""
    heads, (n, tq, d), tk = options["heads"], q.shape, k.shape[1]
    split = lambda x: x.reshape(n, -1, heads, d // heads).transpose(1, 2)
    seen = visible(n, tq, tk, options, **masks)[:, None]
    scores = (split(q) @ split(k).transpose(2, 3) / math.sqrt(d // heads)).masked_fill(~seen, -1e30)
    weights = torch.softmax(scores, -1) * seen
    dropped = weights * torch.tensor(attention_factors(options, n, heads, tq, tk)) if options.get("dropout") else weights
    return (dropped @ split(v)).transpose(1, 2).reshape(n, tq, d), weights


def attentions(case, plain):
    ints = lambda *values: np.array(values, np.int32)
    dropout = {"dropout": 0.25, "seed": 2**40 + 5, "step": 3, "site": 2}
    # name: samples, queries, keys, width, options, masks
    cases = {
        "small": (2, 5, 5, 6, {"heads": 2}, {}), "odd-features": (1, 7, 7, 9, {"heads": 3}, {}),
        "one-position": (2, 1, 1, 4, {"heads": 1}, {}), "causal": (2, 9, 9, 8, {"heads": 2, "causal": True}, {}),
        "blocks": (1, 70, 70, 16, {"heads": 1}, {}), "blocks-causal": (1, 131, 131, 8, {"heads": 1, "causal": True}, {}),
        "padding": (3, 6, 6, 8, {"heads": 2}, {"key_lengths": ints(6, 2, 0)}),
        "padding-both": (2, 6, 6, 8, {"heads": 2}, {"key_lengths": ints(4, 6), "query_lengths": ints(4, 1)}),
        "prefix": (3, 8, 8, 8, {"heads": 2, "causal": True}, {"prefix_lengths": ints(3, 0, 8), "key_lengths": ints(8, 8, 5)}),
        "blocks-prefix": (2, 80, 80, 8, {"heads": 1, "causal": True}, {"prefix_lengths": ints(70, 5), "key_lengths": ints(80, 66)}),
        "arbitrary": (2, 6, 9, 8, {"heads": 2}, {"allowed": (normal("allowed", 2, 6, 9) > 0).astype(np.int32)}),
        "arbitrary-shared": (2, 6, 6, 8, {"heads": 2, "causal": True}, {"allowed": (normal("shared", 1, 6, 6) > -0.5).astype(np.int32)}),
        "cross": (2, 5, 67, 8, {"heads": 2}, {"key_lengths": ints(67, 13)}),
        "dropout": (2, 6, 6, 8, {"heads": 2, **dropout}, {"key_lengths": ints(6, 4)}),
        "blocks-dropout": (1, 66, 66, 8, {"heads": 1, "causal": True, **dropout}, {}),
        "sharp": (1, 6, 6, 8, {"heads": 1}, {}),
    }
    for name, (n, tq, tk, d, options, masks) in cases.items():
        factor = 8 if name == "sharp" else 1
        inputs = {"q": normal(name + "q", n, tq, d) * factor, "k": normal(name + "k", n, tk, d), "v": normal(name + "v", n, tk, d)}
        case(f"attention-{name}", "attention", options, inputs,
             lambda q, k, v, **masks: (lambda y, weights: (y, {} if options.get("dropout") or tk > 64 else {"weights": weights}))(
                 *attend(q, k, v, options, **masks)), masks)
    x, kv = normal("qkv", 2, 7, 24), normal("kv", 2, 5, 16)
    case("attention-packed", "attention", {"heads": 2, "causal": True}, {"qkv": x},
         lambda qkv: attend(*qkv.split(8, -1), {"heads": 2, "causal": True})[0])
    case("attention-packed-cross", "attention", {"heads": 2}, {"q": normal("q", 2, 7, 8), "kv": kv},
         lambda q, kv: attend(q, *kv.split(8, -1), {"heads": 2})[0])


def operations(case, plain):
    table = normal("table", 7, 5)
    ids = np.array([[3, 0, 3], [6, 3, 1]], np.int32)
    case("embedding", "embedding", {}, {"table": table}, lambda table, ids: table[ids.long()], {"ids": ids})
    case("embedding-wide", "embedding", {}, {"table": normal("wide table", 11, 37)}, lambda table, ids: table[ids.long()],
         {"ids": generator("wide ids").integers(0, 11, 50).astype(np.int32)})
    case("gather-rows", "gatherRows", {}, {"x": normal("gather", 2, 4, 5)}, lambda x, indices: x.reshape(8, 5)[indices.long()],
         {"indices": np.array([7, 2, 2, 0], np.int32)})
    case("add-positions", "addPositions", {}, {"x": normal("positions", 3, 4, 5), "table": normal("position table", 6, 5)},
         lambda x, table: x + table[:4])
    for name, options in (("", {"dropout": 0.1, "seed": 12345678901, "step": 7, "site": 4}), ("-half", {"dropout": 0.5, "seed": 1, "step": 0, "site": 0})):
        case("dropout" + name, "dropout", options, {"x": normal("dropout", 9, 131)},
             lambda x: x * torch.tensor(keep_factors(options, 0, 9 * 131)).reshape(9, 131))
    attentions(case, plain)
