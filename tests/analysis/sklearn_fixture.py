#!/usr/bin/env python3
"""Makes sklearn.safetensors: a small problem, and what scikit-learn says of it. Needs python3-sklearn and NumPy only."""
import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(1)
N, Q, D, K, L2, TEMPERATURE = 400, 200, 12, 20, 1e-3, 0.07
centres = rng.normal(size=(3, D))


def blobs(n):
    labels = rng.integers(0, 3, n)
    return (centres[labels] + 1.5 * rng.normal(size=(n, D))).astype(np.float32), labels.astype(np.int32)


def knn(bank, bank_labels, queries):
    unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)
    similarity = unit(queries.astype(np.float64)) @ unit(bank.astype(np.float64)).T
    votes = []
    for row in similarity:
        nearest = np.argsort(-row)[:K]
        votes.append(np.bincount(bank_labels[nearest], np.exp(row[nearest] / TEMPERATURE), 3).argmax())
    return np.array(votes, np.int32)


def r2(train, train_values, test, test_values):
    """The ridge is chosen on every tenth row, then fitted on all."""
    result = []
    held = np.arange(N) % 10 == 9
    for t in range(train_values.shape[1]):
        y = train_values[:, t] - train_values[:, t].mean()
        fit = lambda rows, ridge: Ridge(alpha=ridge * rows.sum(), fit_intercept=False).fit(train[rows], y[rows])
        ridges = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5]
        best = min(ridges, key=lambda r: ((fit(~held, r).predict(train[held]) - y[held]) ** 2).sum())
        truth = test_values[:, t]
        error = truth - train_values[:, t].mean() - fit(held | True, best).predict(test)
        result.append(1 - (error**2).sum() / ((truth - truth.mean()) ** 2).sum())
    return np.array(result, np.float32)


train, train_labels = blobs(N)
test, test_labels = blobs(Q)
mix = rng.normal(size=(D, 2))
train_values = (train @ mix + 2 * rng.normal(size=(N, 2)) + 5).astype(np.float32)
test_values = (test @ mix + 2 * rng.normal(size=(Q, 2)) + 5).astype(np.float32)
scaler = StandardScaler().fit(train)
x, q = scaler.transform(train).astype(np.float64), scaler.transform(test).astype(np.float64)
# scikit-learn minimises C times the sum of the cross-entropies plus half the squared weights.
probe = LogisticRegression(C=1 / (L2 * N), tol=1e-8, max_iter=10000).fit(x, train_labels)
pca = PCA(4, svd_solver="full").fit(train.astype(np.float64))
tensors = {
    "train": train, "train_labels": train_labels, "test": test, "test_labels": test_labels,
    "train_values": train_values, "test_values": test_values, "l2": np.array([L2], np.float32),
    "knn": knn(train, train_labels, test), "probe": probe.predict(q).astype(np.int32),
    "probe_accuracy": np.array([probe.score(q, test_labels)], np.float32), "r2": r2(x, train_values, q, test_values),
    "pca": pca.transform(test.astype(np.float64)).astype(np.float32), "pca_variance": (pca.explained_variance_ * (N - 1) / N).astype(np.float32),
}
header, data = {}, b""
for name, value in sorted(tensors.items()):
    raw = np.ascontiguousarray(value).tobytes()
    header[name] = {"dtype": {"float32": "F32", "int32": "I32"}[value.dtype.name], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
pathlib.Path(__file__).with_name("sklearn.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
