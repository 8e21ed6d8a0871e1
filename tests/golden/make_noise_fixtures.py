#!/usr/bin/python3
"""Makes noises.safetensors: each kind of image noise with given strength and key, by NumPy in double precision. Needs numpy only.

The file holds NAME F32 [H, W, C]: what the noise makes of an original of augment.safetensors; its metadata holds under NAME, as JSON, the
original's KIND, the noise's name, its strength, and its key as two numbers of 32 bits, low then high; and shuffled patches, with the
patches along a side for the strength.

The formulas are those of scikit-image's random_noise (gaussian, s&p, speckle: clipped to [0, 1]) and of torchvision's gaussian_blur; what is
drawn are hashes of (key, place), so that the same numbers are here and there: place counts the values [C, H, W], or the pixels [H, W], or
the squares of the hidden grid.
"""
import json
import math
import pathlib
import struct

import numpy as np

from goldenfile import write_safetensors

HERE = pathlib.Path(__file__).parent
U32 = np.uint64(0xFFFFFFFF)


def originals():
    data = (HERE / "augment.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    for kind in ("grey", "rgb"):
        entry = header[f"original/{kind}"]
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        yield kind, np.frombuffer(data[begin:end], np.uint8).reshape(entry["shape"]).transpose(2, 0, 1) / 255.0


def mixed(x):
    x = ((x ^ (x >> np.uint64(16))) * np.uint64(0x7FEB352D)) & U32
    x = ((x ^ (x >> np.uint64(15))) * np.uint64(0x846CA68B)) & U32
    return x ^ (x >> np.uint64(16))


def hashes(places, key):
    low, high = (np.uint64(part) for part in key)
    first = mixed((np.asarray(places, np.uint64) * np.uint64(0x9E3779B9) + low) & U32)
    return first, mixed(first ^ high)


def normal(places, key):
    """The sum of eight uniform bytes, of mean 0 and variance 1 (Irwin-Hall)."""
    total = sum(((word >> np.uint64(8 * byte)) & np.uint64(255)).astype(np.float64) for word in hashes(places, key) for byte in range(4))
    return (total - 1020) / math.sqrt(8 * (256**2 - 1) / 12)


def uniform(places, key):
    return (hashes(places, key)[1] >> np.uint64(8)).astype(np.float64) / 2**24


def gaussian(x, strength, key):
    return np.clip(x + strength * normal(np.arange(x.size).reshape(x.shape), key), 0, 1)


def speckle(x, strength, key):
    return np.clip(x + x * strength * normal(np.arange(x.size).reshape(x.shape), key), 0, 1)


def salt_and_pepper(x, strength, key):
    draw = uniform(np.arange(x[0].size).reshape(x[0].shape), key)
    return np.where(draw < strength / 2, 0, np.where(draw < strength, 1, x))


def hidden(x, side, strength, key):
    y, column = np.indices(x[0].shape) // side
    draw = uniform(y * math.ceil(x.shape[2] / side) + column, key)
    return np.where(draw < strength, x.mean((1, 2), keepdims=True), x)


def blur(x, strength, _):
    sigma = strength * min(x.shape[1:])
    radius = min(math.ceil(3 * sigma), min(x.shape[1:]) - 1)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        pad = [(radius, radius) if a == axis else (0, 0) for a in range(3)]
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, pad, mode="reflect"), 2 * radius + 1, axis)
        x = windows @ weights
    return x


NOISES = {
    "gaussian": gaussian,
    "salt-and-pepper": salt_and_pepper,
    "speckle": speckle,
    "masking": lambda x, strength, key: hidden(x, 1, strength, key),
    "blocks": lambda x, strength, key: hidden(x, max(1, math.floor(min(x.shape[1:]) / 8 + 0.5)), strength, key),
    "blur": blur,
}


def shuffle(x, side, key):
    """Patches in the order of their random numbers; what they leave at the right and below stays."""
    height, width = (extent // side for extent in x.shape[1:])
    y = x.copy()
    for place, source in enumerate(np.argsort(uniform(np.arange(side * side), key), kind="stable")):
        (to_row, to_column), (row, column) = divmod(place, side), divmod(int(source), side)
        patch = x[:, row * height:(row + 1) * height, column * width:(column + 1) * width]
        y[:, to_row * height:(to_row + 1) * height, to_column * width:(to_column + 1) * width] = patch
    return y


tensors, metadata = {}, {}
for kind, image in originals():
    for side, key in ((2, [0x89ABCDEF, 0x01234567]), (5, [7, 0])):
        name = f"shuffle/{kind}/{side}"
        tensors[name] = shuffle(image, side, key).transpose(1, 2, 0).astype(np.float32)
        metadata[name] = json.dumps({"original": kind, "shuffle": side, "key": key})
    for noise, function in NOISES.items():
        for strength, key in ((0.03125, [0x89ABCDEF, 0x01234567]), (0.25, [7, 0]), (1.0, [0, 0xFFFFFFFF])):
            name = f"{noise}/{kind}/{strength:g}"
            tensors[name] = function(image, strength, key).transpose(1, 2, 0).astype(np.float32)
            metadata[name] = json.dumps({"original": kind, "noise": noise, "strength": strength, "key": key})
write_safetensors(HERE / "noises.safetensors", tensors, metadata)
print(f"{len(tensors)} cases")
