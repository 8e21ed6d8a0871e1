#!/usr/bin/python3
"""PyTorch's side of the benchmarks: `pytorch.py --row NAME [--dtype f32|bf16]` prints the median milliseconds of a step as one line.

With --serve it prints "ready" and then, for each line "N" on standard input, takes N steps and prints the milliseconds of each; so a program
that does the same work can take turns with it. Architecture, shapes and optimizer are those of the other side; making data is not counted
but where it is what is measured. bf16 is autocast round the forward pass, with losses in f32."""
import argparse
import copy
import math
import os
import resource
import statistics
import sys
import time

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--row", default="")
arguments.add_argument("--dtype", choices=("f32", "bf16"), default="f32")
arguments.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--steps", type=int, default=5)
arguments.add_argument("--serve", action="store_true")
arguments.add_argument("--list", action="store_true", help="print the names of the rows")
arguments.add_argument("--memory", action="store_true", help="print the peak resident memory on standard error at the end")
arguments = arguments.parse_args()

os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
if "avx512f" in open("/proc/cpuinfo").read():
    os.environ["OPENBLAS_CORETYPE"] = "SKYLAKEX"  # left alone, OpenBLAS 0.3.21 takes a far slower kernel on newer processors
import torch  # noqa: E402
import torch.nn as nn  # noqa: E402
import torch.nn.functional as F  # noqa: E402

if "/blas/libblas.so" in open("/proc/self/maps").read():
    sys.exit("pytorch.py: PyTorch multiplies by the reference BLAS here, ten times slower than it could; install libopenblas0")

if arguments.device == "cuda":
    if not torch.cuda.is_available() or not hasattr(torch, "set_default_device"):
        sys.exit(f"pytorch.py: PyTorch {torch.__version__} here has no CUDA, or is older than 2.0")
    torch.set_default_device("cuda")


def synchronize():
    if arguments.device == "cuda":
        torch.cuda.synchronize()


def autocast():
    return torch.autocast(arguments.device, torch.bfloat16, enabled=arguments.dtype == "bf16")


def nt_xent(z, temperature):
    """Over 2N unit rows, i and i + N positive (Chen et al. 2020)."""
    similarity = (z @ z.t() / temperature).fill_diagonal_(-math.inf)
    half = len(z) // 2
    return F.cross_entropy(similarity, torch.cat([torch.arange(half, 2 * half), torch.arange(half)]))


class Training:
    """A step of AdamW on a model's loss."""
    def __init__(self, model, loss, rate, decay):
        self.model, self.loss = model, loss
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.loss().backward()
        self.optimizer.step()


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


def resnet8(width):
    """With a projector of 64 features behind it."""
    wide = 4 * width
    encoder = [nn.Conv2d(1, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), ResidualBlock(width, width, 1),
               ResidualBlock(width, 2 * width, 2), ResidualBlock(2 * width, wide, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    projector = [nn.Linear(wide, wide, bias=False), nn.BatchNorm1d(wide), nn.ReLU(), nn.Linear(wide, 64)]
    return nn.Sequential(*encoder, *projector).to(memory_format=torch.channels_last)


def simclr(width, pairs=256):
    model, views = resnet8(width), torch.randn(2 * pairs, 1, 28, 28).to(memory_format=torch.channels_last)

    def loss(views=views):
        with autocast():
            z = model(views)
        return nt_xent(F.normalize(z.float()), 0.5)
    training = Training(model, loss, 1e-3, 1e-4)
    training.views = views
    return training


def mlp(inputs, hidden, outputs):
    return nn.Sequential(nn.Linear(inputs, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, outputs))


class Taught(Training):
    """A step after which a teacher follows."""
    def __init__(self, model, teacher, student, loss):
        super().__init__(model, loss, 1e-3, 1e-4)
        self.pairs = list(teacher.parameters()), list(student.parameters())
        for parameter in self.pairs[0]:
            parameter.requires_grad_(False)

    def step(self):
        super().step()
        with torch.no_grad():
            torch._foreach_mul_(self.pairs[0], 0.99)
            torch._foreach_add_(self.pairs[0], self.pairs[1], alpha=0.01)


def pictures(count):
    return torch.randn(count, 1, 28, 28).to(memory_format=torch.channels_last)


def byol(width=16, pairs=256):
    online, predictor = resnet8(width), mlp(64, 4 * width, 64)
    teacher, views = copy.deepcopy(online), pictures(2 * pairs)

    def loss():
        with autocast():
            q = predictor(online(views))
            with torch.no_grad():
                target = teacher(views)
        return 4 - 4 * F.cosine_similarity(q.float(), target.float().roll(pairs, 0)).mean()
    return Taught(nn.ModuleList([online, predictor]), teacher, online, loss)


def moco(width=16, pairs=256, size=4096):
    online = resnet8(width)
    teacher, views, queue = copy.deepcopy(online), pictures(2 * pairs), [F.normalize(torch.randn(size, 64))]

    def loss():
        with autocast():
            q = online(views[:pairs])
            with torch.no_grad():
                k = teacher(views[pairs:])
        q, k = F.normalize(q.float()), F.normalize(k.float())
        scores = torch.cat([(q * k).sum(1, keepdim=True), q @ queue[0].t()], 1)
        queue[0] = torch.cat([k, queue[0][:-pairs]])
        return F.cross_entropy(scores / 0.1, torch.zeros(pairs, dtype=torch.long))
    return Taught(online, teacher, online, loss)


def swav(width=16, pairs=256, count=256):
    model, views = resnet8(width), pictures(2 * pairs)
    prototypes = nn.Linear(64, count, bias=False)

    def shares(scores):
        q = torch.exp((scores - scores.max()) / 0.05)
        for _ in range(3):
            q = q / q.sum(0, keepdim=True)
            q = q / q.sum(1, keepdim=True)
        return q

    def loss():
        with autocast():
            z = model(views)
        scores = F.normalize(z.float()) @ F.normalize(prototypes.weight).t()
        with torch.no_grad():
            target = torch.cat([shares(half) for half in scores.chunk(2)]).roll(pairs, 0)
        return -(target * F.log_softmax(scores / 0.1, 1)).sum(1).mean()
    return Training(nn.ModuleList([model, prototypes]), loss, 1e-3, 1e-4)


class Augmentation:
    """512 views of 28 x 28 x 1, one parameter set each, as torchvision makes them of tensors."""
    def __init__(self, pairs=256):
        from torchvision import transforms
        self.images = torch.rand(pairs, 1, 28, 28)
        self.transform = transforms.Compose([
            transforms.RandomResizedCrop(28, scale=(0.3, 1.0)), transforms.RandomHorizontalFlip(),
            transforms.ColorJitter(brightness=0.4, contrast=0.4), transforms.RandomApply([transforms.GaussianBlur(3, (0.1, 1.0))], p=0.5)])
        self.step()

    def step(self):
        self.views = torch.stack([self.transform(image) for _ in range(2) for image in self.images])


class Epoch:
    """One batch of it: views are made of some of 60 000 images, then a step is taken on them."""
    def __init__(self, width):
        self.augmentation, self.training = Augmentation(), simclr(width)
        self.images = torch.randint(0, 256, (60000, 1, 28, 28), dtype=torch.uint8)

    def step(self):
        chosen = torch.randint(0, len(self.images), (len(self.augmentation.images),))
        self.augmentation.images = self.images[chosen].float() / 255
        self.augmentation.step()
        self.training.views.copy_(self.augmentation.views)
        self.training.step()


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm1, self.norm2, self.heads, self.dropout = nn.LayerNorm(width, 1e-12), nn.LayerNorm(width, 1e-12), heads, dropout

    def drop(self, x):
        return F.dropout(x, self.dropout) if self.dropout else x

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        mixed = attend(q, k, v, self.drop).transpose(1, 2).reshape(n, t, d)
        x = self.norm1(x + self.drop(self.out(mixed)))
        return self.norm2(x + self.drop(self.down(F.gelu(self.up(x)))))


def attend(q, k, v, drop=lambda x: x):
    return drop(torch.softmax(q @ k.transpose(2, 3) * (1 / math.sqrt(q.shape[-1])), -1)) @ v


class Bert(nn.Module):
    """Post-norm, with scores of the vocabulary from the table of tokens at some rows only."""
    def __init__(self, vocabulary, context, layers, width, heads, dropout):
        super().__init__()
        self.tokens, self.positions, self.types = nn.Embedding(vocabulary, width), nn.Embedding(context, width), nn.Embedding(2, width)
        self.norm, self.blocks = nn.LayerNorm(width, 1e-12), nn.ModuleList(TransformerBlock(width, heads, dropout) for _ in range(layers))
        self.dense, self.head_norm, self.bias = nn.Linear(width, width), nn.LayerNorm(width, 1e-12), nn.Parameter(torch.zeros(vocabulary))
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, 0, 0.02)

    def forward(self, ids, rows):
        x = self.tokens(ids) + self.positions.weight + self.types.weight[0]
        x = self.blocks[0].drop(self.norm(x))
        for block in self.blocks:
            x = block(x)
        x = self.head_norm(F.gelu(self.dense(x.reshape(-1, x.shape[-1])[rows])).float())
        return F.linear(x, self.tokens.weight, self.bias)


def mlm(width, dropout=0.0, samples=64, tokens=64, vocabulary=4096):
    model = Bert(vocabulary, tokens, 4, width, 4, dropout)
    ids = torch.randint(0, vocabulary, (samples, tokens))
    rows = (torch.rand(samples * tokens) < 0.15).nonzero()[:, 0]
    targets = torch.randint(0, vocabulary, (len(rows),))

    def loss():
        with autocast():
            logits = model(ids, rows)
        return F.cross_entropy(logits.float(), targets)
    return Training(model, loss, 1e-4, 0.01)


class PreNormBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm1, self.norm2, self.heads = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6), heads

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(attend(q, k, v).transpose(1, 2).reshape(n, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class MaskedAutoencoder(nn.Module):
    """A quarter of 49 patches is encoded; a decoder of one block paints the others."""
    def __init__(self, width=64, layers=4, heads=4, patch=4, patches=49):
        super().__init__()
        self.patch = patch
        self.embed, self.places = nn.Linear(patch * patch, width), torch.randn(patches, width)
        self.blocks, self.norm = nn.ModuleList(PreNormBlock(width, heads) for _ in range(layers)), nn.LayerNorm(width, 1e-6)
        self.lead, self.mask, self.block = nn.Linear(width, width), nn.Parameter(torch.zeros(1, 1, width)), PreNormBlock(width, heads)
        self.last, self.predict = nn.LayerNorm(width, 1e-6), nn.Linear(width, patch * patch)

    def forward(self, images):
        n, p = len(images), self.patch
        x = images.view(n, 7, p, 7, p).permute(0, 1, 3, 2, 4).reshape(n, 49, p * p)
        order = torch.rand(n, 49).argsort(1)
        kept, hidden, back = order[:, :12, None], order[:, 12:, None], order.argsort(1)[:, :, None]
        seen = self.embed(x.gather(1, kept.expand(-1, -1, x.shape[2]))) + self.places[kept[:, :, 0]]
        for block in self.blocks:
            seen = block(seen)
        seen = self.lead(self.norm(seen))
        whole = torch.cat([seen, self.mask.to(seen.dtype).expand(n, 37, -1)], 1)
        whole = self.block(whole.gather(1, back.expand(-1, -1, whole.shape[2])) + self.places)
        painted = self.predict(self.last(whole).gather(1, hidden.expand(-1, -1, whole.shape[2])))
        wanted = x.gather(1, hidden.expand(-1, -1, x.shape[2]))
        return painted, (wanted - wanted.mean(2, keepdim=True)) / (wanted.var(2, keepdim=True) + 1e-6).sqrt()


def mae(images=256):
    model, views = MaskedAutoencoder(), torch.randn(images, 28, 28)

    def loss():
        with autocast():
            painted, wanted = model(views)
        return F.mse_loss(painted.float(), wanted.float())
    return Training(model, loss, 1e-3, 1e-4)


class Gradient:
    """A loss of one input and its gradient."""
    def __init__(self, x, loss):
        self.x, self.loss = x.requires_grad_(), loss

    def step(self):
        self.x.grad = None
        self.loss(self.x).backward()


def contrast(rows):
    def loss(z):
        with autocast():
            return nt_xent(z, 0.5).float()
    return Gradient(F.normalize(torch.randn(rows, 128)), loss)


def attention(context, samples=8, heads=4, features=32):
    def loss(qkv):
        with autocast():
            return attend(*qkv).float().sum()
    return Gradient(torch.randn(3, samples, heads, context, features), loss)


ROWS = {"views": Augmentation, "epoch": lambda: Epoch(16), "byol": byol, "moco": moco, "swav": swav, "mae": mae}
ROWS.update({f"simclr-{width}": lambda width=width: simclr(width) for width in (16, 32)})
ROWS.update({f"mlm-{width}": lambda width=width: mlm(width) for width in (128, 256)})
ROWS.update({f"mlm-{width}-dropout": lambda width=width: mlm(width, 0.1) for width in (128, 256)})
ROWS.update({f"ntxent-{rows}": lambda rows=rows: contrast(rows) for rows in (512, 2048, 8192)})
ROWS.update({f"attention-{context}": lambda context=context: attention(context) for context in (64, 128, 256, 512, 1024)})


def timed(work, count):
    times = []
    synchronize()
    for _ in range(count):
        begin = time.perf_counter()
        work.step()
        synchronize()
        times.append(1e3 * (time.perf_counter() - begin))
    return times


def main():
    if arguments.list:
        return print("\n".join(ROWS))
    if arguments.row not in ROWS:
        sys.exit(f"pytorch.py: there is no row \"{arguments.row}\"; there are {', '.join(ROWS)}")
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    work = ROWS[arguments.row]()
    timed(work, 2)
    if arguments.serve:
        print("ready", flush=True)
        for line in sys.stdin:
            print(*(f"{value:.3f}" for value in timed(work, int(line))), flush=True)
    else:
        print(f"{statistics.median(timed(work, arguments.steps)):.3f}")
    if arguments.memory:
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", file=sys.stderr)


if __name__ == "__main__":
    main()
