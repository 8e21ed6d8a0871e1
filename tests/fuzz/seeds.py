#!/usr/bin/env python3
"""Writes the first inputs of every fuzz target into corpus/TARGET, small ones, and words worth trying into dictionaries/TARGET.dict. Needs
ImageMagick's convert for the pictures.

What was found since lies beside the seeds under a name of its own, and is not touched.
"""
import gzip
import io
import json
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
BETWEEN = b"\n====\n"


def seed(target, name, *parts):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    (folder / ("seed-" + name)).write_bytes(BETWEEN.join(encoded))


def dictionary(target, *words):
    folder = HERE / "dictionaries"
    folder.mkdir(exist_ok=True)
    lines = []
    for word in dict.fromkeys(word.encode() if isinstance(word, str) else word for word in words):
        text = "".join(chr(byte) if 0x20 <= byte < 0x7f and byte not in b'"\\' else f"\\x{byte:02x}" for byte in word)
        lines.append(f'"{text}"\n')
    (folder / (target + ".dict")).write_text("".join(lines))


NUMBERS = ["-1", "0", "1e400", "1e-400", "NaN", "Infinity", "2147483648", "4294967296", "9223372036854775808", "18446744073709551616", "0.1e1", "010"]
SYNTAX = ["null", "true", "false", "{}", "[]", '""', "{", "[", "]", "}", ",", ":", '"\\u0000"', '"\\ud800"', *NUMBERS]


def keys(value):
    """Every key of a JSON value and every text in it, quoted."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield json.dumps(key)
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)
    elif isinstance(value, str):
        yield json.dumps(value)


def packed(data):
    return gzip.compress(data, mtime=0)


def idx(extents, values):
    return bytes([0, 0, 8, len(extents)]) + b"".join(struct.pack(">I", extent) for extent in extents) + values


def idx_seeds():
    images, labels = idx([4, 3, 2], bytes(range(24))), idx([4], bytes([0, 1, 1, 2]))
    seed("idx", "images", images)
    seed("idx", "colour", idx([2, 2, 2, 3], bytes(range(24))))
    seed("idx", "labelled", images, labels)
    seed("idx", "split", images, labels, idx([2, 3, 2], bytes(12)), idx([2], bytes([9, 3])))
    seed("idx", "gzip", packed(images), packed(labels))
    seed("idx", "short", images[:-1])
    dictionary("idx", BETWEEN, b"\0\0\x08\x01", b"\0\0\x08\x03", b"\0\0\x08\x04", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\x01\0\0", b"\x1f\x8b\x08")


def cifar_seeds():
    names = "aeroplane\ncar\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\nlorry\n"
    pixels = bytes(i % 251 for i in range(3072))
    seed("cifar", "ten", bytes([3]) + pixels + bytes([9]) + pixels, names)
    seed("cifar", "hundred", bytes([19, 99]) + pixels)
    seed("cifar", "gzip", packed((bytes([3]) + pixels) * 3))


def convert(*arguments):
    return subprocess.run(["convert", *arguments], check=True, capture_output=True).stdout


def picture_seeds():
    made = ["-seed", "1", "-size", "9x7", "plasma:red-blue", "-strip"]
    kinds = {
        "png": ["-define", "png:exclude-chunk=date,time", "png:-"], "grey-png": ["-colorspace", "gray", "png:-"], "palette-png": ["-colors", "4", "png8:-"],
        "deep-png": ["-depth", "16", "png48:-"], "clear-png": ["-alpha", "set", "-channel", "A", "-evaluate", "set", "50%", "png32:-"],
        "interlaced-png": ["-interlace", "PNG", "png:-"], "jpeg": ["jpeg:-"], "progressive-jpeg": ["-interlace", "JPEG", "jpeg:-"],
        "grey-jpeg": ["-colorspace", "gray", "jpeg:-"], "cmyk-jpeg": ["-colorspace", "CMYK", "jpeg:-"], "bmp": ["bmp:-"], "tiff": ["tiff:-"],
        "deep-tiff": ["-depth", "16", "tiff:-"], "ppm": ["ppm:-"], "plain-pgm": ["-colorspace", "gray", "-compress", "none", "pgm:-"],
        "pbm": ["-monochrome", "pbm:-"], "webp": ["webp:-"], "lossless-webp": ["-define", "webp:lossless=true", "webp:-"], "gif": ["gif:-"],
        "heic": ["heic:-"], "avif": ["avif:-"],
    }
    for name, arguments in kinds.items():
        seed("picture", name, convert(*made, *arguments))
    jpeg = convert(*made, "jpeg:-")
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    seed("picture", "turned-jpeg", jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    png, tiff = convert(*made, "png:-"), exif[6:]
    chunk = b"eXIf" + tiff
    seed("picture", "turned-png", png[:33] + struct.pack(">I", len(tiff)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:])
    seed("picture", "cut-jpeg", jpeg[: len(jpeg) // 2] + b"\xff\xd9")
    dictionary("picture", "IHDR", "PLTE", "tRNS", "IDAT", "IEND", "eXIf", "iCCP", "gAMA", "acTL", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xc0", b"\xff\xc2", b"\xff\xda",
               b"\xff\xd9", b"\xff\xe1", b"\xff\xdd", exif[:14], "RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "EXIF", "BM", b"II*\0", b"MM\0*", "P5\n", "P6\n", "P1\n", "ftypheic", "ftypavif", "meta", "iprp", "ispe", "irot", "mdat", "iloc",
               "255\n", "65535\n", "99999 99999\n", b"\x12\x01\x03\0")


def pictureindex_seeds():
    names = b"cat/a.png\0cat/b.png\0dog/c.jpg\0"
    seed("pictureindex", "no-stamps", struct.pack("<Q", 0) + names)
    stamp = b"/nowhere"
    seed("pictureindex", "one-stamp", struct.pack("<QQ", 1, len(stamp)) + stamp + struct.pack("<QQQ", 0, 0, 0) + names)


def safetensors_seeds():
    def file(header, data):
        text = header if isinstance(header, str) else json.dumps(header)
        seed_name = file.name
        seed("safetensors", seed_name, text, data)
        seed("safetensors", seed_name + "-whole", struct.pack("<Q", len(text)) + text.encode() + data)
    tensors = {"__metadata__": {"format": "pt"}, "a.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
               "b": {"dtype": "I64", "shape": [1], "data_offsets": [16, 24]}, "c": {"dtype": "BF16", "shape": [3], "data_offsets": [24, 30]},
               "d": {"dtype": "U8", "shape": [], "data_offsets": [30, 31]}, "e": {"dtype": "F64", "shape": [0, 7], "data_offsets": [31, 31]}}
    file.name = "tensors"
    file(tensors, bytes(31))
    dictionary("safetensors", BETWEEN, *keys(tensors), *SYNTAX, '"F16"', '"I8"', '"BOOL"', '"shape":[0]', '"data_offsets":[0,0]')
    file.name = "empty"
    file({}, b"")
    file.name = "unknown-type"
    file({"a": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}, b"\0")
    file.name = "overlap"
    file({"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}, "b": {"dtype": "U8", "shape": [2], "data_offsets": [1, 3]}}, bytes(3))


def npy(kind, shape, data, order="False"):
    header = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + data


def zipped(files, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def tarred(files, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            if isinstance(data, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, data
                archive.addfile(entry)
            else:
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def array_seeds():
    images, labels = npy("|u1", (4, 3, 2), bytes(range(24))), npy("<i8", (4,), struct.pack("<4q", 0, 1, 1, 2))
    seed("array", "bytes", images, labels)
    seed("array", "colour", npy("<f4", (2, 2, 2, 3), struct.pack("<24f", *(i / 24 for i in range(24)))))
    seed("array", "doubles", npy("<f8", (2, 2, 2), struct.pack("<8d", *range(8))), npy("<f4", (2, 1), struct.pack("<2f", 0.5, 1.5)))
    seed("array", "fortran", npy("|u1", (4, 3, 2), bytes(24), "True"))
    seed("array", "objects", npy("|O", (4,), b"\x80\x04."))
    seed("array", "npz", zipped({"x_train.npy": images, "y_train.npy": labels, "x_test.npy": images, "y_test.npy": labels}))
    seed("array", "npz-stored", zipped({"images.npy": images, "labels.npy": labels}, zipfile.ZIP_STORED))
    dictionary("array", BETWEEN, b"\x93NUMPY\x01\0", b"\x93NUMPY\x02\0", "'descr': ", "'fortran_order': ", "'shape': ", "True", "False", "'|u1'", "'<i4'", "'<i8'", "'>f4'", "'<f8'",
               "'|b1'", "'|O'", "(", ")", ",", "(4,)", "(0,)", "(-1, 2)", "(9223372036854775807, 9223372036854775807)", "4294967296", "PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "x_train.npy",
               "y_train.npy", "images.npy", ".npy")


def archive_seeds():
    texts = {"a/one.txt": b"One line of text.\nAnother.\n", "b/two.txt": b"A third line.\nA fourth one.\n"}
    image = b"P5\n4 4\n255\n" + bytes(range(16))
    pictures = {f"all/{kind}/{i}.pgm": image for kind in ("cat", "dog") for i in range(2)}
    seed("archive", "zip", zipped(texts))
    seed("archive", "zip-stored", zipped(pictures, zipfile.ZIP_STORED))
    seed("archive", "zip-upwards", zipped({"../out.txt": b"a\nb\n", **texts}))
    seed("archive", "tar", tarred(pictures))
    seed("archive", "tar-links", tarred({"a/link.txt": "/etc/passwd", "a/up": "../..", "a/up/x.txt": b"a\nb\n", **texts}))
    seed("archive", "tar-upwards", tarred({"/out.txt": b"a\n", "a/../../out.txt": b"b\n"}))
    seed("archive", "tar-gz", packed(tarred(texts)))
    dictionary("archive", "../", "/", "a/", "\0", "ustar\0", "ustar  \0", "PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "PK\x06\x06", "PK\x07\x08", ".txt", ".pgm", ".zip", "0000644", "././@LongLink",
               "12 path=a\n", b"\x1f\x8b\x08", b"\xfd7zXZ\0", "BZh9", b"\x28\xb5\x2f\xfd", b"\xff\xff\xff\xff")


SIMCLR = {"version": 1, "method": "simclr", "dataset": "shapes", "encoder": "mlp", "size": 32, "colour": True, "batch": 8, "seed": 1, "steps": 20,
          "minutes": 0.0, "threads": 0, "device": "auto", "precision": "auto", "init": "", "image": [8, 8, 1],
          "knobs": {"encoder.width": 16.0, "encoder.depth": 1.0, "encoder.dimension": 8.0, "projector.width": 8.0, "projector.dimension": 4.0,
                    "projector.depth": 1.0, "temperature": 0.2, "learning_rate": 0.001}}
MLM = {**SIMCLR, "method": "mlm", "dataset": "kjv", "encoder": "transformer", "image": [0, 0, 0], "knobs": {"tokenizer": "word", "mask.ratio": 0.15}}
RESNET = {**SIMCLR, "encoder": "resnet", "knobs": {}}


def config_seeds():
    for name, config in {"simclr": SIMCLR, "mlm": MLM, "resnet": RESNET, "empty": {}}.items():
        seed("config", name, json.dumps(config, indent=2) + "\n", "temperature=0.3\nencoder.width=32\noptimizer=adamw\n" if name == "simclr" else "")


    dictionary("config", BETWEEN, *keys([SIMCLR, MLM, RESNET]), *SYNTAX, '"cifar"', '"prefix"', '"clm"', '"denoise"', '"simcse"', "encoder.heads=", "\n")


def checkpoint_seeds():
    state = {"step": 5, "planned_steps": 20, "loss": 2.5, "optimizer_steps": 5, "config": SIMCLR, "backend": "f32", "mean": [0.5], "deviation": [0.25],
             "image": [8, 8, 1]}
    seed("checkpoint", "whole", json.dumps(state))
    dictionary("checkpoint", BETWEEN, *keys([state, MLM]), *keys(vocabulary("bpe")), *SYNTAX)
    seed("checkpoint", "no-mean", json.dumps({**state, "mean": []}))
    seed("checkpoint", "no-loss", json.dumps({**state, "loss": None}))
    seed("checkpoint", "text", json.dumps({**state, "config": MLM, "image": [0, 0, 0], "mean": [], "deviation": []}), json.dumps(vocabulary("word")))


def session_seeds():
    session = {"kind": "pretext-session", "version": 1, "config": SIMCLR, "layout": "AAAA", "knobs": {"temperature": "0.5", "crop.min_area": 0.2},
               "panels": ["similarity", "metrics"], "selection": {"pair": 3}}
    seed("session", "whole", json.dumps(session, indent=2))
    dictionary("session", *keys(session), *SYNTAX, '"../../"', '"/"')
    seed("session", "short", json.dumps({"kind": "pretext-session", "version": 1}))
    seed("session", "path", json.dumps({**session, "config": {**SIMCLR, "dataset": "pictures/cats"}}))


def csv_seeds():
    rows = "".join(f'"a text, the {i}th",{i % 3},{i / 2}\n' for i in range(12))
    seed("csv", "comma", "text,label,weight\n" + rows)
    seed("csv", "tab", "sentence\tclass\r\nOne ran.\tx\r\nTwo ran.\ty\r\n\"Three \"\"ran\"\".\"\tx\r\nFour\tz\r\n")
    seed("csv", "ragged", "text;n\none;1\ntwo\nthree;3;3\nfour;4\n")
    seed("csv", "open-quote", 'text\n"never closed\n')
    dictionary("csv", *'",;\t\n\r', '""', '"\n"', "\r\n", "text", "label", "sentence", "\ufeff", "nan", "inf", "1e39", "#", b"\0", b"\xff\xfe")
    seed("csv", "one-column", "太初有道\n道與神同在\n道就是神\n")


def text_seeds():
    seed("text", "lines", "\ufeffIn the beginning was the Word.\r\nThe end came later!\nA third line.\n")
    seed("text", "paragraphs", "One line\nof a paragraph.\n\nAnother\none.\n\nA third.\n")
    seed("text", "long", "A sentence of some words. " * 40 + "長長的一句話。" * 60 + "x" * 900)
    dictionary("text", "\n\n", "\r\n", "\r", ". ", "。", "？", "\ufeff", "\u2581", "\u00a0", "\u3000", b"\0", b"\xff\xfe", b"\xfe\xff", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x1f\x8b\x08")
    seed("text", "gzip", packed(b"one line\nand another\n"))
    seed("text", "utf-16", "one line\nand another\n".encode("utf-16"))
    seed("text", "latin-1", "caf\u00e9\nol\u00e9\n".encode("latin-1"))


def vocabulary(kind):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = {"word": ["▁In", "▁the", "▁beginning", "▁was", ".", "太", "初"], "character": list("▁Inthebgiwas.太初"),
              "unigram": ["▁", "▁the", "▁In", "be", "gin", "ning", "n", "i", "was", "太"], "bpe": ["▁", "t", "h", "e", "th", "the", "▁the", "n", "i", "in"]}[kind]
    pieces = special + list(dict.fromkeys(pieces))
    scored = kind in ("unigram", "bpe")
    return {"version": 1, "kind": kind, "pieces": pieces, "scores": [float(-i) for i in range(len(pieces))] if scored else []}


def tokenizer_seeds():
    for kind in ("word", "character", "unigram", "bpe"):
        seed("tokenizer", kind, json.dumps(vocabulary(kind), ensure_ascii=False), "In the beginning [MASK] was.[SEP]太初 ?!")


    dictionary("tokenizer", BETWEEN, *keys([vocabulary(kind) for kind in ("word", "unigram")]), *SYNTAX, "▁", "[MASK]", "[SEP]", "[UNK]", "[PAD]", "[CLS]", "\u3000", b"\xff")


def rows_seeds():
    metrics = "step,seconds,loss,lr\n" + "".join(f"{i},{i / 8},{3 - i / 4},0.001\n" for i in range(1, 6))
    events = "".join(json.dumps(event) + "\n" for event in (
        {"step": 0, "kind": "start"}, {"step": 3, "kind": "knob", "name": "temperature", "before": "0.2", "after": "0.3"}))
    seed("rows", "whole", metrics, events)
    dictionary("rows", BETWEEN, "step,seconds", ",", "\n", "\r\n", '{"step":', '"kind":', '"name":', '"before":', '"after":', '"message":', "nan", "-inf", *NUMBERS)
    seed("rows", "torn", metrics + "6,0.7", events + '{"step": 4, "ki')
    seed("rows", "not-finite", "step,seconds,loss\n1,0.1,nan\n2,0.2,inf\n")


def commandline_seeds():
    lines = ["train --method simclr --dataset shapes --encoder mlp --steps 20 --batch 8 --seed 3 --threads 2 --out runs/a --set temperature=0.3 --grey",
             "train --minutes 2.5 --size 48 --precision f32 --device cpu --config a.json --init runs/b --profile", "train --resume --out runs/a --steps 40",
             "evaluate runs/a --json", "evaluate runs/a --prompt [MASK]", "embed runs/a --split test --out a.npy", "export runs/a --format onnx --out a.onnx --force",
             "methods --json", "datasets", "encoders", "bench --list", "bench --row simclr --rounds 2", "--help", "--version", "train --help", "trian", "train --stesp 4",
             "train --seed=-1 --steps 010", "-"]
    dictionary("commandline", *dict.fromkeys(word for line in lines for word in line.split()), "\n", "=", "--", "-h", *NUMBERS)
    for number, line in enumerate(lines):
        seed("commandline", f"{number:02}", "\n".join(line.split()))


for make in list(globals().values()):
    if callable(make) and getattr(make, "__name__", "").endswith("_seeds"):
        make()
