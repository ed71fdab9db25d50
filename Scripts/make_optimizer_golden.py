"""Writes the golden data of OptimizerTests with PyTorch's optimizers.

    python Scripts/make_optimizer_golden.py Tests/SpindleTests/Golden

Needs torch and safetensors. All arithmetic is float64 on numbers that float32 holds. One file holds,
for two layers of odd sizes, the parameters at the start, the gradients of eight steps, and for each
configuration the parameters after the steps of CHECKED. Time constants and thresholds are updated
by their logarithm and, as biases, without weight decay or bound. Running it again with the same
PyTorch gives the same numbers.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

STEPS = 8
CHECKED = [1, 2, 8]
# Inputs and neurons.
SHAPES = {"small": (5, 7), "odd": (2, 17)}
POSITIVE = ["tau", "threshold"]
WEIGHTS = ["weight", "recurrent_weight"]

CONFIGURATIONS = {
    "sgd": {"kind": "sgd", "learning_rate": 0.05},
    "sgd-momentum": {"kind": "sgd", "learning_rate": 0.02, "momentum": 0.9},
    "sgd-nesterov-decay": {
        "kind": "sgd", "learning_rate": 0.02, "momentum": 0.8, "nesterov": True,
        "weight_decay": 0.1},
    "sgd-clip-norm": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.5, "clip_norm": 1.5},
    "sgd-clip-value": {"kind": "sgd", "learning_rate": 0.1, "clip_value": 0.25},
    "adam": {"kind": "adam", "learning_rate": 0.01},
    "adam-numbers": {
        "kind": "adam", "learning_rate": 0.03, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3},
    "adam-decay": {"kind": "adam", "learning_rate": 0.01, "weight_decay": 0.3},
    "adam-bound": {"kind": "adam", "learning_rate": 0.05, "weight_bound": 0.375},
    "adam-clip-norm": {"kind": "adam", "learning_rate": 0.01, "clip_norm": 2.0},
    "adamw": {"kind": "adamw", "learning_rate": 0.02, "weight_decay": 0.5},
    "adamax": {"kind": "adamax", "learning_rate": 0.01},
    "adamax-decay": {
        "kind": "adamax", "learning_rate": 0.02, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4,
        "weight_decay": 0.2},
}


def draw(shape: tuple[int, int], seed: int) -> tuple[dict, dict]:
    """Parameters [..] and gradients [STEPS, ..] that float32 holds."""
    generator = torch.Generator().manual_seed(seed)
    inputs, neurons = shape
    shapes = {
        "weight": (inputs, neurons), "bias": (neurons,), "recurrent_weight": (neurons, neurons),
        "tau": (neurons,), "threshold": (neurons,)}
    parameters, gradients = {}, {}
    for name, size in shapes.items():
        value = 0.4 * torch.randn(size, generator=generator)
        scale = 1.0
        if name in POSITIVE:
            value = (0.01 if name == "tau" else 1.0) * torch.exp(value)
            scale = 50.0 if name == "tau" else 1.0
        parameters[name] = value.float().double()
        gradient = scale * torch.randn((STEPS, *size), generator=generator)
        # Now and then a gradient is zero, as of a weight that no spike came to.
        gradient[torch.rand(gradient.shape, generator=generator) < 0.1] = 0
        gradients[name] = gradient.float().double()
    return parameters, gradients


def make_optimizer(c: dict, variables: dict) -> torch.optim.Optimizer:
    rate, decay = c["learning_rate"], c.get("weight_decay", 0.0)
    groups = [
        {"params": [variables[n] for n in variables if n in WEIGHTS], "weight_decay": decay},
        {"params": [variables[n] for n in variables if n not in WEIGHTS], "weight_decay": 0.0}]
    if c["kind"] == "sgd":
        return torch.optim.SGD(
            groups, lr=rate, momentum=c.get("momentum", 0.0), nesterov=c.get("nesterov", False))
    numbers = {
        "lr": rate, "betas": (c.get("beta1", 0.9), c.get("beta2", 0.999)),
        "eps": c.get("epsilon", 1e-8)}
    kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "adamax": torch.optim.Adamax}
    return kinds[c["kind"]](groups, **numbers)


def trajectory(c: dict, parameters: dict, gradients: dict) -> tuple[dict, list[float]]:
    """The parameters after the steps of CHECKED, and the norm of each step's gradients."""
    variables = {
        name: torch.nn.Parameter(value.log() if name in POSITIVE else value.clone())
        for name, value in parameters.items()}
    optimizer = make_optimizer(c, variables)
    result, norms = {}, []
    for step in range(STEPS):
        for name, variable in variables.items():
            gradient = gradients[name][step].clone()
            variable.grad = variable.detach().exp() * gradient if name in POSITIVE else gradient
        everything = list(variables.values())
        norms.append(float(torch.nn.utils.get_total_norm([v.grad for v in everything])))
        if "clip_norm" in c:
            torch.nn.utils.clip_grad_norm_(everything, c["clip_norm"])
        if "clip_value" in c:
            torch.nn.utils.clip_grad_value_(everything, c["clip_value"])
        optimizer.step()
        if "weight_bound" in c:
            for name in WEIGHTS:
                variables[name].data.clamp_(-c["weight_bound"], c["weight_bound"])
        if step + 1 in CHECKED:
            for name, variable in variables.items():
                value = variable.detach()
                result[f"{step + 1}.{name}"] = value.exp() if name in POSITIVE else value.clone()
    return result, norms


def main(folder: Path) -> None:
    tensors = {}
    for index, (shape_name, shape) in enumerate(SHAPES.items()):
        parameters, gradients = draw(shape, seed=index + 1)
        for name in parameters:
            tensors[f"{shape_name}.start.{name}"] = parameters[name].float()
            tensors[f"{shape_name}.gradient.{name}"] = gradients[name].float()
        for configuration, c in CONFIGURATIONS.items():
            result, norms = trajectory(c, parameters, gradients)
            for name, value in result.items():
                tensors[f"{shape_name}.{configuration}.{name}"] = value
            tensors[f"{shape_name}.{configuration}.norm"] = torch.tensor(
                norms, dtype=torch.float64)
    metadata = {
        "shapes": json.dumps(SHAPES), "configurations": json.dumps(CONFIGURATIONS),
        "checked": json.dumps(CHECKED)}
    save_file(tensors, folder / "optimizers.safetensors", metadata)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
