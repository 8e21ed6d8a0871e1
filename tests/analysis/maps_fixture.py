#!/usr/bin/env python3
"""Makes maps.safetensors: what t-SNE and UMAP make of a small problem, by scikit-learn, SciPy and plain NumPy. Needs python3-sklearn (and so NumPy and SciPy) only."""
import json
import pathlib

import numpy as np
from scipy.optimize import curve_fit
from scipy.spatial.distance import cdist
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(3)
N, D, PERPLEXITY, K = 96, 8, 10, 8
centres = 4 * rng.normal(size=(5, D))
rows = (centres[np.arange(N) % 5] + rng.normal(size=(N, D))).astype(np.float32)
x = rows.astype(np.float64)


def affinities():
    k = int(3 * PERPLEXITY + 1)
    graph = NearestNeighbors(n_neighbors=k).fit(x).kneighbors_graph(mode="distance")
    graph.data **= 2
    graph.sort_indices()
    return _joint_probabilities_nn(graph, PERPLEXITY, 0).toarray()


def divergence_and_gradient(p, y):
    """Of the definition, every pair."""
    q = 1 / (1 + cdist(y, y) ** 2)
    np.fill_diagonal(q, 0)
    apart = y[:, None] - y[None]
    slope = 4 * (((p - q / q.sum()) * q)[:, :, None] * apart).sum(1)
    some = p > 0
    return (p[some] * np.log(p[some] / (q / q.sum())[some])).sum(), slope


def fuzzy_set():
    """McInnes et al. 2018, algorithms 2 and 3, by a root of the equation for sigma."""
    distance = cdist(x, x)
    np.fill_diagonal(distance, np.inf)
    weights = np.zeros((N, N))
    for i in range(N):
        near = np.argsort(distance[i])[:K]
        beyond = distance[i, near] - distance[i, near].min()
        low, high = 1e-9, 1e3
        for _ in range(200):
            sigma = (low + high) / 2
            low, high = (low, sigma) if np.exp(-beyond / sigma).sum() > np.log2(K) else (sigma, high)
        weights[i, near] = np.exp(-beyond / sigma)
    return weights + weights.T - weights * weights.T


def curve(least, spread=1.0):
    at = np.linspace(0, 3 * spread, 300)
    wanted = np.where(at < least, 1.0, np.exp(-(at - least) / spread))
    return curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), at, wanted)[0]


p = affinities()
tensors = {"rows": rows, "perplexity": np.array([PERPLEXITY], np.float32), "affinities": p.astype(np.float32),
           "fuzzy": fuzzy_set().astype(np.float32), "neighbours": np.array([K], np.int32)}
for d in 2, 3:
    y = (3 * rng.normal(size=(N, d))).astype(np.float32)
    divergence, slope = divergence_and_gradient(p, y.astype(np.float64))
    tensors |= {f"map{d}": y, f"divergence{d}": np.array([divergence], np.float32), f"slope{d}": slope.astype(np.float32)}
    if d == 3:
        continue  # where scikit-learn's descent does not settle
    laid = TSNE(d, perplexity=PERPLEXITY, init="pca", learning_rate="auto", random_state=0).fit_transform(x)
    tensors["reached"] = np.array([divergence_and_gradient(p, laid.astype(np.float64))[0]], np.float32)
for name, least in ("tight", 0.1), ("loose", 0.5):
    tensors["curve_" + name] = np.array([least, *curve(least)], np.float32)

header, offset = {}, 0
for name, array in tensors.items():
    kind = {"float32": "F32", "int32": "I32"}[str(array.dtype)]
    header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
    offset += array.nbytes
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(pathlib.Path(__file__).with_name("maps.safetensors"), "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + b"".join(np.ascontiguousarray(a).tobytes() for a in tensors.values()))
print({name: array.ravel() for name, array in tensors.items() if array.size < 4})
