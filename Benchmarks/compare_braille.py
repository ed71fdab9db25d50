#!/usr/bin/env python3
"""Times a training step of a classifier's configuration here and in eager PyTorch, in turn.

    spindle init braille DIR
    VENV/bin/python Benchmarks/compare_braille.py --spindle .build/release/spindle \\
        --config DIR/braille.json --data PATH/braille.safetensors

VENV has torch, numpy and safetensors. Each round trains some epochs by `spindle train`, whose step
time is the wall time of the epochs (loading of batches and metrics included) over their steps;
then builds the same network in PyTorch, one operation at a time as its users write it, from the
parameters that were just trained, and times its steps (zero_grad, forward, loss, backward,
optimizer) on batches of the same shape. PyTorch's loss of the trained network over the training
data is printed beside Spindle's last epoch, so that one sees that it is the same network: they
differ by what one epoch changes.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy as np
import torch
from safetensors.numpy import load_file


def parse():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--spindle", required=True, help="the command spindle")
    p.add_argument("--config", required=True, help="the configuration")
    p.add_argument("--data", required=True, help="its data.file")
    p.add_argument("--epochs", type=int, default=5, help="epochs of a round")
    p.add_argument("--steps", type=int, default=8, help="PyTorch's steps of a round")
    p.add_argument("--rounds", type=int, default=3)
    return p.parse_args()


def train(args, checkpoint):
    """Trains a few epochs; Spindle's own account of them."""
    command = [args.spindle, "train", args.config, "--quiet", "--json", "--overwrite"]
    command += ["--set", f"data.file={args.data}", "--set", f"training.epochs={args.epochs}"]
    command += ["--set", "report=null", "--checkpoint", checkpoint]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


class FastSigmoid(torch.autograd.Function):
    """A spike, with 1 / (k |x| + 1)^2 for its derivative."""

    @staticmethod
    def forward(context, x, slope):
        context.save_for_backward(x)
        context.slope = slope
        return (x > 0).float()

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient / (context.slope * x.abs() + 1) ** 2, None


class Triangular(torch.autograd.Function):
    """A spike, with peak max(0, 1 - |k x|) for its derivative."""

    @staticmethod
    def forward(context, x, slope, peak):
        context.save_for_backward(x)
        context.slope, context.peak = slope, peak
        return (x > 0).float()

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        h = context.peak * (1 - context.slope * x.abs()).clamp(min=0)
        return gradient * h, None, None


def spike(x, surrogate):
    """The spikes of x = u - threshold, with the surrogate of a configuration."""
    if surrogate["kind"] == "triangular":
        return Triangular.apply(x, surrogate["slope"], surrogate.get("peak", surrogate["slope"]))
    return FastSigmoid.apply(x, surrogate["slope"])


class Net(torch.nn.Module):
    """The layers of a configuration, with the parameters of a checkpoint."""

    def __init__(self, layers, tensors, time_step):
        super().__init__()
        self.layers = layers
        self.values = torch.nn.ParameterDict()
        for name, value in tensors.items():
            layer, kind = name.split(".")
            if kind in ("weight", "bias", "recurrent_weight"):
                self.values[name.replace(".", "_")] = torch.nn.Parameter(torch.from_numpy(value))
        self.decays = {
            name: torch.from_numpy(np.exp(-time_step / value))
            for name, value in tensors.items()
            if name.endswith("tau")
        }
        self.thresholds = {n: torch.from_numpy(v) for n, v in tensors.items() if "threshold" in n}

    def value(self, name):
        return self.values[name.replace(".", "_")] if name.replace(".", "_") in self.values else None

    def forward(self, x):
        """x [B, T, I]; the readout's membranes [T, B, N]."""
        batch, steps, _ = x.shape
        count = [layer["neurons"] for layer in self.layers]
        v = [torch.zeros(batch, n) for n in count]
        c = [torch.zeros(batch, n) for n in count]
        s = [torch.zeros(batch, n) for n in count]
        outputs = []
        for t in range(steps):
            signal = x[:, t]
            for k, layer in enumerate(self.layers):
                current = signal @ self.value(f"{k}.weight")
                if self.value(f"{k}.bias") is not None:
                    current = current + self.value(f"{k}.bias")
                if self.value(f"{k}.recurrent_weight") is not None:
                    current = current + s[k] @ self.value(f"{k}.recurrent_weight")
                alpha = self.decays.get(f"{k}.synaptic_tau")
                c[k] = current if alpha is None else alpha * c[k] + current
                u = self.decays[f"{k}.tau"] * v[k] + c[k]
                if layer["kind"] == "li":
                    v[k] = u
                    continue
                threshold = self.thresholds[f"{k}.threshold"]
                s[k] = spike(u - threshold, layer["surrogate"])
                reset = s[k].detach() if layer.get("reset_gradient") == "detached" else s[k]
                kind = layer.get("reset", "subtraction")
                v[k] = u * (1 - reset) if kind == "zero" else u
                if kind == "subtraction":
                    v[k] = u - reset * threshold
                signal = s[k]
            outputs.append(v[-1])
        return torch.stack(outputs)


def loss_of(net, config, x, y):
    membranes = net(x)
    kind = config["loss"] if isinstance(config["loss"], str) else config["loss"]["kind"]
    if kind == "max_membrane_cross_entropy":
        logits = membranes.max(0).values
    elif kind == "mean_membrane_cross_entropy":
        logits = membranes.mean(0)
    else:
        raise SystemExit(f"this script knows no loss {kind}")
    return torch.nn.functional.cross_entropy(logits, y)


def check(config):
    """Refuses what the network above does not have, rather than time another one."""
    for layer in config["network"]["layers"]:
        known = {"kind", "neurons", "topology", "tau", "synaptic_tau", "reset", "reset_gradient",
                 "threshold", "surrogate", "weights", "recurrent_weights", "bias"}
        unknown = sorted(set(layer) - known)
        if unknown:
            raise SystemExit(f"this script knows no {', '.join(unknown)}")
        if layer["kind"] != "lif":
            continue
        surrogate = layer["surrogate"]
        keys = {"fast_sigmoid": {"kind", "slope"}, "triangular": {"kind", "slope", "peak"}}
        if not set(surrogate) <= keys.get(surrogate["kind"], set()):
            raise SystemExit(f"this script knows no surrogate {surrogate}")


def inputs(config, path):
    """The samples as the configuration prepares them; standardised over all samples."""
    data = load_file(path)
    x = data[config["data"]["input"]].astype(np.float32)
    for transform in config["data"]["transforms"]:
        if transform["kind"] == "select":
            x = x[:, :, transform["units"]]
        elif transform["kind"] == "affine":
            x = x * np.float32(transform["scale"]) + np.float32(transform.get("offset", 0))
        elif transform["kind"] == "standardize":
            x = (x - x.mean((0, 1))) / x.std((0, 1))
        elif transform["kind"] == "repeat":
            x = np.repeat(x, transform["times"], axis=1)
        else:
            raise SystemExit(f"this script knows no transform {transform['kind']}")
    return torch.from_numpy(x), torch.from_numpy(data[config["data"]["target"]].astype(np.int64))


def time_torch(config, tensors, x, y, steps):
    """Seconds of each training step, and the loss of the network before them."""
    time_step = config["network"].get("time_step", 0.001)
    net = Net(config["network"]["layers"], tensors, time_step)
    size = config["training"]["batch"]
    with torch.no_grad():
        some = x[: 4 * size], y[: 4 * size]
        loss = float(loss_of(net, config, *some))
    rate = config["optimizer"]["learning_rate"]
    kinds = {"adam": torch.optim.Adam, "adamax": torch.optim.Adamax, "adamw": torch.optim.AdamW}
    optimizer = kinds[config["optimizer"]["kind"]](net.parameters(), lr=rate * 1e-6)
    seconds = []
    for step in range(steps + 1):
        first = step * size % (len(x) - size)
        begin = time.perf_counter()
        optimizer.zero_grad()
        loss_of(net, config, x[first : first + size], y[first : first + size]).backward()
        optimizer.step()
        seconds.append(time.perf_counter() - begin)
    return seconds[1:], loss


def main():
    args = parse()
    config = json.load(open(args.config))
    check(config)
    torch.set_num_threads(os.cpu_count() or 1)
    x, y = inputs(config, args.data)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "checkpoint.safetensors")
        for _ in range(args.rounds):
            result = train(args, path)
            last = result["history"][-1]
            ours.append(result["training_seconds"] / last["step"])
            names = (n for n in load_file(path) if n[0].isdigit())
            everything = load_file(path)
            tensors = {n: everything[n] for n in names}
            seconds, loss = time_torch(config, tensors, x, y, args.steps)
            theirs += seconds
            print(f"loss: Spindle's last epoch {last['loss']:.4f}, PyTorch's {loss:.4f}")
    here, there = statistics.median(ours), statistics.median(theirs)
    print(f"batch {config['training']['batch']}, {x.shape[1]} steps, {os.cpu_count()} cores")
    print(f"Spindle {1e3 * here:.2f} ms a step, PyTorch {1e3 * there:.1f} ms, ratio {there / here:.1f}")


if __name__ == "__main__":
    main()
