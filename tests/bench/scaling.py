#!/usr/bin/python3
"""How cost grows: `scaling.py [--binary build/pretext] [--out scaling] [--only NAME]` trains short runs, one after the other, and draws the
median step's time against batch, width, context, threads and the size of the data, each with the exponent of the line fitted to it, and the
resident memory of one run over time. A table on standard output; PNGs and one scaling.json in the folder. Minutes; on a machine that does
nothing else."""
import argparse
import csv
import json
import math
import os
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

WARM_UP, STEPS = 4, 16


def train(binary, folder, arguments, steps=STEPS + WARM_UP, watch=None):
    """Milliseconds of each step behind the warm-up."""
    command = [binary, "train", "--steps", str(steps), "--out", str(folder)] + arguments
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while watch and process.poll() is None:
        watch(process.pid)
        time.sleep(0.5)
    error = process.communicate()[1]
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: {error.strip()}")
    with open(folder / "metrics.csv") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    return [1e3 * (b - a) for a, b in zip(seconds[WARM_UP - 1:], seconds[WARM_UP:])]


def resident(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def exponent(xs, ys):
    """Of the line through (log x, log y), by least squares."""
    lx, ly = [math.log(x) for x in xs], [math.log(y) for y in ys]
    mx, my = statistics.mean(lx), statistics.mean(ly)
    return sum((a - mx) * (b - my) for a, b in zip(lx, ly)) / sum((a - mx) ** 2 for a in lx)


def write_text(path, lines):
    """Sentences of made-up words; the same for the same number."""
    draw = random.Random(1)
    words = ["".join(draw.choice("aeioutnrslmd") for _ in range(draw.randint(2, 8))) for _ in range(3000)]
    path.write_text("\n".join(" ".join(draw.choice(words) for _ in range(12)) + "." for _ in range(lines)))
    return str(path)


def write_idx(path, count):
    """Grey noise of 28 x 28, as MNIST's files have it."""
    path.write_bytes(bytes([0, 0, 8, 3]) + count.to_bytes(4, "big") + (28).to_bytes(4, "big") * 2 + random.Random(1).randbytes(count * 784))
    return str(path)


def sweeps(folder):
    """name, unit, values, and the arguments for each value."""
    text = write_text(folder / "text.txt", 20000)
    images = write_idx(folder / "images-idx3-ubyte", 20000)
    image = ["--method", "simclr", "--dataset", images, "--encoder", "resnet", "--set", "encoder.depth=1"]
    words = ["--method", "mlm", "--dataset", text, "--batch", "32"]
    cores = os.cpu_count()
    yield "batch", "pairs", [32, 64, 128, 256, 512], lambda n: image + ["--batch", str(n), "--set", "encoder.width=16"]
    yield "width", "channels", [8, 16, 32, 64], lambda n: image + ["--batch", "64", "--set", f"encoder.width={n}"]
    yield "text width", "features", [64, 128, 256, 512], lambda n: words + ["--set", f"encoder.width={n}"]
    yield "context", "tokens", [32, 64, 128, 256], lambda n: words + ["--set", f"encoder.context={n}"]
    yield "threads", "threads", [n for n in (1, 2, 4, 8, 16, 32) if n <= cores], lambda n: image + ["--batch", "128", "--set", "encoder.width=32", "--threads", str(n)]
    yield "data", "images", [1000, 4000, 16000, 64000], lambda n: [
        "--method", "simclr", "--dataset", write_idx(folder / f"images{n}-idx3-ubyte", n), "--encoder", "resnet", "--batch", "64", "--set", "encoder.width=8"]


def pyplot():
    """Null where matplotlib is not installed: numbers without pictures."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("Agg")
    from matplotlib import pyplot as module
    return module


def plot(path, name, unit, xs, ys, power):
    if not (plt := pyplot()):
        return
    figure, axes = plt.subplots(figsize=(5, 3.6))
    axes.loglog(xs, ys, "o-", color="#0072b2")
    axes.set(xlabel=f"{name}, {unit}", ylabel="ms a step", title=f"grows as {name}^{power:.2f}")
    axes.set_xticks(xs, [str(x) for x in xs])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def plot_memory(path, seconds, mebibytes):
    if not (plt := pyplot()):
        return
    figure, axes = plt.subplots(figsize=(5, 3.6))
    axes.plot(seconds, mebibytes, color="#0072b2")
    axes.set(xlabel="seconds", ylabel="resident MiB", ylim=(0, 1.2 * max(mebibytes)), title="memory of one run")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def measure_memory(binary, folder, out, steps):
    samples, begun = [], time.monotonic()

    def watch(pid):
        try:
            samples.append((time.monotonic() - begun, resident(pid)))
        except (OSError, IndexError):
            pass  # it has just ended

    images = write_idx(folder / "memory-idx3-ubyte", 20000)
    train(binary, folder / "memory", ["--dataset", images, "--encoder", "resnet", "--batch", "64", "--set", "encoder.width=8"], steps, watch)
    later = [size for seconds, size in samples if seconds > 5] or [size for _, size in samples]
    half = len(later) // 2
    before, after = statistics.median(later[:half] or later), statistics.median(later[half:])
    print(f"memory      {before:8.1f} MiB in the first half, {after:.1f} in the second, {samples[-1][0]:.0f} s", flush=True)
    plot_memory(out / "memory.png", *zip(*samples))
    return {"seconds": [s for s, _ in samples], "mebibytes": [m for _, m in samples]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(Path(__file__).resolve().parents[2] / "build" / "pretext"))
    parser.add_argument("--out", type=Path, default=Path("scaling"))
    parser.add_argument("--only", help="batch, width, text width, context, threads, data or memory")
    parser.add_argument("--memory-steps", type=int, default=2000)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, unit, values, make in sweeps(folder):
            if arguments.only not in (None, name):
                continue
            times = [statistics.median(train(arguments.binary, folder / f"{name}-{value}", make(value))) for value in values]
            power = exponent(values, times) if len(values) > 1 else 0
            results[name] = {"unit": unit, "values": values, "ms": times, "exponent": power}
            print(f"{name:11} " + "  ".join(f"{value}: {ms:.1f} ms" for value, ms in zip(values, times)) + f"   exponent {power:.2f}", flush=True)
            plot(arguments.out / f"{name.replace(' ', '-')}.png", name, unit, values, times, power)
        if arguments.only in (None, "memory"):
            results["memory"] = measure_memory(arguments.binary, folder, arguments.out, arguments.memory_steps)
    (arguments.out / "scaling.json").write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
