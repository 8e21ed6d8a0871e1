#!/usr/bin/python3
"""How cost grows: trains short runs, one after the other, and draws the median step's time against batch, width, context, threads and the
number of images, the time to open a folder against its files, and the memory of two runs over time, each with the exponent of the line
fitted to it. Some minutes, on a machine that does nothing else. In the folder of --out: scaling.json, the numbers, and scaling.png. What is
not measured anew is taken from there.

  scaling.py                               everything, into scaling/
  scaling.py --only memory --minutes 60    one part anew
  scaling.py --docs                        everything, into docs/, and the tables in docs/performance.md"""
import argparse
import csv
import itertools
import json
import math
import os
import random
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
WARM_UP, STEPS = 4, 16
COLOURS = "#0072b2", "#d55e00"


def start(binary, folder, arguments):
    command = [str(binary), "train", "--out", str(folder)] + arguments
    environment = os.environ | {"XDG_CACHE_HOME": str(folder.parent / "cache"), "PRETEXT_UNLISTED": "1"}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment)


def finish(process):
    error = process.communicate()[1]
    if process.returncode:
        raise SystemExit(f"{' '.join(process.args)}: {error.strip()}")


def step_time(binary, folder, arguments):
    """Milliseconds, the median of the steps behind the warm-up."""
    finish(start(binary, folder, ["--steps", str(WARM_UP + STEPS)] + arguments))
    with open(folder / "metrics.csv") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    return 1e3 * statistics.median(b - a for a, b in zip(seconds[WARM_UP - 1:], seconds[WARM_UP:]))


def line(xs, ys):
    """Slope and height at 0 of the least squares' line."""
    mx, my = statistics.mean(xs), statistics.mean(ys)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    return slope, my - slope * mx


def exponent(xs, ys):
    return line([math.log(x) for x in xs], [math.log(y) for y in ys])[0]


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


def link_pictures(folder, count):
    """A thousand hard links to a small picture in each sub-folder; left alone for as long as a folder must be before its index is kept."""
    for i in range(count):
        group = folder / f"{i // 1000:04}"
        if i % 1000 == 0:
            group.mkdir(parents=True)
            picture = group / f"{i:07}.pgm"
            picture.write_bytes(b"P5 16 16 255\n" + random.Random(i).randbytes(256))
        else:
            os.link(picture, group / f"{i:07}.pgm")
    time.sleep(2.5)


def sweeps(folder):
    """name, unit, values, and the arguments for each value."""
    text, images = write_text(folder / "text.txt", 20000), write_idx(folder / "images-idx3-ubyte", 20000)
    image = ["--method", "simclr", "--encoder", "resnet", "--set", "encoder.depth=1"]
    words = ["--method", "mlm", "--dataset", text, "--batch", "32"]
    yield "batch", "pairs of images", [32, 64, 128, 256, 512], lambda n: image + ["--dataset", images, "--batch", str(n), "--set", "encoder.width=16"]
    yield "width", "channels of a ResNet", [8, 16, 32, 64, 128], lambda n: image + ["--dataset", images, "--batch", "64", "--set", f"encoder.width={n}"]
    yield "text width", "features of a transformer", [64, 128, 256, 512], lambda n: words + ["--set", f"encoder.width={n}"]
    yield "context", "tokens", [32, 64, 128, 256, 512], lambda n: words + ["--set", f"encoder.context={n}"]
    yield "threads", "threads", [n for n in (1, 2, 4, 8, 16, 32) if n <= os.cpu_count()], lambda n: image + [
        "--dataset", images, "--batch", "128", "--set", "encoder.width=32", "--threads", str(n)]
    yield "data", "images", [1000, 4000, 16000, 64000], lambda n: image + [
        "--dataset", write_idx(folder / f"images{n}-idx3-ubyte", n), "--batch", "64", "--set", "encoder.width=16"]


def measure_sweep(binary, folder, name, unit, values, make):
    times = [step_time(binary, folder / f"{name}-{value}", make(value)) for value in values]
    return {"unit": unit, "values": values, "what": "ms a step", "curves": {"": times}}


def measure_opening(binary, folder):
    """Seconds of a run of one small step on a folder of so many files."""
    values, curves = [1000, 10_000, 100_000, 1_000_000], {"first": [], "again": []}
    for count in values:
        link_pictures(folder / f"links{count}", count)
        for turn, curve in curves.items():
            begun = time.monotonic()
            finish(start(binary, folder / f"open{count}-{turn}", ["--dataset", str(folder / f"links{count}"), "--size", "16", "--steps", "1", "--batch", "8"]))
            curve.append(time.monotonic() - begun)
    return {"unit": "files of a folder", "values": values, "what": "seconds, start to end", "curves": curves}


def resident(process):
    """MB; null when it has just ended."""
    try:
        with open(f"/proc/{process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return None


def measure_memory(binary, folder, minutes):
    """Of the default sessions for images and for text, at the same time, one thread each."""
    options = ["--minutes", str(minutes), "--threads", "1"]
    text = write_text(folder / "memory.txt", 20000)
    runs = {"images": start(binary, folder / "memory-images", options), "text": start(binary, folder / "memory-text", options + ["--method", "mlm", "--dataset", text])}
    samples, begun = {name: [] for name in runs}, time.monotonic()
    while any(process.poll() is None for process in runs.values()):
        for name, process in runs.items():
            if process.poll() is None and (size := resident(process)):
                samples[name].append(((time.monotonic() - begun) / 60, size))
        time.sleep(minutes * 60 / 200)
    for process in runs.values():
        finish(process)
    return {name: {"minutes": [m for m, _ in some], "megabytes": [s for _, s in some]} for name, some in samples.items()}


def growth(run):
    """MB behind the warm-up (half of the run, at most five minutes), at the end, and MB an hour: the median slope between any two of what lies
    between (Theil 1950, Sen 1968), which a checkpoint that is just being written does not sway."""
    minutes, sizes = run["minutes"], run["megabytes"]
    first = next(i for i, m in enumerate(minutes) if m >= min(5, minutes[-1] / 2))
    between = list(zip(minutes, sizes))[first:-1]
    slopes = [(b - a) / (late - early) for (early, a), (late, b) in itertools.combinations(between, 2)]
    return sizes[first], sizes[-1], 60 * statistics.median(slopes)


def table(results):
    rows = ["| what grows | measured | fitted exponent | of the last two |", "|---|---|---|---|"]
    for name, sweep in results.items():
        for curve, ys in sweep.get("curves", {}).items():
            xs = sweep["values"]
            measured = ", ".join(f"{x}: {y:.0f}" if y >= 100 else f"{x}: {y:.3g}" for x, y in zip(xs, ys))
            powers = f"{exponent(xs, ys):.2f} | {exponent(xs[-2:], ys[-2:]):.2f}" if len(xs) > 1 else "|"
            what = name if name == sweep["unit"] else f"{name}{', ' + curve if curve else ''}: {sweep['unit']}"
            rows.append(f"| {what} | {measured} {sweep['what']} | {powers} |")
    if len(rows) == 2:
        rows = []
    if "memory" in results:
        rows += ["", "| memory of a run | after warm-up | at the end | growth |", "|---|---|---|---|"]
        for name, run in results["memory"].items():
            begin, end, slope = growth(run)
            rows.append(f"| {name}, {run['minutes'][-1]:.0f} minutes | {begin:.1f} MB | {end:.1f} MB | {slope:+.2f} MB an hour |")
    return "\n".join(rows)


def compact(results):
    """One line a measurement, four digits a number."""
    rounded = json.loads(json.dumps(results), parse_float=lambda number: float(f"{float(number):.4g}"))
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(result)}" for name, result in rounded.items()) + "\n}\n"


def short(number):
    return f"{number // 10**6}M" if number % 10**6 == 0 else f"{number // 1000}k" if number % 1000 == 0 else str(number)


def draw_sweep(axes, name, sweep):
    xs, powers = sweep["values"], []
    for (curve, ys), colour in zip(sweep["curves"].items(), COLOURS):
        power, height = line([math.log(x) for x in xs], [math.log(y) for y in ys]) if len(xs) > 1 else (0, math.log(ys[0]))
        axes.loglog(xs, ys, "o", color=colour)
        axes.loglog(xs, [math.exp(height) * x**power for x in xs], "-", color=colour, alpha=0.6, label=f"{curve + ': ' if curve else ''}exponent {power:.2f}")
        powers.append(power)
    low, high = axes.get_ylim()
    middle, reach = math.sqrt(low * high), max(math.sqrt(high / low), 4)  # a flat line shall look flat
    axes.set(title=name, xlabel=sweep["unit"], ylabel=sweep["what"], ylim=(middle / reach, middle * reach * 1.5))  # room for the legend
    axes.set_xticks(xs, [short(x) for x in xs])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.legend(loc="upper right" if sum(powers) < -0.1 else "upper left", frameon=False)


def draw_memory(axes, runs):
    for (name, run), colour in zip(runs.items(), COLOURS):
        axes.plot(run["minutes"], run["megabytes"], color=colour, label=f"{name}: {growth(run)[2]:+.1f} MB an hour")
    axes.set(title="memory", xlabel="minutes of a run, one thread", ylabel="resident MB", ylim=(0, 1.4 * max(max(run["megabytes"]) for run in runs.values())))
    axes.legend(loc="upper left", frameon=False)


def draw(path, results):
    columns = min(4, len(results))
    rows = -(-len(results) // columns)
    figure, grid = pyplot.subplots(rows, columns, figsize=(3.3 * columns, 2.9 * rows), squeeze=False)
    for axes, (name, result) in zip(grid.flat, results.items()):
        draw_memory(axes, result) if name == "memory" else draw_sweep(axes, name, result)
        axes.grid(alpha=0.3)
    for axes in grid.flat[len(results):]:
        axes.set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def write_docs(text):
    page = SOURCE / "docs" / "performance.md"
    page.write_text(re.sub(r"(<!-- scaling\.py -->\n).*?(\n<!-- -->)", lambda marks: marks[1] + text + marks[2], page.read_text(), flags=re.DOTALL))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=SOURCE / "build" / "pretext")
    parser.add_argument("--out", type=Path, default=Path("scaling"))
    parser.add_argument("--only", help="batch, width, text width, context, threads, data, opening or memory; none draws again")
    parser.add_argument("--minutes", type=float, default=3, help="of the two runs whose memory is watched (default 3)")
    parser.add_argument("--docs", action="store_true", help="renew docs/scaling.png and the table in docs/performance.md")
    arguments = parser.parse_args()
    out = SOURCE / "docs" if arguments.docs else arguments.out
    out.mkdir(parents=True, exist_ok=True)
    numbers = out / "scaling.json"
    results = json.loads(numbers.read_text()) if numbers.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        jobs = {name: lambda sweep=(name, *rest): measure_sweep(arguments.binary, folder, *sweep) for name, *rest in sweeps(folder)}
        jobs["opening"] = lambda: measure_opening(arguments.binary, folder)
        jobs["memory"] = lambda: measure_memory(arguments.binary, folder, arguments.minutes)
        for name, job in jobs.items():
            if arguments.only in (None, name):
                print(f"{name} ...", flush=True)
                results[name] = job()
                numbers.write_text(compact(results))
        results = {name: results[name] for name in jobs if name in results}
    print(table(results))
    if pyplot:
        draw(out / "scaling.png", results)
    if arguments.docs:
        write_docs(table(results))


try: # numbers without pictures where it is not installed
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import LogLocator, NullLocator
except ImportError:
    pyplot = None

if __name__ == "__main__":
    main()
