#!/usr/bin/python3
"""Steps of masked language modelling, ours (bench_mlm) and PyTorch's (pytorch.py) in turn: `mlm_step.py BUILD/tests/bench/bench_mlm`.
The same BERT, batch and optimizer on both sides; medians and their ratio. Further binaries are timed in the same turns."""
import argparse
import os
import statistics
import subprocess

PYTORCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch.py")


class Side:
    def __init__(self, command):
        self.process, self.times = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True), []

    def steps(self, count):
        print(count, file=self.process.stdin, flush=True)
        return [float(value) for value in self.process.stdout.readline().split()]


def sides_of(arguments, width):
    dropout = "-dropout" if arguments.dropout else ""
    sides = {binary: Side([binary, "--width", width, "--dropout", "0.1" if dropout else "0", "--threads", arguments.threads])
             for binary in arguments.binaries}
    for dtype in arguments.dtypes.split(",") if arguments.dtypes else ():
        side = sides["pytorch " + dtype] = Side([PYTORCH, "--row", f"mlm-{width}{dropout}", "--dtype", dtype, "--threads", arguments.threads, "--serve"])
        side.process.stdout.readline()
    return sides


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries", nargs="+")
    parser.add_argument("--widths", default="256,128")
    parser.add_argument("--dtypes", default="f32,bf16", help="PyTorch's; empty: without PyTorch")
    parser.add_argument("--dropout", action="store_true", help="of 0.1; else none")
    parser.add_argument("--threads", default="2")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3)
    arguments = parser.parse_args()
    for width in arguments.widths.split(","):
        sides = sides_of(arguments, width)
        for side in sides.values():
            side.steps(2)
        for _ in range(arguments.rounds):
            for side in sides.values():
                side.times += side.steps(arguments.steps)
        ours = statistics.median(sides[arguments.binaries[0]].times)
        for name, side in sides.items():
            median = statistics.median(side.times)
            print(f"width {width}: {median:7.1f} ms (least {min(side.times):7.1f}), {median / ours:.2f} times the first: {name}", flush=True)
            side.process.stdin.close()
            side.process.wait()


if __name__ == "__main__":
    main()
