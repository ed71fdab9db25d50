#!/usr/bin/env python3
"""Figures to compare with: a linear model and an LSTM, by PyTorch, on the files of a benchmark.

    Benchmarks/baselines.py TRAIN.safetensors TEST.safetensors [--target labels] [--seeds 3]

With classes (an integer target) it prints the accuracy on the test file of softmax regression on the
mean and deviation of each input over the steps that a sample has, and of an LSTM whose mean output over
these steps is read; with a target [samples, steps, outputs] the mean squared error of the LSTM, whose
linear counterpart Spindle tells itself (baseline in a configuration). The input is standardised by the
training file. The LSTM: one layer, Adam, learning rate 0.005 on a cosine, batches of 32, the last epoch.

Needs torch and safetensors.
"""
import argparse
import statistics

import torch
from safetensors.torch import load_file


def parse():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("train")
    p.add_argument("test")
    p.add_argument("--target", default="labels")
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--units", type=int, default=64)
    p.add_argument("--epochs", type=int, default=40)
    return p.parse_args()


class Part:
    """A file: x [B, T, I], the target, and 1 at the steps that a sample has [B, T, 1]."""

    def __init__(self, path, target):
        tensors = load_file(path)
        self.x, self.y = tensors["input"].float(), tensors[target]
        steps = torch.arange(self.x.shape[1])
        lengths = tensors.get("lengths", torch.full((len(self.x),), self.x.shape[1]))
        self.mask = (steps[None, :] < lengths[:, None]).float()[:, :, None]
        if not self.y.is_floating_point():
            self.y = self.y.long()

    def standardized(self, of):
        rows = of.x[of.mask[:, :, 0] > 0]
        return (self.x - rows.mean(0)) / rows.std(0) * self.mask


def moments(x, mask):
    count = mask.sum(1)
    mean = (x * mask).sum(1) / count
    square = ((x - mean[:, None]) ** 2 * mask).sum(1) / count
    return torch.cat([mean, square.sqrt()], 1)


def softmax_regression(x, y, other_x, other_y):
    mean, deviation = x.mean(0), x.std(0)
    x, other_x = (x - mean) / deviation, (other_x - mean) / deviation
    model = torch.nn.Linear(x.shape[1], int(y.max()) + 1)
    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=300, line_search_fn="strong_wolfe"
    )

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y) + 1e-3 * (model.weight**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return (model(other_x).argmax(1) == other_y).float().mean().item()


class Recurrent(torch.nn.Module):
    def __init__(self, inputs, units, outputs):
        super().__init__()
        self.lstm = torch.nn.LSTM(inputs, units, batch_first=True)
        self.readout = torch.nn.Linear(units, outputs)

    def forward(self, x, mask, over_time):
        y = self.readout(self.lstm(x)[0])
        return y if over_time else (y * mask).sum(1) / mask.sum(1)


def lstm(args, train, test, seed):
    """Accuracy of classes, else the mean squared error."""
    torch.manual_seed(seed)
    classes = not train.y.is_floating_point()
    outputs = int(train.y.max()) + 1 if classes else train.y.shape[-1]
    x, other_x = train.standardized(train), test.standardized(train)
    model = Recurrent(x.shape[2], args.units, outputs)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    loss_of = torch.nn.functional.cross_entropy if classes else torch.nn.functional.mse_loss
    batches = (len(x) + 31) // 32
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs * batches)
    for _ in range(args.epochs):
        for some in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss_of(model(x[some], train.mask[some], not classes), train.y[some]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        y = model(other_x, test.mask, not classes)
    if classes:
        return (y.argmax(1) == test.y).float().mean().item()
    return torch.nn.functional.mse_loss(y, test.y).item()


def main():
    args = parse()
    train, test = Part(args.train, args.target), Part(args.test, args.target)
    name = "mean squared error"
    if not train.y.is_floating_point():
        name = "accuracy"
        x, other_x = train.standardized(train), test.standardized(train)
        value = softmax_regression(
            moments(x, train.mask), train.y, moments(other_x, test.mask), test.y
        )
        print(f"softmax regression on mean and deviation: {name} {value:.3f}")
    values = [lstm(args, train, test, seed) for seed in range(args.seeds)]
    figures = ", ".join(f"{v:.4g}" for v in values)
    print(f"LSTM of {args.units} units: {name} {statistics.fmean(values):.4g} ({figures})")


if __name__ == "__main__":
    main()
