"""Writes the golden cases of SpindleCrossCheckTests with PyTorch.

    python Scripts/make_golden_cases.py Tests/SpindleCrossCheckTests/Golden

Needs numpy, torch and safetensors. Forward is float32, one operation at a time, and backward is
PyTorch's autograd. A few cases are written in version 1 of the format, which is still read. Each
case takes the first seed with which no potential lies near its threshold
and every layer fires now and then. Running it again with the same PyTorch gives the same bytes.
"""

import json
import math
import sys
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file

from golden_surrogates import Spike

TIME_STEP = 0.001
# The closest that a potential may come to its threshold: some hundred times what rounding does.
MARGIN = 2e-4


def decay(tau: torch.Tensor) -> torch.Tensor:
    """exp(-dt/tau): in double, as of a constant, then float32."""
    return torch.exp(-TIME_STEP / tau.double()).float()


def reset(layer: dict, u: torch.Tensor, s: torch.Tensor, threshold: torch.Tensor) -> torch.Tensor:
    r = s.detach() if layer.get("reset_gradient") == "detached" else s
    if layer["reset"] == "subtraction":
        return u - r * threshold
    if layer["reset"] == "zero":
        return u * (1 - r)
    return u


def product(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """x W, adding the rows of W in order, one multiplication and one addition at a time."""
    total = x[:, 0:1] * weight[0]
    for row in range(1, weight.shape[0]):
        total = total + x[:, row : row + 1] * weight[row]
    return total


def run_neurons(layer: dict, index: int, p: dict, currents: list) -> dict:
    """All steps of one layer of neurons, from its currents without the recurrent part."""
    n, batch = layer["neurons"], currents[0].shape[0]
    beta = decay(p[f"{index}.tau"])
    alpha = None
    if f"{index}.synaptic_tau" in p:
        alpha = decay(p[f"{index}.synaptic_tau"])
    elif "synaptic_tau" in layer:
        alpha = decay(torch.tensor(layer["synaptic_tau"], dtype=torch.float64))
    zeros = torch.zeros(batch, n)
    v, c, s, a, silent = zeros, zeros, zeros, zeros, zeros
    threshold, delayed = None, layer.get("reset_timing") == "delayed"
    out = {"spikes": [], "potential": [], "membrane": [], "distance": []}
    for current in currents:
        i = current
        if layer.get("topology") == "RC":
            i = i + product(s, p[f"{index}.recurrent_weight"])
        elif layer.get("topology") == "one_to_one":
            i = i + s * p[f"{index}.recurrent_weight"]
        c = i if alpha is None else alpha * c + i
        u = beta * v + c
        if layer["kind"] == "li":
            out["membrane"].append(u)
            v = u
            continue
        if delayed and threshold is not None:
            u = reset(layer, u, s, threshold)
        threshold = p[f"{index}.threshold"]
        if "adaptation" in layer:
            rho = decay(p[f"{index}.adaptation_tau"])
            a = rho * a + (1 - rho) * s
            threshold = threshold + p[f"{index}.adaptation_strength"] * a
        x = u - threshold
        allowed = silent == 0
        s = Spike.apply(x, layer["surrogate"]) * allowed
        period = torch.full_like(silent, layer.get("refractory_steps", 0))
        silent = torch.where(s.detach() > 0, period, torch.clamp(silent - 1, min=0))
        v = u if delayed else reset(layer, u, s, threshold)
        out["spikes"].append(s)
        out["potential"].append(u)
        out["membrane"].append(v)
        out["distance"].append(torch.where(allowed, x.detach().abs(), torch.inf))
    return {key: torch.stack(values, 1) for key, values in out.items() if values}


def loss_of(kind: str, last: dict, target: torch.Tensor) -> torch.Tensor:
    if kind == "mean_rate_mse":
        return ((last["spikes"].mean(0) - target) ** 2).mean()
    if kind == "membrane_mse":
        return ((last["membrane"] - target) ** 2).mean()
    logits = {
        "rate_cross_entropy": lambda: last["spikes"].sum(1),
        "max_membrane_cross_entropy": lambda: last["membrane"].max(1).values,
        "mean_membrane_cross_entropy": lambda: last["membrane"].mean(1),
    }[kind]()
    return torch.nn.functional.cross_entropy(logits, target.long())


def numbers(value, count: int) -> torch.Tensor:
    return torch.tensor(value if isinstance(value, list) else [value] * count)


def draw_parameters(inputs: int, layers: list, random: numpy.random.Generator) -> dict:
    """float32 parameters; those named by the key "tensors" of a layer go to the file too."""
    p = {}

    def normal(mean, deviation, *shape):
        return torch.tensor(random.normal(mean, deviation, shape).astype(numpy.float32))

    for index, layer in enumerate(layers):
        n = layer["neurons"]
        p[f"{index}.weight"] = normal(1.5 / inputs, 2.5 / math.sqrt(inputs), inputs, n)
        if layer.get("bias"):
            p[f"{index}.bias"] = normal(0.05, 0.1, n)
        inputs = n
        p[f"{index}.tau"] = numbers(layer["tau"], n)
        if layer["kind"] == "lif":
            p[f"{index}.threshold"] = numbers(layer["threshold"], n)
        if layer.get("learn_synaptic_tau"):
            p[f"{index}.synaptic_tau"] = numbers(layer["synaptic_tau"], n)
        for key in ("strength", "tau") if "adaptation" in layer else ():
            p[f"{index}.adaptation_{key}"] = numbers(layer["adaptation"][key], n)
        if layer.get("topology") == "RC":
            p[f"{index}.recurrent_weight"] = normal(0, 0.5 / math.sqrt(n), n, n)
        elif layer.get("topology") == "one_to_one":
            p[f"{index}.recurrent_weight"] = normal(0, 0.4, n)
    return p


# Parameters that stand in the description too.
CONSTANTS = ("tau", "synaptic_tau", "threshold", "adaptation_strength", "adaptation_tau")


def learned(layers: list, name: str) -> bool:
    index, kind = name.split(".")
    layer = layers[int(index)]
    if kind.startswith("adaptation_"):
        return bool(layer["adaptation"].get("learn_" + kind.removeprefix("adaptation_")))
    return kind not in CONSTANTS or bool(layer.get(f"learn_{kind}"))


def attempt(case: dict, seed: int):
    """The tensors of the case drawn from this seed, or None where the draw is not a good one."""
    random = numpy.random.default_rng(seed)
    layers, (batch, steps) = case["layers"], case["shape"]
    inputs = case["inputs"]
    x = (random.random((batch, steps, inputs)) < case.get("rate", 0.3)).astype(numpy.float32)
    if case.get("analog"):
        x = x * random.normal(0.8, 0.5, x.shape).astype(numpy.float32)
    x = torch.tensor(x)
    p = draw_parameters(inputs, layers, random)
    for name, tensor in p.items():
        tensor.requires_grad_(learned(layers, name))
    signal, last = x, {}
    for index, layer in enumerate(layers):
        currents = [product(signal[:, t], p[f"{index}.weight"]) for t in range(steps)]
        if layer.get("bias"):
            currents = [current + p[f"{index}.bias"] for current in currents]
        last = run_neurons(layer, index, p, currents)
        if "spikes" not in last:
            continue
        distance = last.pop("distance").min().item()
        rate = last["spikes"].mean().item()
        if distance < MARGIN or not 0.02 < rate < 0.7:
            return None
        signal = last["spikes"]
    n = layers[-1]["neurons"]
    kind = case["loss"]
    if kind in ("mean_rate_mse", "membrane_mse"):
        shape = (steps, n) if kind == "mean_rate_mse" else (batch, steps, n)
        target = torch.tensor(random.random(shape).astype(numpy.float32))
    else:
        target = torch.tensor(random.integers(0, n, batch).astype(numpy.int32))
    loss = loss_of(kind, last, target)
    loss.backward()
    tensors = {"input": x, "target": target, "expected.loss": loss.detach().reshape(1)}
    for name, tensor in p.items():
        kind = name.split(".")[1]
        if kind not in CONSTANTS or case.get("tensors"):
            tensors[name] = tensor.detach()
        if learned(layers, name):
            gradient = tensor.grad if tensor.grad is not None else torch.zeros_like(tensor)
            tensors[f"expected.grad.{name}"] = gradient
    for name, tensor in last.items():
        tensors[f"expected.{name}"] = tensor.detach()
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def lif(neurons: int, kind: str, slope: float, **options) -> dict:
    base = {"kind": "lif", "neurons": neurons, "tau": 0.01, "threshold": 1.0}
    base |= {"reset": "subtraction", "topology": "FF"}
    cut = {key: options.pop(key) for key in ("peak", "support") if key in options}
    return base | {"surrogate": {"kind": kind, "slope": slope} | cut} | options


def ramp(low: float, high: float, count: int) -> list:
    return [round(low + (high - low) * n / (count - 1), 6) for n in range(count)]


CASES = {
    "filter-rc-mean-membrane": {
        "shape": (3, 20), "loss": "mean_membrane_cross_entropy", "inputs": 7,
        "layers": [lif(9, "sigmoid", 3.0, topology="RC", synaptic_tau=0.004)],
    },
    "rectangular-membrane-mse": {
        "shape": (4, 15), "loss": "membrane_mse", "analog": True, "inputs": 6,
        "layers": [lif(18, "rectangular", 0.8, reset_gradient="detached", bias=True)],
    },
    "zero-atan-max-membrane": {
        "shape": (17, 12), "loss": "max_membrane_cross_entropy", "inputs": 5,
        "layers": [lif(6, "atan", 2.0, reset="zero", topology="RC")],
    },
    "two-layers-bias-learned": {
        "shape": (3, 14), "loss": "rate_cross_entropy", "tensors": True, "inputs": 8,
        "version": 1,
        "layers": [
            lif(19, "fast_sigmoid", 4.0, tau=ramp(0.004, 0.02, 19), learn_tau=True,
                topology="RC", reset="zero", bias=True),
            lif(5, "triangular", 0.7, threshold=ramp(0.7, 1.1, 5), learn_tau=True,
                learn_threshold=True, synaptic_tau=0.006, bias=True),
        ],
    },
    "integrator-filter-learned": {
        "shape": (4, 16), "loss": "membrane_mse", "inputs": 6, "version": 1,
        "layers": [
            lif(10, "fast_sigmoid", 5.0, reset="none"),
            {"kind": "li", "neurons": 3, "tau": ramp(0.008, 0.03, 3), "synaptic_tau": 0.005,
             "learn_tau": True, "bias": True},
        ],
    },
    "adaptive-refractory-learned": {
        "shape": (5, 18), "loss": "mean_rate_mse", "tensors": True, "inputs": 6,
        "layers": [
            lif(11, "fast_sigmoid", 3.0, topology="RC", refractory_steps=2, learn_tau=True,
                learn_threshold=True,
                adaptation={"strength": ramp(0.2, 0.9, 11), "tau": ramp(0.01, 0.05, 11),
                            "learn_strength": True, "learn_tau": True}, bias=True),
            lif(4, "atan", 2.0, reset_timing="delayed", learn_threshold=True,
                adaptation={"strength": 0.3, "tau": 0.02, "learn_tau": True}),
        ],
    },
    "delayed-one-to-one": {
        "shape": (4, 15), "loss": "max_membrane_cross_entropy", "inputs": 7,
        "layers": [
            lif(9, "sigmoid", 3.0, topology="one_to_one", synaptic_tau=ramp(0.003, 0.008, 9),
                learn_synaptic_tau=True, reset_timing="delayed"),
            lif(5, "fast_sigmoid", 2.0, topology="RC", reset="zero", reset_gradient="detached",
                reset_timing="delayed", refractory_steps=1, synaptic_tau=0.004,
                learn_synaptic_tau=True, learn_tau=True),
        ],
    },
    "one-sample-one-step": {
        "shape": (1, 1), "loss": "mean_rate_mse", "rate": 0.6, "inputs": 3,
        "version": 1,
        "layers": [lif(2, "fast_sigmoid", 1.0, topology="RC")],
    },
    "peak-two-layers-readout": {
        "shape": (5, 20), "loss": "max_membrane_cross_entropy", "inputs": 8,
        "layers": [
            lif(21, "triangular", 2.0, peak=0.5, topology="RC", tau=ramp(0.005, 0.02, 21)),
            lif(18, "rectangular", 1.5, peak=1.0, topology="RC", synaptic_tau=0.004, bias=True),
            {"kind": "li", "neurons": 4, "tau": 0.02},
        ],
    },
    "support-adaptive-readout": {
        "shape": (4, 18), "loss": "mean_membrane_cross_entropy", "inputs": 7,
        "layers": [
            lif(19, "sigmoid", 3.0, support=0.4, topology="RC", refractory_steps=1,
                reset_timing="delayed", learn_threshold=True,
                adaptation={"strength": 0.5, "tau": 0.02, "learn_tau": True}),
            lif(17, "atan", 2.0, peak=0.8, support=0.6, reset="zero", learn_tau=True),
            {"kind": "li", "neurons": 3, "tau": 0.015},
        ],
    },
}


def describe(case: dict) -> dict:
    """The JSON of the case."""
    loss = {"kind": case["loss"]}
    if case.get("version") == 1:
        layers, inputs = [], case["inputs"]
        for layer in case["layers"]:
            n, bias = layer["neurons"], layer.get("bias", False)
            layers.append({"kind": "synapse", "inputs": inputs, "outputs": n, "bias": bias})
            layers.append({key: value for key, value in layer.items() if key != "bias"})
            inputs = n
        return {
            "format": "spindle-case-1", "time_step": TIME_STEP, "layers": layers, "loss": loss,
        }
    network = {"time_step": TIME_STEP, "inputs": case["inputs"], "layers": case["layers"]}
    return {"format": "spindle-case-2", "network": network, "loss": loss}


def version_1_name(name: str) -> str:
    """The name of a tensor in version 1, which numbers synapses and neurons apart."""
    parts = name.split(".")
    for place, part in enumerate(parts):
        if part.isdigit():
            is_synapse = parts[place + 1] in ("weight", "bias")
            parts[place] = str(2 * int(part) + (0 if is_synapse else 1))
    return ".".join(parts)


def main() -> None:
    directory = Path(sys.argv[1])
    torch.set_num_threads(1)
    for name, case in CASES.items():
        seed, tensors = next(
            (seed, tensors) for seed in range(10000) if (tensors := attempt(case, seed)) is not None
        )
        loss = tensors["expected.loss"].item()
        if case.get("version") == 1:
            tensors = {version_1_name(key): tensor for key, tensor in tensors.items()}
        path = directory / f"{name}.safetensors"
        save_file(tensors, path, {"spindle.case": json.dumps(describe(case))})
        print(f"{name}: seed {seed}, loss {loss:.6f}")


if __name__ == "__main__":
    main()
