"""Spikes with a surrogate derivative in PyTorch, for make_golden_cases.py."""

import math

import torch


def surrogate(options: dict, x: torch.Tensor) -> torch.Tensor:
    """h(x), which stands for ds/dx: scaled to its peak and cut off at its support."""
    kind, slope = options["kind"], options["slope"]
    h = surrogate_of_kind(kind, slope, x)
    if "peak" in options:
        h = h * (options["peak"] / surrogate_of_kind(kind, slope, torch.zeros(())))
    if "support" in options:
        h = torch.where(x.abs() < options["support"], h, torch.zeros_like(h))
    return h


def surrogate_of_kind(kind: str, slope: float, x: torch.Tensor) -> torch.Tensor:
    z = slope * x
    if kind == "fast_sigmoid":
        return 1 / (z.abs() + 1) ** 2
    if kind == "atan":
        return (slope / 2) / (1 + (math.pi / 2 * z) ** 2)
    if kind == "sigmoid":
        p = torch.sigmoid(z)
        return slope * p * (1 - p)
    if kind == "triangular":
        return slope * torch.clamp(1 - z.abs(), min=0)
    return slope * (z.abs() < 0.5).float()


class Spike(torch.autograd.Function):
    """1 where x > 0, with a surrogate's derivative."""

    @staticmethod
    def forward(context, x, options):
        context.save_for_backward(x)
        context.options = options
        return (x > 0).float()

    @staticmethod
    def backward(context, gradient):
        (x,) = context.saved_tensors
        return gradient * surrogate(context.options, x), None
