"""Fixtures of what happens over ten steps: the optimizers on given gradients, the schedule, and SimCLR on a small ResNet."""
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
    """Pretext's `resnet` encoder and its projector, from a dictionary of weights in Pretext's names and layouts (K x R x R x C)."""

    def __init__(self, weights, options):
        self.weights, self.options = weights, options
        self.statistics = {}
        self.nearest = math.inf  # to zero, of what relu was applied to, in standard deviations: below rounding it would be chance which side it is on

    def relu(self, x):
        self.nearest = min(self.nearest, (x.abs().min() / x.std()).item())
        return torch.relu(x)

    def conv(self, x, name, stride, padding):
        return F.conv2d(x, self.weights[name + ".weight"].permute(0, 3, 1, 2), None, stride, padding)

    def norm(self, x, name):
        mean, var = (self.statistics.setdefault(f"{name}.{key}", torch.full((x.shape[1],), value, dtype=x.dtype))
                     for key, value in (("running_mean", 0.0), ("running_var", 1.0)))
        return F.batch_norm(x, mean, var, self.weights[name + ".weight"], self.weights[name + ".bias"], True)

    def block(self, x, name, stride):
        y = self.relu(self.norm(self.conv(x, name + ".conv1", stride, 1), name + ".norm1"))
        y = self.norm(self.conv(y, name + ".conv2", 1, 1), name + ".norm2")
        if name + ".shortcut.weight" in self.weights:
            x = self.norm(self.conv(x, name + ".shortcut", stride, 0), name + ".shortcut_norm")
        return self.relu(y + x)

    def linear(self, x, name):
        return F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def pool(self, x):
        if self.options["encoder.pool"] == 1:
            return x.mean((2, 3))
        side = min(x.shape[2:])
        return F.avg_pool2d(x, (side + 1) // 2, side // 2).permute(0, 2, 3, 1).flatten(1)

    def __call__(self, images):
        x = self.relu(self.norm(self.conv(images.permute(0, 3, 1, 2), "encoder.stem", self.options["encoder.stem_stride"], 1), "encoder.stem_norm"))
        for stage in range(self.options["encoder.stages"]):
            for block in range(self.options["encoder.depth"]):
                x = self.block(x, f"encoder.stage{stage}_block{block}", 2 if stage and not block else 1)
        h = self.pool(x)
        if "encoder.linear.weight" in self.weights:
            h = self.linear(h, "encoder.linear")
        for layer in range(self.options["projector.depth"] - 1):
            h = self.relu(self.norm(self.linear(h, f"projector.linear{layer}"), f"projector.norm{layer}"))
        return self.linear(h, f"projector.linear{self.options['projector.depth'] - 1}")


def initial_weights(options, channels, height, width, draw):
    """Shapes as Pretext builds them, He normal; norms are off one and zero, so that a forgotten one shows."""
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
    for layer in range(options["projector.depth"]):
        last = layer + 1 == options["projector.depth"]
        features = options["projector.dimension"] if last else options["projector.width"]
        linear(f"projector.linear{layer}", now, features, last)
        if not last:
            norm(f"projector.norm{layer}", features)
        now = features
    return weights


def simclr_run(options, shape, margin, draw):
    """Ten steps; none where a relu's input comes nearer to zero than the margin."""
    pairs, height, width, channels = shape
    weights = {key: np.asarray(value, np.float32) for key, value in initial_weights(options, channels, height, width, draw).items()}
    scene = draw.standard_normal((STEPS, pairs, height, width, channels))
    views = np.asarray(np.concatenate([scene + 0.5 * draw.standard_normal(scene.shape) for _ in range(2)], axis=1), np.float32)
    tensors = {"constant.views": views, **{"input." + key: value for key, value in weights.items()}}

    parameters = {key: torch.tensor(exact(value), requires_grad=True) for key, value in weights.items()}
    model, stepper, history = SmallResNet(parameters, options), make_optimizer(options, parameters.values()), []
    for step in range(STEPS):
        loss = nt_xent(F.normalize(model(torch.tensor(exact(views[step])))), options["temperature"])
        if model.nearest < margin:
            return None
        for parameter in parameters.values():
            parameter.grad = None
        loss.backward()
        if step == 0:
            tensors.update({"grad." + key: parameter.grad.numpy().astype(np.float32) for key, parameter in parameters.items()})
        stepper.step(options["learning_rate"])
        history.append(loss.item())
    tensors["output.loss"] = np.array(history)
    tensors.update({"output." + key: parameter.detach().numpy().astype(np.float32) for key, parameter in parameters.items()})
    tensors.update({"output." + key: value.numpy().astype(np.float32) for key, value in model.statistics.items()})
    return tensors


def simclr(folder):
    # Architecture, shape of the views, and how near to zero a relu's input may come: LARS makes much of one activation on the other side.
    cases = {
        "sgd": (dict(optimizer="sgd", momentum=0.9, weight_decay=1e-4, learning_rate=0.05, temperature=0.5), {}, (16, 12, 12, 1), 0),
        "adamw": (dict(optimizer="adamw", momentum=0.9, weight_decay=0.05, learning_rate=1e-3, temperature=0.2),
                  {"encoder.pool": 2, "encoder.stem_stride": 2, "encoder.stages": 3}, (8, 17, 23, 3), 0),
        "lars": (dict(optimizer="lars", momentum=0.9, weight_decay=1e-6, learning_rate=0.3, temperature=0.1),
                 {"encoder.depth": 2, "encoder.max_width": 8, "encoder.dimension": 10, "projector.depth": 3}, (8, 6, 6, 2), 1.5e-5),
    }
    base = {"encoder.width": 8, "encoder.stages": 2, "encoder.depth": 1, "encoder.max_width": 256, "encoder.stem_stride": 1, "encoder.pool": 1,
            "encoder.dimension": 0, "projector.width": 24, "projector.dimension": 12, "projector.depth": 2, "encoder": "resnet"}
    for name, (training, architecture, shape, margin) in cases.items():
        training = {key: float(np.float32(value)) if isinstance(value, float) else value for key, value in training.items()}
        options = {**base, **architecture, **training}
        tensors, draw = None, "simclr." + name
        while tensors is None:
            tensors, draw = simclr_run(options, shape, margin, generator(draw)), draw + "'"
        write_case(folder, "simclr-" + name, "simclr", options, tensors)
