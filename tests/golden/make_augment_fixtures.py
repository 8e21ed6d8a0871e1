#!/usr/bin/python3
"""Makes augment.safetensors: each augmentation with given parameters, as torchvision 0.14 does it on float tensors (no antialias).

The file holds
  original/KIND   U8   [H, W, C]          the originals
  NAME            F32  [H, W, C]          for each case what torchvision makes of its original
and its metadata holds under NAME, as JSON, the original's KIND and the parameters, which recordFrom of tests/tst_augment.cpp reads as
deeds; what is not named was not done. `distribution/...` holds facts of RandomResizedCrop's own draws, as [minimum, mean, maximum, deviation].
Rotation after a crop is torch's grid_sample on the original with both maps composed, since the project resamples once.
"""
import json
import math
import pathlib
import struct

import numpy as np
import torch
import torchvision
from torchvision.transforms import InterpolationMode, RandomResizedCrop
from torchvision.transforms import functional as F

tensors, metadata = {}, {"torchvision": torchvision.__version__}
rng = np.random.default_rng(7)


def photo(height, width, channels):
    """Smooth colours, sharp edges, saturated corners and a grey patch: what the cases need to differ on."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [127.5 + 127.5 * np.sin((x * (c + 1) + y * (3 - c)) / 6.0 + c) for c in range(channels)]
    image = np.stack(planes, -1) + rng.normal(0, 20, (height, width, channels))
    image[: height // 4, : width // 4] = 255
    image[-height // 4 :, -width // 4 :] = 0
    image[height // 3 : height // 2, width // 3 : width // 2] = 90
    return np.clip(image, 0, 255).astype(np.uint8)


ORIGINALS = {"grey": photo(28, 28, 1), "rgb": photo(32, 32, 3)}
tensors.update({f"original/{kind}": image for kind, image in ORIGINALS.items()})


def case(name, original, transform, **parameters):
    image = ORIGINALS[original]
    planes = torch.from_numpy(image).permute(2, 0, 1).float() / 255
    view = transform(planes).permute(1, 2, 0).contiguous()
    tensors[name] = view.numpy().astype(np.float32)
    metadata[name] = json.dumps({"original": original, **parameters})


def crop_of(original, left, top, width, height):
    h, w = ORIGINALS[original].shape[:2]
    return {"x": left / w, "y": top / h, "width": width / w, "height": height / h}


def cropped(planes, left, top, width, height):
    return F.resized_crop(planes, top, left, height, width, list(planes.shape[1:]), InterpolationMode.BILINEAR, antialias=False)


def turned_crop(planes, box, flip, degrees):
    """The composed map, view pixel -> original pixel, through grid_sample with black outside."""
    left, top, width, height = box
    H, W = planes.shape[1:]
    y, x = torch.meshgrid(torch.arange(H).float() - (H - 1) / 2, torch.arange(W).float() - (W - 1) / 2, indexing="ij")
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    u, v = x * c - y * s, x * s + y * c
    u = (-u if flip else u) * width / W + left + width / 2
    v = v * height / H + top + height / 2
    grid = torch.stack([2 * u / W - 1, 2 * v / H - 1], -1)[None]
    return torch.nn.functional.grid_sample(planes[None], grid, mode="bilinear", padding_mode="zeros", align_corners=False)[0]


def kernel_size(sigma, side):
    return 2 * min(math.ceil(3 * sigma), side - 1) + 1


STEPS = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue]
FIELDS = ["brightness", "contrast", "saturation", "hue"]


def jittered(planes, order, values):
    for step in order:
        planes = STEPS[step](planes, values[FIELDS[step]])
    return planes


for kind in ORIGINALS:
    for number, box in enumerate([(3, 5, 17, 14), (0, 0, 28, 28), (20, 1, 8, 23), (9, 9, 1, 1), (0, 10, 28, 5)]):
        crop = crop_of(kind, *box)
        case(f"crop/{kind}/{number}", kind, lambda p: cropped(p, *box), crop=crop)
        case(f"crop_flip/{kind}/{number}", kind, lambda p: F.hflip(cropped(p, *box)), crop=crop, flipped=True)
    for degrees in (15.0, -33.0, 90.0, 178.0):
        case(f"rotation/{kind}/{degrees:g}", kind, lambda p: F.rotate(p, degrees, InterpolationMode.BILINEAR), rotation=degrees)
    for number, (box, flip, degrees) in enumerate([((3, 5, 17, 14), False, 12.0), ((8, 0, 20, 26), True, -25.0)]):
        case(f"crop_rotation/{kind}/{number}", kind, lambda p: turned_crop(p, box, flip, degrees), crop=crop_of(kind, *box), flipped=flip, rotation=degrees)
    for factor in (0.0, 0.6, 1.4):
        case(f"brightness/{kind}/{factor}", kind, lambda p: F.adjust_brightness(p, factor), brightness=factor, jitterOrder=[0])
        case(f"contrast/{kind}/{factor}", kind, lambda p: F.adjust_contrast(p, factor), contrast=factor, jitterOrder=[1])
    for sigma in (0.1, 0.7, 1.6, 5.0):
        side = ORIGINALS[kind].shape[0]
        case(f"blur/{kind}/{sigma}", kind, lambda p: F.gaussian_blur(p, kernel_size(sigma, side), sigma), blurSigma=sigma)
    for threshold in (0.0, 0.5, 0.9):
        case(f"solarise/{kind}/{threshold}", kind, lambda p: F.solarize(p, threshold), solarise=threshold)
    h, w = ORIGINALS[kind].shape[:2]
    case(f"cutout/{kind}", kind, lambda p: F.erase(p, 6, 4, 9, 11, torch.zeros(1)), cutout={"x": 4 / w, "y": 6 / h, "width": 11 / w, "height": 9 / h})

for factor in (0.0, 0.6, 1.4):
    case(f"saturation/rgb/{factor}", "rgb", lambda p: F.adjust_saturation(p, factor), saturation=factor, jitterOrder=[2])
for turns in (-0.5, -0.13, 0.1, 0.4):
    case(f"hue/rgb/{turns}", "rgb", lambda p: F.adjust_hue(p, turns), hue=turns, jitterOrder=[3])
case("grey/rgb", "rgb", lambda p: F.rgb_to_grayscale(p, 3), grey=True)
values = {"brightness": 1.3, "contrast": 0.7, "saturation": 1.4, "hue": 0.08}
for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]):
    case("jitter/rgb/" + "".join(map(str, order)), "rgb", lambda p: jittered(p, order, values), jitterOrder=order, **values)
case("jitter/grey/10", "grey", lambda p: jittered(p, [1, 0], values), jitterOrder=[1, 0], brightness=1.3, contrast=0.7)


def everything(planes):
    planes = jittered(F.hflip(cropped(planes, 3, 5, 17, 14)), [2, 0, 3, 1], values)
    planes = F.gaussian_blur(planes, kernel_size(0.7, 32), 0.7)
    return F.erase(F.solarize(planes, 0.8), 6, 4, 9, 11, torch.zeros(1))


case("everything/rgb", "rgb", everything, crop=crop_of("rgb", 3, 5, 17, 14), flipped=True, jitterOrder=[2, 0, 3, 1], blurSigma=0.7, solarise=0.8,
     cutout={"x": 4 / 32, "y": 6 / 32, "width": 11 / 32, "height": 9 / 32}, **values)

torch.manual_seed(0)
boxes = np.array([RandomResizedCrop.get_params(torch.zeros(1, 28, 28), (0.3, 1.0), (3 / 4, 4 / 3)) for _ in range(40000)]) / 28.0
for name, column in (("area", boxes[:, 2] * boxes[:, 3]), ("x", boxes[:, 1]), ("width", boxes[:, 3]), ("ratio", boxes[:, 3] / boxes[:, 2])):
    tensors[f"distribution/{name}"] = np.array([column.min(), column.mean(), column.max(), column.std()], np.float32)


def write(path):
    """The safetensors format, written by hand so that the script needs no package for it."""
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, array in sorted(tensors.items()):
        blob = np.ascontiguousarray(array).tobytes()
        kind = {"uint8": "U8", "float32": "F32"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    print(f"{path}: {len(metadata) - 1} cases, {path.stat().st_size} bytes")


write(pathlib.Path(__file__).parent / "augment.safetensors")
