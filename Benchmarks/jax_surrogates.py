#!/usr/bin/env python3
"""Times JAX on a workload with a surrogate of its own, and prints one JSON line.

    Benchmarks/jax_surrogates.py PEERS.PY WORKLOADS.JSON WORKLOAD

Weights, input and target are those that PEERS.PY draws (see compare_peers.py), the network and Adam
those of the engine; all is compiled, and the input's product is taken for all steps at once.
"""
import importlib.util
import json
import math
import statistics
import sys
import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

BETA = math.exp(-0.1)  # steps of 1 ms, time constants of 10 ms


def load_peers(path):
    spec = importlib.util.spec_from_file_location("peers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_spike(workload):
    """1 where x > 0, with the derivative peak max(0, 1 - |slope x|)."""
    if workload["surrogate"] != "triangular":
        sys.exit(f"no surrogate {workload['surrogate']}")
    slope, peak = workload["slope"], workload["peak"]

    @jax.custom_jvp
    def spike(x):
        return (x > 0).astype(jnp.float32)

    @spike.defjvp
    def derivative(primals, tangents):
        h = peak * jnp.maximum(0, 1 - jnp.abs(slope * primals[0]))
        return spike(primals[0]), tangents[0] * h

    return spike


def make_network(workload, target):
    """The spikes of the hidden layer, and the loss, of parameters and an input [T, B, I]."""
    spike, threshold = make_spike(workload), workload["threshold"]
    batch, hidden = workload["batch"], workload["hidden"]

    def spikes(p, x):
        def step(carry, current):
            membrane, before = carry
            if "R" in p:
                current = current + before @ p["R"]
            potential = BETA * membrane + current
            s = spike(potential - threshold)
            return (potential - s * threshold, s), s

        zeros = jnp.zeros((batch, hidden))
        return jax.lax.scan(step, (zeros, zeros), jnp.einsum("tbi,ih->tbh", x, p["W"]))[1]

    def loss(p, x):
        s = spikes(p, x)
        if "V" not in p:
            return ((s.mean(1) - target) ** 2).mean()

        def integrate(membrane, current):
            membrane = BETA * membrane + current
            return membrane, membrane

        currents = jnp.einsum("tbh,ho->tbo", s, p["V"])
        zeros = jnp.zeros((batch, workload["outputs"]))
        logits = jax.lax.scan(integrate, zeros, currents)[1].max(0)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), target[:, None], 1).mean()

    return spikes, loss


def make_step(loss):
    """One step of Adam; the learning rate is small and every step does the same work."""

    @partial(jax.jit, donate_argnums=(0, 1, 2))
    def step(p, mean, variance, number, x):
        value, gradient = jax.value_and_grad(loss)(p, x)
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        variance = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, variance, gradient)

        def update(q, m, v):
            root = jnp.sqrt(v / (1 - 0.999**number)) + 1e-8
            return q - 1e-3 * (m / (1 - 0.9**number)) / root

        return jax.tree.map(update, p, mean, variance), mean, variance, value

    return step


def median_time(run, seconds):
    """Median over at least `seconds`, after one run that compiles."""
    run(0)
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        begin = time.perf_counter()
        run(len(times) + 1)
        times.append(time.perf_counter() - begin)
    return statistics.median(times), len(times)


def main():
    peers, table, name = sys.argv[1:]
    with open(table, encoding="utf-8") as file:
        workload = json.load(file)[name]
    W, R, V, inputs, target = load_peers(peers).data(workload, np.random.default_rng(0))
    p = {"W": jnp.array(W)}
    if workload["topology"] == "RC":
        p["R"] = jnp.array(R)
    if V is not None:
        p["V"] = jnp.array(V)
    inputs = [jnp.array(x) for x in inputs]
    spikes, loss = make_network(workload, jnp.array(target))
    forward, step = jax.jit(spikes), make_step(loss)
    rate = float(forward(p, inputs[0]).mean())
    forward_s, _ = median_time(lambda k: forward(p, inputs[k % 4]).block_until_ready(), 2)
    state = [p, jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)]

    def one(k):
        state[0], state[1], state[2], value = step(*state, float(k + 1), inputs[k % 4])
        value.block_until_ready()

    step_s, runs = median_time(one, 5)
    line = {"peer": "jax", "workload": name, "forward_s": round(forward_s, 6),
            "step_s": round(step_s, 6), "runs": runs, "rate": round(rate, 4)}
    print(json.dumps(line))


if __name__ == "__main__":
    main()
