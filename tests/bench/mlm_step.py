#!/usr/bin/python3
"""Steps of masked language modelling, ours (bench_mlm) and PyTorch's in turn: `mlm_step.py BUILD/tests/bench/bench_mlm [--dropout P]`.
The same BERT, batch and optimizer on both sides; medians and their ratio."""
import argparse
import math
import os
import statistics
import subprocess
import time

os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX" if "avx512f" in open("/proc/cpuinfo").read() else "ZEN")
import torch  # noqa: E402
import torch.nn as nn  # noqa: E402
import torch.nn.functional as F  # noqa: E402

LAYERS, HEADS, SAMPLES, TOKENS, VOCABULARY, THREADS = 4, 4, 64, 64, 4096, 2


class Block(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm1, self.norm2, self.dropout = nn.LayerNorm(width, 1e-12), nn.LayerNorm(width, 1e-12), dropout

    def drop(self, x):
        return F.dropout(x, self.dropout) if self.dropout else x

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, HEADS, d // HEADS).permute(2, 0, 3, 1, 4)
        weights = self.drop(torch.softmax(q @ k.transpose(2, 3) * (1 / math.sqrt(d // HEADS)), -1))
        x = self.norm1(x + self.drop(self.out((weights @ v).transpose(1, 2).reshape(n, t, d))))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))


class Bert(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.tokens, self.positions, self.types = nn.Embedding(VOCABULARY, width), nn.Embedding(TOKENS, width), nn.Embedding(2, width)
        self.norm, self.blocks = nn.LayerNorm(width, 1e-12), nn.ModuleList(Block(width, dropout) for _ in range(LAYERS))
        self.dense, self.head_norm, self.bias = nn.Linear(width, width), nn.LayerNorm(width, 1e-12), nn.Parameter(torch.zeros(VOCABULARY))
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, 0, 0.02)

    def forward(self, ids, rows):
        x = self.tokens(ids) + self.positions.weight + self.types.weight[0]
        x = self.blocks[0].drop(self.norm(x))
        for block in self.blocks:
            x = block(x)
        x = self.head_norm(F.gelu(self.dense(x.reshape(-1, x.shape[-1])[rows])))
        return F.linear(x, self.tokens.weight, self.bias)


class TorchSide:
    def __init__(self, width, dropout, bf16):
        torch.manual_seed(1)
        self.model, self.bf16 = Bert(width, dropout), bf16
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, weight_decay=0.01)
        self.ids = torch.randint(0, VOCABULARY, (SAMPLES, TOKENS))
        self.rows = (torch.rand(SAMPLES * TOKENS) < 0.15).nonzero()[:, 0]
        self.targets = torch.randint(0, VOCABULARY, (len(self.rows),))

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            loss = F.cross_entropy(self.model(self.ids, self.rows).float(), self.targets)
        loss.backward()
        self.optimizer.step()

    def steps(self, count):
        times = []
        for _ in range(count):
            begin = time.perf_counter()
            self.step()
            times.append(1e3 * (time.perf_counter() - begin))
        return times


class OurSide:
    def __init__(self, binary, width, dropout):
        command = [binary, "--width", str(width), "--dropout", str(dropout), "--threads", str(THREADS)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def steps(self, count):
        print(count, file=self.process.stdin, flush=True)
        return [float(value) for value in self.process.stdout.readline().split()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--widths", default="256,128")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--bf16", action="store_true", help="PyTorch under autocast")
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    for width in map(int, arguments.widths.split(",")):
        sides = {"pretext": OurSide(arguments.binary, width, arguments.dropout), "pytorch": TorchSide(width, arguments.dropout, arguments.bf16)}
        times = {name: [] for name in sides}
        for side in sides.values():
            side.steps(2)
        for _ in range(arguments.rounds):
            for name, side in sides.items():
                times[name] += side.steps(arguments.steps)
        ours, theirs = (statistics.median(times[name]) for name in ("pretext", "pytorch"))
        print(f"width {width}: pretext {ours:.1f} ms (least {min(times['pretext']):.1f}), pytorch {theirs:.1f} ms "
              f"(least {min(times['pytorch']):.1f}), ratio {theirs / ours:.2f}", flush=True)
        sides["pretext"].process.stdin.close()
        sides["pretext"].process.wait()


if __name__ == "__main__":
    main()
