#!/usr/bin/python3
"""What each visual method learns: trains every one by its own recipe for some minutes, judges it, and keeps each result as soon as it is
there, so that it can be stopped at any time and goes on where it was. Then the tables of docs/results.md are made from what is kept; what is
missing is called missing. How many steps fit into the minutes is timed once for each method and kept, too (--time, some minutes on a machine that
does nothing else); the trainings, which take hours, may then share theirs.

  results.py --time                                  how many steps of each method fit
  results.py                                         what is missing of docs/results.json, then docs/results.md
  results.py --only byol,dino --data shapes          these alone
  results.py --again --only byol                     also what is there already
  results.py --jobs 2                                two trainings at once, each on its share of the cores: a third more in a night
  results.py --tables                                docs/results.md alone, from what is kept"""
import argparse
import csv
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).resolve().parents[2]
DATA = {"fashion-mnist": "Fashion-MNIST", "shapes": "Shapes"}
LABEL = {"fashion-mnist": "label", "shapes": "shape"}  # the column that stands for the classes, of data with several
BASELINES = {"raw pixels": "raw pixels", "PCA-64": "PCA-64", "untrained": "its encoder, untrained"}
# Which augmentations of two views are on: a factor that they change is one that the encoder may forget.
ALONE = {"none": [], "crop": ["crop"], "flip": ["flip"], "rotation": ["rotation"], "jitter": ["jitter"], "grey": ["grey"], "blur": ["blur"]}
# What a method needs other data for, in place of those of the table.
INSTEAD = {("shapes", "next-frame"): "moving-shapes"}
MISSING = "missing"
LOOKS = 10  # at the embedding's health while a run trains, evenly: what it tells then is kept


class Failed(Exception):
    pass


def output_of(binary, arguments, cache):
    environment = os.environ | {"PRETEXT_UNLISTED": "1"} | ({"XDG_CACHE_HOME": str(cache)} if cache else {})
    done = subprocess.run([str(binary)] + arguments, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise Failed(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"ended with status {done.returncode}")
    return done.stdout


def methods_of(binary):
    """Names and titles of the methods that learn from images, in the program's order."""
    listed = json.loads(output_of(binary, ["methods", "--json"], None))["methods"]
    return {method["name"]: method["title"] for method in listed if "image" in method["data"]}


def steps_that_fit(binary, arguments):
    """As many as `train --minutes` plans after its first steps; the training is ended then. None where it fails before."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "run/config.json"
        training = subprocess.Popen([str(binary), "train", "--out", str(config.parent)] + arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        steps = 0
        while not steps and training.poll() is None:
            time.sleep(0.1)
            steps = json.loads(config.read_text())["steps"] if config.exists() else 0
        training.kill()
        training.wait()
    return steps or None


def alarms_of(run):
    """What the run said of its embedding's health, by step, each sentence once it changed; nothing while it was well."""
    with open(run / "events.jsonl") as file:
        events = [json.loads(line) for line in file if line.strip()]
    return [{"step": event["step"], "said": event["message"]} for event in events if event["kind"] == "health"]


def trained(binary, arguments, share):
    """One run: its steps, its seconds, its alarms, and what its embeddings hold by each row of features and each column of labels.
    share: the threads that it may take, as arguments."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        try:
            output_of(binary, ["train", "--out", str(run)] + arguments + share, None)
            judged = json.loads(output_of(binary, ["evaluate", str(run), "--json", "--finetune-steps", "0"] + share, None))
            with open(run / "metrics.csv") as file:
                last = list(csv.DictReader(file))[-1]
            alarms = alarms_of(run)
        except Failed as failure:
            return {"failed": str(failure)}
    rows = {}
    for row in judged["rows"]:
        rows.setdefault(row["features"], {})[row["column"]] = {key: row[key] for key in ("knn", "probe", "r2", "dimension") if row.get(key) is not None}
    return {"steps": int(last["step"]), "seconds": float(last["seconds"]), "effective_rank": judged.get("effective_rank"),
            "alarms": alarms, "collapsed": judged.get("collapsed", False), "rows": rows}


def arguments_of(method, data):
    return ["--method", method, "--dataset", INSTEAD.get((data, method), data)]


class Work(NamedTuple):
    """One training. timed: the name under which the steps that fit into the minutes are kept; runs that differ by their seed alone share it."""
    name: str
    timed: str
    arguments: list
    minutes: float


class Kept:
    """The results by name, on disk after each."""

    def __init__(self, path, again, jobs):
        self.path, self.again, self.jobs = path, again, jobs
        self.share = ["--threads", str(max(1, len(os.sched_getaffinity(0)) // jobs))] if jobs > 1 else []
        self.lock = threading.Lock()
        self.results = json.loads(path.read_text()) if path.exists() else {}

    def make_all(self, works, binary):
        """Several at once where there are to be several jobs; whoever stops it does not wait for those that have not begun."""
        works = [work for work in works if self.again or work.name not in self.results]
        if self.jobs == 1:
            for work in works:
                self.make(work, binary)
            return
        untimed = sorted({work.timed for work in works} - self.results.get("steps", {}).keys())
        if untimed:
            raise SystemExit(f"of several jobs none can be timed: first results.py --time, for {', '.join(untimed)}")
        pool = ThreadPoolExecutor(self.jobs)
        try:
            for made in [pool.submit(self.make, work, binary) for work in works]:
                made.result()
        finally:
            pool.shutdown(cancel_futures=True)

    def make(self, work, binary):
        steps = self.steps_of(work, binary)
        arguments = work.arguments + (["--steps", str(steps), "--evaluate-every", str(max(1, steps // LOOKS))] if steps else ["--minutes", f"{work.minutes:g}"])
        print(f"{time.strftime('%H:%M')} {work.name}: pretext train {' '.join(arguments)}", flush=True)
        result = trained(binary, arguments, self.share) | {"arguments": arguments}
        with self.lock:
            self.results[work.name] = result
            self.save()

    def steps_of(self, work, binary):
        """How many steps of it fit into its minutes, timed where it is not known yet."""
        timed = self.results.setdefault("steps", {})
        if work.timed not in timed:
            timed[work.timed] = steps_that_fit(binary, work.arguments + ["--minutes", f"{work.minutes:g}"])
            print(f"{time.strftime('%H:%M')} {work.timed}: {timed[work.timed]} steps in {work.minutes:g} minutes", flush=True)
            self.save()
        return timed[work.timed]

    def save(self):
        scratch = self.path.with_suffix(".new")
        scratch.write_text(json.dumps(self.results, indent=1, sort_keys=True) + "\n")
        scratch.replace(self.path)


def percent(values):
    """Mean, and from two values on the standard deviation."""
    values = [100 * value for value in values if value is not None]
    if not values:
        return "—"
    return f"{statistics.mean(values):.1f}" + (f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else "")


def of_seeds(kept, data, method):
    return [kept.results[name] for name in sorted(kept.results) if name.startswith(f"{data}/{method}/")]


def table(heading):
    return ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading)]


def title_of(method, title, data):
    other = INSTEAD.get((data, method))
    return f"{title} (`{method}`" + (f", on `{other}`)" if other else ")")


def scores_of(run, data, features):
    """Of the column that stands for the classes."""
    columns = run["rows"][features]
    return columns.get(LABEL[data]) or list(columns.values())[0]


def method_table(kept, methods, data):
    """One row a method, the first column of the data's labels; what needs no training first."""
    lines = table(["method", "seeds", "steps", "kNN-20", "probe", "effective rank", "untrained, kNN-20", "untrained, probe"])
    baselines = {}
    for method, title in methods.items():
        runs = of_seeds(kept, data, method)
        good = [run for run in runs if "rows" in run]
        if not good:
            lines.append(f"| {title_of(method, title, data)} | {runs[0]['failed'] if runs else MISSING} |" + " |" * 6)
            continue
        first = [{features: scores_of(run, data, features) for features in run["rows"]} for run in good]
        for features in BASELINES:
            if features != "untrained" and features in first[0]:
                baselines[features] = first[0][features]
        cells = [title_of(method, title, data), str(len(good)), f"{statistics.mean(run['steps'] for run in good):.0f}"]
        cells += [percent([run["encoder"].get(score) for run in first]) for score in ("knn", "probe")]
        ranks = [run["effective_rank"] for run in good if run["effective_rank"] is not None]
        cells.append("collapsed" if any(run["collapsed"] for run in good) else f"{statistics.mean(ranks):.0f}" if ranks else "—")
        cells += [percent([run.get("untrained", {}).get(score) for run in first]) for score in ("knn", "probe")]
        lines.append("| " + " | ".join(cells) + " |")
    above = [f"| {BASELINES[features]} | | | {percent([scores.get('knn')])} | {percent([scores.get('probe')])} | | | |"
             for features, scores in baselines.items()]
    return lines[:2] + above + lines[2:]


def not_gained(kept, methods, data):
    """Lines on the methods after which neighbours tell less than they did of the encoder before training, if there are such."""
    below = []
    for method in methods:
        pairs = [(scores_of(run, data, "encoder")["knn"], scores_of(run, data, "untrained")["knn"]) for run in of_seeds(kept, data, method)
                 if "untrained" in run.get("rows", {})]
        if pairs and statistics.mean(trained for trained, _ in pairs) < statistics.mean(untrained for _, untrained in pairs):
            below.append(f"`{method}`")
    return [f"Below its own untrained encoder by neighbours: {', '.join(below)}.", ""] if below else []


def factor_table(kept, names):
    """names: of runs on Shapes by their row's title. A probe per factor: accuracy, or R² for numbers."""
    runs = {title: kept.results.get(name) for title, name in names.items()}
    rows, baseline = [], {}
    factors = []
    for title, run in runs.items():
        if run is None or "rows" not in run:
            rows.append((title, None if run is None else run["failed"]))
            continue
        rows.append((title, run["rows"]["encoder"]))
        factors = factors or list(run["rows"]["encoder"])
        baseline = baseline or {BASELINES[name]: run["rows"][name] for name in BASELINES if name in run["rows"]}
    lines = table([""] + factors)
    for title, scores in list(baseline.items()) + rows:
        if not isinstance(scores, dict):
            lines.append(f"| {title} | {scores or MISSING} |" + " |" * max(0, len(factors) - 1))
            continue
        cells = [f"{100 * scores[factor]['probe']:.0f} %" if "probe" in scores.get(factor, {}) else
                 f"{scores[factor]['r2']:.2f}" if "r2" in scores.get(factor, {}) else "—" for factor in factors]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def page(kept, methods, minutes, factor_minutes, alone_of):
    lines = ["# What each method learns", "",
             f"Every visual method by its own recipe (`pretext train --method NAME --dataset DATA --steps N --seed S`), for as many steps as fit into {minutes:g} minutes",
             "of two cores that do nothing else (Zen 4, bfloat16; timed by `--minutes` before). Judged by `pretext evaluate`:",
             "percent of the held-out samples whose class the 20 nearest training samples, or a linear probe, tell. Means over seeds with their standard",
             "deviation. The untrained encoder is the same one with its first random weights. Failures stay in the tables. `tests/bench/results.py` makes",
             "this page; it keeps every result in `results.json` beside it, goes on where it was stopped, and what it has not made yet is called missing.", ""]
    for data, title in DATA.items():
        lines += [f"## {title}", ""] + method_table(kept, methods, data) + [""]
        lines += not_gained(kept, methods, data)
    lines += ["## Which factors an encoder keeps", "",
              "Shapes are drawn from known factors. A linear probe for each, percent for kinds and R² for numbers, after the runs above, the first seed's:", ""]
    lines += factor_table(kept, {f"{title} (`{method}`)": f"shapes/{method}/1" for method, title in methods.items()})
    lines += ["", "### Which augmentation erases which", "",
              f"With one augmentation alone, {factor_minutes:g} min each. What an augmentation changes, a method of two views learns to overlook:", ""]
    lines += factor_table(kept, {f"`{method}`, {name}": f"factors/{method}/{name}" for method in alone_of for name in ALONE})
    return "\n".join(lines) + "\n"


def works_of(methods, data, alone_of, options):
    """All that there is to train, the first seed of every method before the second of any."""
    works = []
    for seed in range(1, options.seeds + 1):
        works += [Work(f"{name}/{method}/{seed}", f"{name}/{method}", arguments_of(method, name) + ["--seed", str(seed)], options.minutes)
                  for name in DATA if name in data for method in methods]
        if seed == 1 and "factors" in data:
            for method in alone_of:
                for name, on in ALONE.items():
                    switches = [part for each in ALONE if each != "none" for part in ("--set", f"{each}={'true' if each in on else 'false'}")]
                    works.append(Work(f"factors/{method}/{name}", f"factors/{method}", ["--method", method, "--dataset", "shapes"] + switches,
                                      options.factor_minutes))
    return works


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=SOURCE / "build/pretext")
    parser.add_argument("--out", type=Path, default=SOURCE / "docs", help="folder of results.json and results.md (docs)")
    parser.add_argument("--minutes", type=float, default=5, help="of training, start-up included (5)")
    parser.add_argument("--factor-minutes", type=float, default=1, help="of training with one augmentation alone (1)")
    parser.add_argument("--seeds", type=int, default=3, help="how many (3)")
    parser.add_argument("--only", default="", help="methods, with commas between (all)")
    parser.add_argument("--data", default="", help=f"of {', '.join(DATA)}, factors (all)")
    parser.add_argument("--jobs", type=int, default=1, help="trainings at once, where all are timed (1)")
    parser.add_argument("--again", action="store_true", help="also what is there already")
    parser.add_argument("--time", action="store_true", help="how many steps fit alone")
    parser.add_argument("--tables", action="store_true", help="train nothing")
    options = parser.parse_args()
    methods = methods_of(options.binary)
    only = [name for name in options.only.split(",") if name] or list(methods)
    data = [name for name in options.data.split(",") if name] or list(DATA) + ["factors"]
    for name in only + data:
        if name not in methods and name not in DATA and name != "factors":
            parser.error(f"no method and no data are called {name}; methods are {', '.join(methods)}")
    kept = Kept(options.out / "results.json", options.again, options.jobs)
    alone_of = [name for name in ("simclr", "byol", "vicreg") if name in methods]
    works = works_of(only, data, [name for name in alone_of if name in only], options)
    if options.time:
        for work in works:
            kept.steps_of(work, options.binary)
    elif not options.tables:
        kept.make_all(works, options.binary)
    (options.out / "results.md").write_text(page(kept, methods, options.minutes, options.factor_minutes, alone_of))


if __name__ == "__main__":
    main()
