#!/usr/bin/env python3
"""Makes health.safetensors: embeddings of four kinds, and what NumPy and PyTorch say of them. Needs python3-torch and NumPy only."""
import json
import pathlib

import numpy as np
import torch

rng = np.random.default_rng(7)
N, D = 200, 48


def directions(deviations, mean=0.0):
    """Rows whose deviations along the axes of a random rotation are given."""
    turn, _ = np.linalg.qr(rng.normal(size=(D, D)))
    return ((rng.normal(size=(N, D)) * deviations) @ turn + mean).astype(np.float32)


KINDS = {
    "healthy": directions(np.arange(1, D + 1) ** -0.5),
    "positive": np.maximum(directions(np.ones(D), 0.5), 0),
    "dimensional": directions(np.where(np.arange(D) < 2, 1.0, 1e-4)),
    "complete": directions(1e-3 * np.ones(D), 1.0),
}


def entropy_rank(singular, epsilon):
    shares = singular / singular.sum() + epsilon
    shares = shares[shares > 0]
    return np.exp(-(shares * np.log(shares)).sum())


def alpha(eigenvalues):
    """A line through logarithms, weighted by 1 / j: numpy.polyfit multiplies residuals by w, before it squares them."""
    j = np.arange(1, len(eigenvalues) + 1)
    use = (j >= 3) & (j <= min(100, len(eigenvalues) // 2))
    return -np.polyfit(np.log(j[use]), np.log(eigenvalues[use]), 1, w=np.sqrt(1 / j[use]))[0]


def said_of(rows):
    unit = torch.nn.functional.normalize(torch.from_numpy(rows).double())
    centred = unit - unit.mean(0)
    singular = (torch.linalg.svdvals(centred) / np.sqrt(N)).numpy()
    second = torch.nn.functional.normalize(torch.from_numpy(rows + 0.1 * rng.normal(size=rows.shape)).float().double())
    deviations = unit.std(0, unbiased=False).numpy()
    return second.float().numpy(), {
        "spectrum": singular,
        "deviations": deviations,
        "deviation": deviations.mean() * np.sqrt(D),
        "length": np.linalg.norm(rows.astype(np.float64), axis=1).mean(),
        "effective_rank": entropy_rank(singular, 0),
        "rankme": entropy_rank(torch.linalg.svdvals(unit).numpy(), 1e-7),
        "alpha": alpha(singular**2),
        "alignment": (unit - second).norm(dim=1).pow(2).mean().item(),
        "uniformity": torch.pdist(unit).pow(2).mul(-2).exp().mean().log().item(),
    }


tensors = {}
for kind, rows in KINDS.items():
    tensors[f"{kind}.rows"] = rows
    tensors[f"{kind}.second"], numbers = said_of(rows)
    for name, value in numbers.items():
        tensors[f"{kind}.{name}"] = np.atleast_1d(value).astype(np.float32)
header, data = {}, b""
for name, value in sorted(tensors.items()):
    raw = np.ascontiguousarray(value, np.float32).tobytes()
    header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
pathlib.Path(__file__).with_name("health.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
