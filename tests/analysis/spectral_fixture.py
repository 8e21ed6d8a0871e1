#!/usr/bin/env python3
"""Makes spectral.safetensors: where umap-learn begins (umap.spectral, initialisation "spectral"), by SciPy and scikit-learn: Laplacian eigenmaps of a fuzzy set, and of one
in several parts a map of each around its middle. Parts are wide apart on one dimension each, so that no two eigenvalues meet. Needs python3-sklearn only."""
import json
import pathlib

import numpy as np
from scipy.optimize import brentq
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist
from sklearn.manifold import SpectralEmbedding

K = 15
rng = np.random.default_rng(11)


def stretched(n):
    """Of which the directions hold plainly different shares."""
    return rng.uniform(-1, 1, (n, 4)) * np.array([8, 4.4, 2.4, 1.2])


def parts(count, n):
    """Apart far enough that no neighbours are shared, at places of which no two distances are alike."""
    return np.concatenate([0.25 * stretched(n + 3 * i) * 0.1 + np.array([1.1 * i, 0.4 * (i % 2), 0.13 * i * i, 0]) for i in range(count)])


def fuzzy_set(x):
    """McInnes et al. 2018, algorithms 2 and 3."""
    distance = cdist(x, x)
    np.fill_diagonal(distance, np.inf)
    weights = np.zeros_like(distance)
    for i, row in enumerate(distance):
        near = np.argsort(row, kind="stable")[:K]
        beyond = np.maximum(0, row[near] - row[near[0]])
        sigma = brentq(lambda s: np.exp(-beyond / s).sum() - np.log2(K), 1e-6, 1e6, xtol=1e-14)
        weights[i, near] = np.exp(-beyond / sigma)
    return weights + weights.T - weights * weights.T


def spectral(graph, d):
    root = np.sqrt(graph.sum(0))
    values, vectors = np.linalg.eigh(np.eye(len(graph)) - graph / root[:, None] / root[None])
    assert np.diff(values[1 : d + 2]).min() > 0.02 * values[d + 1], "eigenvalues that nearly meet are no fixture"
    vectors = vectors[:, 1 : d + 1]
    return vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(d)])  # a sign is nobody's


def mapped(x, graph, d):
    count, label = connected_components(csr_matrix(graph))
    if count == 1:
        return spectral(graph, d)
    if count > 2 * d:
        middles = np.array([x[label == part].mean(0) for part in range(count)])
        near = np.exp(-cdist(middles, middles) ** 2)
        places = SpectralEmbedding(n_components=d, affinity="precomputed", random_state=0).fit_transform(near)
        places /= places.max()
    else:
        half = (count + 1) // 2
        base = np.hstack([np.eye(half), np.zeros((half, max(0, d - half)))])[:, :d]
        places = np.vstack([base, -base])[:count]
    start = np.zeros((len(x), d))
    for part in range(count):
        own = label == part
        apart = cdist(places[part : part + 1], places)
        room = apart[apart > 0].min() / 2
        own_map = spectral(graph[np.ix_(own, own)], d)
        start[own] = own_map * room / np.abs(own_map).max() + places[part]
    return start


def normed(start):
    return 10 * (start - start.min(0)) / (start.max(0) - start.min(0))


tensors = {}
for name, x in {"small": stretched(200), "large": stretched(700), "few": parts(3, 40), "many": parts(9, 24)}.items():
    x = x.astype(np.float32)
    tensors[name + "_rows"] = x
    graph = fuzzy_set(x.astype(np.float64))
    print(name, connected_components(csr_matrix(graph))[0])
    for d in (2, 3):
        tensors[f"{name}_start_{d}"] = normed(mapped(x.astype(np.float64), graph, d)).astype(np.float32)

header, at = {}, 0
for name, value in tensors.items():
    header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [at, at + value.nbytes]}
    at += value.nbytes
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
path = pathlib.Path(__file__).with_name("spectral.safetensors")
path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(np.ascontiguousarray(v).tobytes() for v in tensors.values()))
