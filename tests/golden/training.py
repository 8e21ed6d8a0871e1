"""Fixtures of what happens over ten steps: the optimizers on given gradients, the schedule, and the methods of images on a small ResNet."""
import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F

from goldenfile import exact, generator, write_case

STEPS = 10
TRUST = 1e-3 # of LARS


def nt_xent(z, temperature):
    """Chen et al. 2020, equation 1, by the definition."""
    n = len(z) // 2
    similarity = (z @ z.t() / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), -math.inf)
    return F.cross_entropy(similarity, torch.arange(2 * n).roll(n))


def simcse(z, temperature):
    """Gao et al. 2021, equation 1: the second views are the candidates, a sentence's own is the answer."""
    n = len(z) // 2
    return F.cross_entropy(z[:n] @ z[n:].t() / temperature, torch.arange(n))


class Lars:
    """You et al. 2017, algorithm 1; biases and norms (one axis) get neither decay nor an adapted rate (Chen et al. 2020)."""

    def __init__(self, parameters, momentum, weight_decay):
        self.parameters, self.momentum, self.weight_decay = list(parameters), momentum, weight_decay
        self.velocity = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self, rate):
        for parameter, velocity in zip(self.parameters, self.velocity):
            gradient, local = parameter.grad, 1.0
            if parameter.dim() > 1:
                norm, gradient_norm = parameter.norm(), gradient.norm()
                if norm > 0 and gradient_norm > 0:
                    local = TRUST * norm / (gradient_norm + self.weight_decay * norm)
                gradient = gradient + self.weight_decay * parameter
            velocity.mul_(self.momentum).add_(rate * local * gradient)
            parameter.sub_(velocity)


class TorchOptimizer:
    """One of PyTorch's, without decay for what has one axis."""

    def __init__(self, name, parameters, momentum, weight_decay, nesterov):
        groups = [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
                  {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0}]
        groups = [group for group in groups if group["params"]]
        if name == "sgd":
            self.optimizer = torch.optim.SGD(groups, lr=1, momentum=momentum, nesterov=nesterov)
        else:
            self.optimizer = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name](groups, lr=1, betas=(momentum, 0.999))

    def step(self, rate):
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()


def make_optimizer(options, parameters):
    if options["optimizer"] == "lars":
        return Lars(parameters, options["momentum"], options["weight_decay"])
    return TorchOptimizer(options["optimizer"], parameters, options["momentum"], options["weight_decay"], options.get("nesterov", False))


def optimizers(folder):
    cases = {"sgd": ("sgd", 0.0, 0.0, False), "sgd-decay": ("sgd", 0.0, 0.1, False), "momentum": ("sgd", 0.9, 0.01, False),
             "nesterov": ("sgd", 0.9, 0.01, True), "adam": ("adam", 0.9, 0.0, False), "adam-decay": ("adam", 0.9, 0.1, False),
             "adamw": ("adamw", 0.9, 0.1, False), "lars": ("lars", 0.9, 0.01, False), "lars-plain": ("lars", 0.0, 0.0, False)}
    for name, (optimizer, momentum, weight_decay, nesterov) in cases.items():
        # Float32 numbers, since that is what a knob's value becomes before it is used.
        options = {"optimizer": optimizer, "momentum": float(np.float32(momentum)), "weight_decay": float(np.float32(weight_decay)),
                   "nesterov": nesterov}
        rates = exact(0.1 * (1 + generator(name).random(STEPS)))
        draw = generator("optimizer." + name)
        tensors = {"input.weight": draw.standard_normal((6, 5)), "input.bias": draw.standard_normal(6),
                   "constant.gradients.weight": draw.standard_normal((STEPS, 6, 5)), "constant.gradients.bias": draw.standard_normal((STEPS, 6)),
                   "constant.learning_rates": rates}
        tensors = {key: np.asarray(value, np.float32) for key, value in tensors.items()}
        parameters = {key: torch.tensor(exact(tensors["input." + key]), requires_grad=True) for key in ("weight", "bias")}
        stepper = make_optimizer(options, parameters.values())
        history = {key: [] for key in parameters}
        for step in range(STEPS):
            for key, parameter in parameters.items():
                parameter.grad = torch.tensor(exact(tensors["constant.gradients." + key][step]))
            stepper.step(rates[step])
            for key, parameter in parameters.items():
                history[key].append(parameter.detach().numpy().copy())
        for key, values in history.items():
            tensors["output." + key] = np.stack(values)
        write_case(folder, "optimizer-" + name, "optimizer", options, tensors)


def schedules(folder):
    for schedule, total, warmup in (("cosine", 40, 0.25), ("cosine", 30, 0.0), ("constant", 20, 0.5)):
        ramp = round(total * warmup)
        parameter = [torch.nn.Parameter(torch.zeros(1))]
        factors = []
        if ramp:
            optimizer = torch.optim.SGD(parameter, lr=1)
            linear = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / ramp, end_factor=1, total_iters=ramp - 1)
            factors += follow(optimizer, linear, ramp)
        optimizer = torch.optim.SGD(parameter, lr=1)
        cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=total - ramp)
        rest = follow(optimizer, cosine, total - ramp)
        factors += rest if schedule == "cosine" else [1.0] * (total - ramp)
        write_case(folder, f"schedule-{schedule}-{total}-{warmup}", "schedule", {"schedule": schedule, "total": total, "warmup": warmup},
                   {"output.factor": np.array(factors)})


def follow(optimizer, scheduler, steps):
    factors = []
    for _ in range(steps):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return factors


class SmallResNet:
    """Pretext's `resnet` encoder and its heads, from a dictionary of weights in Pretext's names and layouts (K x R x R x C)."""

    def __init__(self, weights, options, prefix=""):
        self.weights, self.options, self.prefix = weights, options, prefix
        self.statistics = {}
        self.nearest = math.inf  # to zero, of what relu was applied to, in standard deviations: below rounding it would be chance which side it is on

    def relu(self, x):
        self.nearest = min(self.nearest, (x.abs().min() / x.std()).item())
        return torch.relu(x)

    def conv(self, x, name, stride, padding):
        return F.conv2d(x, self.weights[self.prefix + name + ".weight"].permute(0, 3, 1, 2), None, stride, padding)

    def norm(self, x, name):
        mean, var = (self.statistics.setdefault(f"{self.prefix}{name}.{key}", torch.full((x.shape[1],), value, dtype=x.dtype))
                     for key, value in (("running_mean", 0.0), ("running_var", 1.0)))
        return F.batch_norm(x, mean, var, self.weights[self.prefix + name + ".weight"], self.weights[self.prefix + name + ".bias"], True)

    def block(self, x, name, stride):
        y = self.relu(self.norm(self.conv(x, name + ".conv1", stride, 1), name + ".norm1"))
        y = self.norm(self.conv(y, name + ".conv2", 1, 1), name + ".norm2")
        if self.prefix + name + ".shortcut.weight" in self.weights:
            x = self.norm(self.conv(x, name + ".shortcut", stride, 0), name + ".shortcut_norm")
        return self.relu(y + x)

    def linear(self, x, name):
        return F.linear(x, self.weights[self.prefix + name + ".weight"], self.weights.get(self.prefix + name + ".bias"))

    def pool(self, x):
        if self.options["encoder.pool"] == 1:
            return x.mean((2, 3))
        side = min(x.shape[2:])
        return F.avg_pool2d(x, (side + 1) // 2, side // 2).permute(0, 2, 3, 1).flatten(1)

    def __call__(self, images):
        return self.head(self.features(images), "projector", self.options["projector.depth"])

    def features(self, images):
        x = self.relu(self.norm(self.conv(images.permute(0, 3, 1, 2), "encoder.stem", self.options["encoder.stem_stride"], 1), "encoder.stem_norm"))
        for stage in range(self.options["encoder.stages"]):
            for block in range(self.options["encoder.depth"]):
                x = self.block(x, f"encoder.stage{stage}_block{block}", 2 if stage and not block else 1)
        h = self.pool(x)
        if self.prefix + "encoder.linear.weight" in self.weights:
            h = self.linear(h, "encoder.linear")
        return h

    def head(self, h, name, depth):
        """Linear layers with batch norm and ReLU between."""
        for layer in range(depth - 1):
            h = self.relu(self.norm(self.linear(h, f"{name}.linear{layer}"), f"{name}.norm{layer}"))
        return self.linear(h, f"{name}.linear{depth - 1}")


def initial_weights(options, channels, height, width, draw, bias=True):
    """Shapes as Pretext builds them, He normal; norms are off one and zero, so that a forgotten one shows. `bias`: of the projector's last layer."""
    weights = {}

    def conv(name, inputs, outputs, kernel):
        weights[name + ".weight"] = draw.standard_normal((outputs, kernel, kernel, inputs)) * math.sqrt(2 / (outputs * kernel * kernel))

    def norm(name, features):
        weights[name + ".weight"] = 1 + 0.1 * draw.standard_normal(features)
        weights[name + ".bias"] = 0.1 * draw.standard_normal(features)

    def linear(name, inputs, outputs, bias):
        weights[name + ".weight"] = draw.uniform(-1, 1, (outputs, inputs)) / math.sqrt(inputs)
        if bias:
            weights[name + ".bias"] = draw.uniform(-1, 1, outputs) / math.sqrt(inputs)

    now = options["encoder.width"]
    conv("encoder.stem", channels, now, 3)
    norm("encoder.stem_norm", now)
    height, width = ((extent - 1) // options["encoder.stem_stride"] + 1 for extent in (height, width))
    for stage in range(options["encoder.stages"]):
        filters = min(options["encoder.width"] << stage, options["encoder.max_width"])
        for block in range(options["encoder.depth"]):
            name, stride = f"encoder.stage{stage}_block{block}", 2 if stage and not block else 1
            conv(name + ".conv1", now, filters, 3)
            norm(name + ".norm1", filters)
            conv(name + ".conv2", filters, filters, 3)
            norm(name + ".norm2", filters)
            if stride > 1 or now != filters:
                conv(name + ".shortcut", now, filters, 1)
                norm(name + ".shortcut_norm", filters)
            height, width, now = (height - 1) // stride + 1, (width - 1) // stride + 1, filters
    if options["encoder.pool"] == 2:
        side = min(height, width)
        now *= math.prod((extent - (side + 1) // 2) // (side // 2) + 1 for extent in (height, width))
    if options["encoder.dimension"]:
        linear("encoder.linear", now, options["encoder.dimension"], False)
        now = options["encoder.dimension"]
    outputs = options.get("projector.dimension")
    heads = [("projector", options["projector.depth"], options["projector.width"], bias)] if outputs else []
    if "predictor.width" in options:
        heads.append(("predictor", 2, options["predictor.width"], True))
    if "classifier.width" in options:
        heads, now, outputs = [("classifier", 2, options["classifier.width"], True)], now * options["views"], options.get("permutations", 8)
    if "classes" in options:
        linear("classes", now, options["classes"], True)
    for name, depth, hidden, biased in heads:
        for layer in range(depth):
            last = layer + 1 == depth
            features = outputs if last else hidden
            linear(f"{name}.linear{layer}", now, features, last and biased)
            if not last:
                norm(f"{name}.norm{layer}", features)
            now = features
    return weights


class SimClr:
    bias = True

    def __init__(self, parameters, options):
        self.online, self.parameters = SmallResNet(parameters, options), parameters

    def networks(self):
        return [self.online]

    def loss(self, views, options):
        return nt_xent(F.normalize(self.online(views)), options["temperature"])

    def after_step(self, options):
        pass


class SimSiam(SimClr):
    """Chen & He 2021, algorithm 1, with both views in one batch."""
    bias = False

    def predicted(self, z, options):
        return self.online.head(z, "predictor", 2) if options["predictor"] else z

    def loss(self, views, options):
        z1, z2 = (z := self.online(views)).chunk(2)
        p1, p2 = self.predicted(z, options).chunk(2)
        if options["stop_gradient"]:
            z1, z2 = z1.detach(), z2.detach()
        return -(F.cosine_similarity(p1, z2).mean() + F.cosine_similarity(p2, z1).mean()) / 2


class Byol(SimSiam):
    """Grill et al. 2020, equations 1 and 2, with both views in one batch; without the stop-gradient the online network is its own target."""

    def __init__(self, parameters, options):
        super().__init__(parameters, options)
        self.teacher = SmallResNet(parameters, options, "teacher.")

    def networks(self):
        return [self.online, self.teacher]

    def loss(self, views, options):
        z = self.online(views)
        q1, q2 = (F.normalize(q) for q in self.predicted(z, options).chunk(2))
        if options["stop_gradient"]:
            with torch.no_grad():
                z = self.teacher(views)
        t1, t2 = (F.normalize(t) for t in z.chunk(2))
        return ((q1 - t2) ** 2).sum(1).mean() + ((q2 - t1) ** 2).sum(1).mean()

    @torch.no_grad()
    def after_step(self, options):
        for name, weight in self.parameters.items():
            if name.startswith("teacher."):
                online = self.parameters[name.removeprefix("teacher.")]
                weight.copy_(options["teacher.momentum"] * weight + (1 - options["teacher.momentum"]) * online)


class VicReg(SimClr):
    """Bardes et al. 2022, equations 1 to 6, averaged as in the authors' code."""
    bias = False

    def loss(self, views, options):
        x, y = self.online(views).chunk(2)
        invariance = F.mse_loss(x, y)
        variance = covariance = 0
        for z in (x, y):
            variance = variance + F.relu(1 - torch.sqrt(z.var(0) + 1e-4)).mean() / 2
            matrix = torch.cov(z.t())
            covariance = covariance + (matrix ** 2).fill_diagonal_(0).sum() / z.shape[1]
        return options["invariance"] * invariance + options["variance"] * variance + options["covariance"] * covariance


class BarlowTwins(SimClr):
    """Zbontar et al. 2021, equations 1 and 2, standardised as in the authors' code by a batch norm without weights."""
    bias = False

    def loss(self, views, options):
        x, y = (F.batch_norm(z, None, None, training=True) for z in self.online(views).chunk(2))
        correlation = x.t() @ y / len(x)
        diagonal = torch.diagonal(correlation)
        invariance = ((1 - diagonal) ** 2).sum()
        return invariance + options["lambda"] * ((correlation ** 2).sum() - (diagonal ** 2).sum())


class MultiView(SimClr):
    """Tian et al. 2020, all pairs; or Shidani et al. 2024, each view with the mean of the others."""

    def loss(self, views, options):
        z = F.normalize(self.online(views)).chunk(options["views"])
        if options["positives"] == "pairs":
            pairs = list(itertools.combinations(z, 2))
            return sum(nt_xent(torch.cat(pair), options["temperature"]) for pair in pairs) / len(pairs)
        pools = [F.normalize(torch.stack([other for v, other in enumerate(z) if v != own]).mean(0)) for own in range(len(z))]
        own = torch.arange(len(z[0]))
        return sum(F.cross_entropy(view @ pool.t() / options["temperature"], own) for view, pool in zip(z, pools)) / len(z)


class InfoNce(SimClr):
    """van den Oord et al. 2018, equation 4, from the first views to the second ones."""

    def loss(self, views, options):
        x, y = self.online(views).chunk(2)
        kind = options["similarity"]
        similarity = {"cosine": lambda: F.normalize(x) @ F.normalize(y).t(), "product": lambda: x @ y.t(), "euclidean": lambda: -torch.cdist(x, y),
                      "rbf": lambda: torch.exp(-torch.cdist(x, y) ** 2 / (2 * options["similarity.width"] ** 2))}[kind]()
        return F.cross_entropy(similarity / options["temperature"], torch.arange(len(x)))


class Margin(SimClr):
    """max(0, 1 - y cos / temperature)^p, the mean over the pairs of one sample and that over the pairs of two."""

    def loss(self, views, options):
        x, y = (F.normalize(z) for z in self.online(views).chunk(2))
        own = torch.eye(len(x), dtype=torch.bool)
        sign = torch.where(own, 1.0, -1.0 if options["margin.form"] == "signed" else 1.0)
        rest = F.relu(1 - sign * (x @ y.t()) / options["temperature"]) ** options["margin.power"]
        return rest[own].mean() + rest[~own].mean()


class SupCon(SimClr):
    """Khosla et al. 2020, equation 2, by the definition."""

    def loss(self, views, options, labels):
        z = F.normalize(self.online(views))
        classes = torch.cat([labels, labels])
        total = 0
        for i in range(len(z)):
            others = [j for j in range(len(z)) if j != i]
            logits = z[others] @ z[i] / options["temperature"]
            positives = [k for k, j in enumerate(others) if classes[j] == classes[i]]
            total = total - (logits[positives] - torch.logsumexp(logits, 0)).mean() / len(z)
        return total


class MoCo(SimClr):
    """He et al. 2020, algorithm 1."""

    def __init__(self, parameters, options, queue):
        super().__init__(parameters, options)
        self.teacher, self.queue = SmallResNet(parameters, options, "teacher."), queue

    def networks(self):
        return [self.online, self.teacher]

    def loss(self, views, options):
        first, second = views.chunk(2)
        q = F.normalize(self.online(first))
        with torch.no_grad():
            self.keys = F.normalize(self.teacher(second))
        logits = torch.cat([(q * self.keys).sum(1, keepdim=True), q @ self.queue.t()], 1)
        return F.cross_entropy(logits / options["temperature"], torch.zeros(len(q), dtype=torch.long))

    @torch.no_grad()
    def after_step(self, options):
        self.queue = torch.cat([self.keys, self.queue])[:len(self.queue)]
        Byol.after_step(self, options)


class Nnclr(SimClr):
    """Dwibedi et al. 2021, equations 3 and 4."""
    bias = False

    def __init__(self, parameters, options, queue):
        super().__init__(parameters, options)
        self.queue = queue

    def loss(self, views, options):
        z = self.online(views)
        p1, p2 = F.normalize(self.online.head(z, "predictor", 2)).chunk(2)
        z = F.normalize(z).detach()
        self.keys = z[:len(z) // 2]
        if options["neighbours"]:
            z = self.queue[(z @ self.queue.t()).argmax(1)]
        n1, n2 = z.chunk(2)
        own = torch.arange(len(n1))
        return (F.cross_entropy(n1 @ p2.t() / options["temperature"], own) + F.cross_entropy(n2 @ p1.t() / options["temperature"], own)) / 2

    @torch.no_grad()
    def after_step(self, options):
        self.queue = torch.cat([self.keys, self.queue])[:len(self.queue)]


def foretell(shares, scores, temperature):
    """Caron et al. 2020, equation 6: each view with the shares of each other large one, the mean of all terms. [N, K] of each view."""
    terms = [-(q * F.log_softmax(s / temperature, 1)).sum(1).mean() for i, q in enumerate(shares) for v, s in enumerate(scores) if v != i]
    return sum(terms) / len(terms)


class MultiCrop(SimClr):
    """Large views and small crops, each size through the encoder in a pass of its own, all through the projector in one."""
    small = None  # of this step

    def projections(self, views):
        features = self.online.features(views)
        if self.small is not None:
            features = torch.cat([features, self.online.features(self.small)])
        return self.online.head(features, "projector", self.online.options["projector.depth"])


class Dino(MultiCrop):
    """Caron et al. 2021, algorithm 1, with both views in one batch; scores are cosines, as their last layer is normalised."""

    def __init__(self, parameters, options):
        super().__init__(parameters, options)
        self.teacher = SmallResNet(parameters, options, "teacher.")
        self.centre = torch.zeros(options["prototypes"], dtype=torch.float64)

    def networks(self):
        return [self.online, self.teacher]

    def scores(self, z, weights):
        return F.normalize(z) @ F.normalize(weights).t()

    def loss(self, views, options):
        student = self.scores(self.projections(views), self.parameters["prototypes.weight"])
        with torch.no_grad():
            self.taught = self.scores(self.teacher(views), self.parameters["teacher_prototypes.weight"])
            temperature = options["teacher.temperature"] if options["sharpening"] else 1.0
            shares = F.softmax((self.taught - (self.centre if options["centring"] else 0)) / temperature, 1)
        return foretell(shares.chunk(2), student.split(len(shares) // 2), options["temperature"])

    @torch.no_grad()
    def after_step(self, options):
        Byol.after_step(self, options)
        momentum, weight = options["teacher.momentum"], self.parameters["teacher_prototypes.weight"]
        weight.copy_(momentum * weight + (1 - momentum) * self.parameters["prototypes.weight"])
        self.centre = options["centre.momentum"] * self.centre + (1 - options["centre.momentum"]) * self.taught.mean(0)


class SwAv(MultiCrop):
    """Caron et al. 2020, equations 2 to 4; the shares of each view by itself."""

    def share(self, scores, options):
        if not options["sharing"]:
            return F.softmax(scores / options["sharing.epsilon"], 1)
        q = torch.exp(scores / options["sharing.epsilon"])
        for _ in range(3):
            q = q / q.sum(0, keepdim=True)
            q = q / q.sum(1, keepdim=True)
        return q

    def loss(self, views, options):
        scores = F.normalize(self.projections(views)) @ F.normalize(self.parameters["prototypes.weight"]).t()
        scores = scores.split(len(views) // 2)
        with torch.no_grad():
            shares = [self.share(large, options) for large in scores[:2]]
        return foretell(shares, scores, options["temperature"])


class Autoencoder(SimClr):
    """Pretext's code and decoder behind the encoder: mean squared error, and what the regulariser adds. Of two views the second is given."""

    channels = None  # that are painted, where not all are

    def loss(self, views, options, pairs):
        wanted, given = views[:pairs], views[-pairs:]
        z, painted = self.rebuild(given, options)
        return self.error(painted, wanted, options) + self.penalty(z, options)

    def error(self, painted, wanted, options):
        return F.mse_loss(painted, wanted)

    def rebuild(self, given, options):
        z, pairs = self.online.linear(self.online.features(given), "code"), len(given)
        height, width = given.shape[1:3]
        steps = 0
        while (max(height, width) - 1) >> steps >= 8:
            steps += 1
        rows, columns = ((extent - 1 >> steps) + 1 for extent in (height, width))
        x = self.online.linear(z, "decoder.linear").view(pairs, rows, columns, options["decoder.width"]).permute(0, 3, 1, 2)
        x = self.online.relu(self.online.norm(x, "decoder.norm"))
        for step in range(steps):
            x = self.online.conv(F.interpolate(x, scale_factor=2, mode="nearest"), f"decoder.conv{step}", 1, 1)
            x = self.online.relu(self.online.norm(x, f"decoder.norm{step}"))
        x = self.online.conv(x, "decoder.last", 1, 1) + self.parameters["decoder.last.bias"].view(1, -1, 1, 1)
        return z, x.permute(0, 2, 3, 1)[:, :height, :width]

    def penalty(self, z, options):
        if options["regulariser"] == "sparsity":
            return options["regulariser.weight"] * z.abs().mean()
        if options["regulariser"] == "decorrelation":
            return options["regulariser.weight"] * (torch.cov(z.t()) ** 2).fill_diagonal_(0).sum() / z.shape[1]
        return 0


class NextFrame(Autoencoder):
    """The channels are moments; the last one of the first view, which is one moment on, is to be painted."""
    channels = 1

    def error(self, painted, wanted, options):
        return F.mse_loss(painted, wanted[..., -1:])


class SimMim(Autoencoder):
    """Xie et al. 2022, section 3.3: the mean of |x - y| over hidden values. Hidden is all but a regular grid of patches, so that nothing is drawn."""

    def loss(self, views, options, pairs):
        hidden = torch.tensor(self.hidden(views.shape[1:3], options["mask.patch"], options["mask.ratio"]))[None, :, :, None].expand(len(views), -1, -1, 1)
        z, painted = self.rebuild(views.masked_fill(hidden, 0), options)
        return ((painted - views).abs() * hidden).sum() / (hidden.sum() * views.shape[3]) + self.penalty(z, options)

    @staticmethod
    def hidden(extents, size, ratio):
        rows, columns = (-(-extent // size) for extent in extents)

        def rank(place):  # Bayer's, of a matrix of 256 x 256
            row, column = divmod(place, columns)
            bits = [((column >> bit & 1 ^ row >> bit & 1) << 1 | row >> bit & 1) << 2 * (7 - bit) for bit in range(8)]
            return sum(bits)

        order = sorted(range(rows * columns), key=rank)
        patches = np.zeros(rows * columns, bool)
        patches[order[rows * columns - math.floor(ratio * rows * columns + 0.5):]] = True
        return patches.reshape(rows, columns).repeat(size, 0).repeat(size, 1)[:extents[0], :extents[1]]


class Supervised(SimClr):
    """Cross-entropy of a linear layer's logits, to which τ times the log of the classes' shares is added, with label smoothing."""

    prior = 0.0

    def loss(self, views, options, labels):
        logits = self.online.linear(self.online.features(views), "classes") + options.get("logit.adjustment", 0.0) * self.prior
        return F.cross_entropy(logits, labels.long(), label_smoothing=options["label.smoothing"])


class Cuts(SimClr):
    """Pieces of an image are embedded one by one; a head tells from all of them, one beside the other, which target was drawn."""

    def loss(self, views, options, targets):
        h = torch.cat(self.online.features(views).chunk(options["views"]), 1)
        return F.cross_entropy(self.online.head(h, "classifier", 2), targets.long())


def decoder_weights(options, inputs, shape, painted, draw):
    """Of Autoencoder, behind an encoder of so many features."""
    _, height, width, channels = shape
    channels = painted or channels
    code, filters = options["code.dimension"], options["decoder.width"]
    steps = 0
    while (max(height, width) - 1) >> steps >= 8:
        steps += 1
    places = (((height - 1) >> steps) + 1) * (((width - 1) >> steps) + 1)
    weights = {"code.weight": draw.uniform(-1, 1, (code, inputs)) / math.sqrt(inputs), "code.bias": draw.uniform(-1, 1, code),
               "decoder.linear.weight": draw.uniform(-1, 1, (places * filters, code)) / math.sqrt(code),
               "decoder.last.weight": draw.standard_normal((channels, 3, 3, filters)) * math.sqrt(2 / (9 * channels)), "decoder.last.bias": np.zeros(channels)}
    for norm in ["norm"] + [f"norm{step}" for step in range(steps)]:
        weights[f"decoder.{norm}.weight"] = 1 + 0.1 * draw.standard_normal(filters)
        weights[f"decoder.{norm}.bias"] = 0.1 * draw.standard_normal(filters)
    for step in range(steps):
        weights[f"decoder.conv{step}.weight"] = draw.standard_normal((filters, 3, 3, filters)) * math.sqrt(2 / (9 * filters))
    return weights


def method_run(method, options, shape, margin, draw):
    """Ten steps; none where a relu's input comes nearer to zero than the margin. A teacher begins elsewhere than the network that it follows."""
    pairs, height, width, channels = shape
    weights = initial_weights(options, channels, height, width, draw, method.bias)
    if issubclass(method, Autoencoder):
        features = min(options["encoder.width"] << options["encoder.stages"] - 1, options["encoder.max_width"])
        weights |= decoder_weights(options, features, shape, method.channels, draw)
    if "prototypes" in options:
        weights["prototypes.weight"] = draw.standard_normal((options["prototypes"], options["projector.dimension"]))
    if method in (Byol, MoCo, Dino):
        weights |= {"teacher." + key: value for key, value in initial_weights(options, channels, height, width, draw, method.bias).items()
                    if not key.startswith("predictor.")}
    if method is Dino:
        weights["teacher_prototypes.weight"] = draw.standard_normal((options["prototypes"], options["projector.dimension"]))
    weights = {key: np.asarray(value, np.float32) for key, value in weights.items()}
    scene = draw.standard_normal((STEPS, pairs, height, width, channels))
    views = np.asarray(np.concatenate([scene + 0.5 * draw.standard_normal(scene.shape) for _ in range(options.get("views", 2))], axis=1), np.float32)
    tensors = {"constant.views": views, **{"input." + key: value for key, value in weights.items()}}
    if options.get("small_crops"):
        side = options["small_crops.size"]
        shown = (side, round(side * width / height)) if height <= width else (round(side * height / width), side)
        tensors["constant.small"] = np.asarray(draw.standard_normal((STEPS, options["small_crops"] * pairs, *shown, channels)), np.float32)

    parameters = {key: torch.tensor(exact(value), requires_grad=not key.startswith("teacher")) for key, value in weights.items()}
    trained = {key: parameter for key, parameter in parameters.items() if parameter.requires_grad}
    queue = []
    if "queue.size" in options:
        rows = draw.standard_normal((options["queue.size"], options["projector.dimension"]))
        tensors["constant.queue.rows"] = np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
        queue = [torch.tensor(exact(tensors["constant.queue.rows"]))]
    told = {SupCon: ("labels", 3), Supervised: ("labels", options.get("classes")), Cuts: ("targets", options.get("permutations", 8))}.get(method)
    if told:
        tensors["constant." + told[0]] = draw.integers(0, told[1], (STEPS, pairs)).astype(np.int32)
    model, stepper, history, now = method(parameters, options, *queue), make_optimizer(options, trained.values()), [], dict(options)
    if "logit.adjustment" in options:
        counts = np.ceil(100 * 0.3 ** np.arange(options["classes"]))
        tensors["constant.prior.log"] = np.log(counts / counts.sum()).astype(np.float32)[None]
        model.prior = torch.tensor(exact(tensors["constant.prior.log"]))
    for step in range(STEPS):
        now.update({name: value for at, name, value in options.get("changes", []) if at == step})
        if "constant.small" in tensors:
            model.small = torch.tensor(exact(tensors["constant.small"][step]))
        labelled = [torch.tensor(tensors["constant." + told[0]][step])] if told else [pairs] if issubclass(method, Autoencoder) else []
        loss = model.loss(torch.tensor(exact(views[step])), now, *labelled)
        if min(network.nearest for network in model.networks()) < margin:
            return None
        for parameter in trained.values():
            parameter.grad = None
        loss.backward()
        if step == 0:
            tensors.update({"grad." + key: parameter.grad.numpy().astype(np.float32) for key, parameter in trained.items() if parameter.grad is not None})
        stepper.step(options["learning_rate"])
        model.after_step(now)
        history.append(loss.item())
    tensors["output.loss"] = np.array(history)
    if method is Dino:
        tensors["output.centre.mean"] = model.centre.numpy().astype(np.float32)[None]
    if queue:
        tensors["output.queue.rows"] = model.queue.numpy().astype(np.float32)
    tensors.update({"output." + key: parameter.detach().numpy().astype(np.float32) for key, parameter in parameters.items()})
    for network in model.networks():
        tensors.update({"output." + key: value.numpy().astype(np.float32) for key, value in network.statistics.items()})
    return tensors


ARCHITECTURE = {"encoder.width": 8, "encoder.stages": 2, "encoder.depth": 1, "encoder.max_width": 256, "encoder.stem_stride": 1, "encoder.pool": 1,
                "encoder.dimension": 0, "projector.width": 24, "projector.dimension": 12, "projector.depth": 2, "encoder": "resnet"}


def write_method(folder, name, case, method, options, shape, margin=0):
    options = {key: float(np.float32(value)) if isinstance(value, float) else value for key, value in options.items()}
    tensors, draw = None, name + "." + case
    while tensors is None:
        tensors, draw = method_run(method, options, shape, margin, generator(draw)), draw + "'"
    write_case(folder, name + "-" + case, name, options, tensors)


def simclr(folder):
    # Architecture, shape of the views, and how near to zero a relu's input may come: LARS makes much of one activation on the other side.
    cases = {
        "sgd": (dict(optimizer="sgd", momentum=0.9, weight_decay=1e-4, learning_rate=0.05, temperature=0.5), {}, (16, 12, 12, 1), 0),
        "adamw": (dict(optimizer="adamw", momentum=0.9, weight_decay=0.05, learning_rate=1e-3, temperature=0.2),
                  {"encoder.pool": 2, "encoder.stem_stride": 2, "encoder.stages": 3}, (8, 17, 23, 3), 0),
        "lars": (dict(optimizer="lars", momentum=0.9, weight_decay=1e-6, learning_rate=0.3, temperature=0.1),
                 {"encoder.depth": 2, "encoder.max_width": 8, "encoder.dimension": 10, "projector.depth": 3}, (8, 6, 6, 2), 1.5e-5),
    }
    for name, (training, architecture, shape, margin) in cases.items():
        write_method(folder, "simclr", name, SimClr, {**ARCHITECTURE, **architecture, **training}, shape, margin)


def without_negatives(folder):
    sgd = dict(optimizer="sgd", momentum=0.9, weight_decay=1e-4, learning_rate=0.05)
    adamw = dict(optimizer="adamw", momentum=0.9, weight_decay=0.05, learning_rate=1e-3)
    narrow = {**ARCHITECTURE, "encoder.stages": 1}
    siamese = {"stop_gradient": True, "predictor": True, "predictor.width": 10, **narrow}
    switched = [[3, "stop_gradient", False], [5, "stop_gradient", True], [6, "predictor", False], [8, "predictor", True]]
    for name, training, changes, shape in (("sgd", sgd, [], (8, 6, 6, 1)), ("switched", adamw, switched, (8, 7, 5, 2))):
        write_method(folder, "simsiam", name, SimSiam, {**siamese, **training, "changes": changes}, shape)
        momenta = [[4, "teacher.momentum", 0.5], [7, "teacher.momentum", 1.0]] if changes else []
        write_method(folder, "byol", name, Byol, {**siamese, **training, "teacher.momentum": 0.875, "changes": changes + momenta}, shape)
    vicreg = {"invariance": 25.0, "variance": 25.0, "covariance": 1.0, **narrow, "projector.depth": 3}
    write_method(folder, "vicreg", "sgd", VicReg, {**vicreg, **sgd, "learning_rate": 0.005}, (12, 6, 6, 1))
    write_method(folder, "vicreg", "switched", VicReg, {**vicreg, **adamw, "changes": [[3, "variance", 0.0], [6, "covariance", 4.0]]}, (8, 7, 5, 2))
    barlow = {"lambda": 0.0078125, **narrow, "encoder.width": 4, "projector.depth": 3, "projector.width": 12, "projector.dimension": 8}
    write_method(folder, "barlow", "sgd", BarlowTwins, {**barlow, **sgd, "learning_rate": 0.005}, (8, 5, 4, 1))
    write_method(folder, "barlow", "switched", BarlowTwins, {**barlow, **adamw, "changes": [[3, "lambda", 0.25], [6, "lambda", 0.0009765625]]}, (6, 5, 4, 2))


def contrastive(folder):
    sgd = dict(optimizer="sgd", momentum=0.9, weight_decay=1e-4, learning_rate=0.05)
    adamw = dict(optimizer="adamw", momentum=0.9, weight_decay=0.05, learning_rate=1e-3)
    narrow = {**ARCHITECTURE, "encoder.stages": 1}
    multiview = {**narrow, "temperature": 0.2, "positives": "pairs"}
    write_method(folder, "multiview", "sgd", MultiView, {**multiview, **sgd, "views": 3}, (8, 6, 6, 1))
    switched = [[3, "positives", "pooled"], [6, "temperature", 0.5], [8, "positives", "pairs"]]
    write_method(folder, "multiview", "switched", MultiView, {**multiview, **adamw, "views": 4, "changes": switched}, (6, 5, 4, 2))
    infonce = {**narrow, **sgd, "temperature": 0.2, "similarity": "cosine", "similarity.width": 1.0}
    write_method(folder, "infonce", "sgd", InfoNce, infonce, (8, 6, 6, 1))
    switched = [[2, "similarity", "product"], [4, "similarity", "euclidean"], [6, "similarity", "rbf"], [8, "similarity.width", 0.5]]
    write_method(folder, "infonce", "switched", InfoNce, {**infonce, **adamw, "changes": switched}, (8, 5, 4, 2))
    margin = {**narrow, **sgd, "temperature": 0.5, "margin.power": 2.0, "margin.form": "signed"}
    write_method(folder, "margin", "sgd", Margin, margin, (8, 6, 6, 1))
    switched = [[2, "margin.power", 3.5], [4, "margin.form", "unsigned"], [6, "temperature", 1.0], [8, "margin.power", 1.0]]
    write_method(folder, "margin", "switched", Margin, {**margin, **adamw, "changes": switched}, (8, 5, 4, 2))
    write_method(folder, "supcon", "sgd", SupCon, {**narrow, **sgd, "temperature": 0.2}, (8, 6, 6, 1))
    moco = {**narrow, "temperature": 0.2, "queue.size": 20, "teacher.momentum": 0.875}
    write_method(folder, "moco", "sgd", MoCo, {**moco, **sgd}, (8, 6, 6, 1))
    write_method(folder, "moco", "small-queue", MoCo, {**moco, **adamw, "queue.size": 16, "changes": [[5, "teacher.momentum", 0.5]]}, (20, 4, 4, 1))
    nnclr = {**narrow, "temperature": 0.2, "queue.size": 20, "predictor.width": 10, "neighbours": True}
    write_method(folder, "nnclr", "sgd", Nnclr, {**nnclr, **sgd}, (8, 6, 6, 1))
    write_method(folder, "nnclr", "switched", Nnclr, {**nnclr, **adamw, "changes": [[3, "neighbours", False], [6, "neighbours", True]]}, (8, 5, 4, 2))


def prototypes(folder):
    sgd = dict(optimizer="sgd", momentum=0.9, weight_decay=1e-4, learning_rate=0.05)
    adamw = dict(optimizer="adamw", momentum=0.9, weight_decay=0.05, learning_rate=1e-3)
    narrow = {**ARCHITECTURE, "encoder.stages": 1, "prototypes": 9, "temperature": 0.1}
    dino = {**narrow, "teacher.temperature": 0.04, "centring": True, "sharpening": True, "centre.momentum": 0.75, "teacher.momentum": 0.875}
    write_method(folder, "dino", "sgd", Dino, {**dino, **sgd}, (8, 6, 6, 1))
    switched = [[3, "centring", False], [5, "centring", True], [6, "sharpening", False], [8, "sharpening", True]]
    write_method(folder, "dino", "switched", Dino, {**dino, **adamw, "changes": switched}, (8, 5, 4, 2))
    swav = {**narrow, "sharing": True, "sharing.epsilon": 0.05}
    write_method(folder, "swav", "sgd", SwAv, {**swav, **sgd}, (8, 6, 6, 1))
    switched = [[3, "sharing.epsilon", 0.5], [5, "sharing", False], [8, "sharing", True]]
    write_method(folder, "swav", "switched", SwAv, {**swav, **adamw, "changes": switched}, (8, 5, 4, 2))
    crops = {"small_crops": 3, "small_crops.size": 5, "encoder.width": 6}
    write_method(folder, "swav", "multi-crop", SwAv, {**swav, **sgd, **crops, "changes": switched}, (6, 8, 8, 1))
    crops = {"small_crops": 2, "small_crops.size": 4, "encoder.width": 6, "encoder.pool": 2, "projector.width": 12}
    write_method(folder, "dino", "multi-crop", Dino, {**dino, **adamw, **crops}, (6, 6, 6, 1))


def rebuilding(folder):
    sgd = dict(optimizer="sgd", momentum=0.9, weight_decay=1e-4, learning_rate=0.05)
    adamw = dict(optimizer="adamw", momentum=0.9, weight_decay=0.05, learning_rate=1e-3)
    small = {**{key: value for key, value in ARCHITECTURE.items() if not key.startswith("projector")}, "encoder.stages": 1, "code.dimension": 5,
             "decoder.width": 6, "regulariser": "none", "regulariser.weight": 0.1}
    write_method(folder, "autoencoder", "sgd", Autoencoder, {**small, **sgd, "views": 1}, (8, 9, 6, 1))
    switched = [[2, "regulariser", "sparsity"], [5, "regulariser", "decorrelation"], [8, "regulariser.weight", 1.0]]
    write_method(folder, "denoising-autoencoder", "switched", Autoencoder, {**small, **adamw, "views": 2, "changes": switched}, (8, 9, 10, 2))
    colour = {**small, "encoder.width": 4, "decoder.width": 4}
    write_method(folder, "colourisation", "sgd", Autoencoder, {**colour, **sgd, "views": 2}, (5, 6, 5, 3))
    write_method(folder, "next-frame", "switched", NextFrame, {**colour, **adamw, "views": 2, "changes": switched[:2]}, (5, 5, 6, 3))
    masked = {**small, "mask.shape": "grid", "mask.ratio": 0.5, "mask.patch": 2, "views": 1}
    write_method(folder, "simmim", "sgd", SimMim, {**masked, **sgd}, (8, 6, 6, 1))
    turned = [[3, "mask.ratio", 0.75], [5, "mask.patch", 1], [8, "regulariser", "sparsity"]]
    write_method(folder, "simmim", "switched", SimMim, {**masked, **adamw, "changes": turned}, (6, 7, 5, 2))


def classifiers(folder):
    sgd = dict(optimizer="sgd", momentum=0.9, weight_decay=1e-4, learning_rate=0.05)
    adamw = dict(optimizer="adamw", momentum=0.9, weight_decay=0.05, learning_rate=1e-3)
    narrow = {**{key: value for key, value in ARCHITECTURE.items() if not key.startswith("projector")}, "encoder.stages": 1}
    supervised = {**narrow, "views": 1, "classes": 5, "label.smoothing": 0.0}
    write_method(folder, "supervised", "sgd", Supervised, {**supervised, **sgd}, (8, 6, 6, 1))
    turned = [[3, "label.smoothing", 0.25], [7, "label.smoothing", 0.1]]
    write_method(folder, "supervised", "switched", Supervised, {**supervised, **adamw, "encoder.pool": 2, "changes": turned}, (8, 5, 7, 2))
    adjusted = {**supervised, "label.smoothing": 0.1, "logit.adjustment": 1.0, "changes": [[4, "logit.adjustment", 0.0], [7, "logit.adjustment", 1.5]]}
    write_method(folder, "supervised", "long-tailed", Supervised, {**adjusted, **sgd}, (8, 6, 6, 1))
    small = {**narrow, "encoder.width": 6, "classifier.width": 10}
    write_method(folder, "patch-position", "sgd", Cuts, {**small, **sgd, "views": 2}, (8, 5, 5, 1))
    write_method(folder, "jigsaw", "adamw", Cuts, {**small, **adamw, "encoder.width": 4, "views": 9, "permutations": 7}, (6, 4, 4, 1))
