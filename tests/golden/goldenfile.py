"""Writes one golden fixture. The format is described in README.md; this file needs numpy only."""
import json
import struct
import zlib

import numpy as np

TYPES = {"float32": "F32", "float64": "F64", "int32": "I32", "int64": "I64"}


def write_safetensors(path, tensors, metadata):
    """tensors: name -> numpy array; metadata: name -> str."""
    header, offset, chunks = {"__metadata__": metadata}, 0, []
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].dtype.itemsize, item[0])):
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": TYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        chunks.append(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def write_case(folder, name, operation, options, tensors):
    write_safetensors(f"{folder}/{name}.safetensors", tensors, {"operation": operation, "options": json.dumps(options)})


def generator(name):
    """Random numbers that depend on the case's name alone, so that adding a case changes no other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def exact(array):
    """Rounded to float32 and widened again: what the reference computes from is exactly what is stored."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)
