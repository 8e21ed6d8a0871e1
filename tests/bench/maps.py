#!/usr/bin/env python3
"""t-SNE in turns with scikit-learn's Barnes-Hut: seconds, and the divergence that each reached, by one sum over every pair for both.

    ninja -C build benches && /usr/bin/python3 tests/bench/maps.py build/tests/bench/bench_maps [--samples 10000] [--columns 256] [--dimensions 2]

Needs python3-sklearn. On a machine that does nothing else.
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

import numpy as np
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import NearestNeighbors

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("bench")
parser.add_argument("--samples", type=int, default=10000)
parser.add_argument("--columns", type=int, default=256)
parser.add_argument("--dimensions", type=int, default=2)
parser.add_argument("--perplexity", type=float, default=30)
parser.add_argument("--rounds", type=int, default=1)
parser.add_argument("--rows", help="a .npy of embeddings in place of the made ones, as pretext embed writes it")
options = parser.parse_args()


def made_rows():
    """Ten classes that are curved sheets, on the unit sphere, as embeddings are."""
    rng = np.random.default_rng(0)
    n, d = options.samples, options.columns
    hidden = rng.normal(size=(n, 8)) + 3 * rng.normal(size=(10, 8))[np.arange(n) % 10]
    rows = np.tanh(hidden @ rng.normal(size=(8, d)) / 3) + 0.05 * rng.normal(size=(n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def affinities(rows):
    graph = NearestNeighbors(n_neighbors=int(3 * options.perplexity + 1)).fit(rows).kneighbors_graph(mode="distance")
    graph.data **= 2
    graph.sort_indices()
    return _joint_probabilities_nn(graph, options.perplexity, 0).tocoo()


def divergence(p, y):
    y, norm = y.astype(np.float64), 0
    for first in range(0, len(y), 1000):
        part = y[first:first + 1000]
        norm += (1 / (1 + np.maximum(((part**2).sum(1)[:, None] + (y**2).sum(1) - 2 * part @ y.T), 0))).sum()
    norm -= len(y)
    q = 1 / (1 + ((y[p.row] - y[p.col]) ** 2).sum(1)) / norm
    some = p.data > 0
    return float((p.data[some] * np.log(p.data[some] / q[some])).sum())


rows = (np.load(options.rows)[:options.samples] if options.rows else made_rows()).astype(np.float32)
rows = np.ascontiguousarray(rows)
p = affinities(rows)
for _ in range(options.rounds):
    with tempfile.TemporaryDirectory() as folder:
        into, out = os.path.join(folder, "in"), os.path.join(folder, "out")
        rows.tofile(into)
        said = subprocess.run([options.bench, into, *map(str, rows.shape), out, str(options.dimensions)], check=True, capture_output=True, text=True).stdout
        ours = {**json.loads(said), "divergence": divergence(p, np.fromfile(out, np.float32).reshape(len(rows), -1))}
    begun = time.perf_counter()
    laid = TSNE(options.dimensions, perplexity=options.perplexity, init="pca", learning_rate="auto", random_state=0, n_jobs=-1).fit_transform(rows)
    theirs = {"seconds": round(time.perf_counter() - begun, 2), "divergence": divergence(p, laid)}
    print("pretext     ", ours)
    print("scikit-learn", theirs)
    print("ratio        seconds %.3f, divergence %.3f" % (ours["seconds"] / theirs["seconds"], ours["divergence"] / theirs["divergence"]))
