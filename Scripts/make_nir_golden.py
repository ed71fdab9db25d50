#!/usr/bin/env python3
"""Makes the graphs of Tests/SpindleNIRTests/Golden with PyPI's nir 1.0.8, and what must come of them.

NAME.nir is a graph, NAME.safetensors beside it the input and, from the definition below in float64, the
spikes of each layer and the last layer's membrane. The metadata "spindle.nir" say how the graph is to be
read. Seeds are chosen so that no potential comes near its threshold.

    pip install nir==1.0.8 h5py==3.16.0 numpy
    Scripts/make_nir_golden.py
"""
import json
import pathlib
import struct

import nir
import numpy as np

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "Tests/SpindleNIRTests/Golden"
STEPS = 25


def decay(dt, tau, integration):
    return 1 - dt / tau if integration == "forward_euler" else np.exp(-dt / tau)


def run_layer(x, layer, options):
    """The definition: c = alpha c + i, u = beta v + c, in float64. Returns spikes and membranes."""
    batch, steps, _ = x.shape
    n = layer["weight"].shape[0]
    dt, integration = options["dt"], options["integration"]
    if layer["kind"] == "IF":
        beta, gain = np.ones(n), dt * layer["r"]
    else:
        beta = decay(dt, layer["tau"], integration)
        gain = (1 - beta) * layer["r"]
    alpha = np.zeros(n)
    if "tau_syn" in layer:
        alpha = decay(dt, layer["tau_syn"], integration)
        gain = gain * (1 - alpha) * layer["w_in"]
    bias = layer.get("bias", np.zeros(n))
    leak = layer.get("v_leak", np.zeros(n))
    v, c, s, late = (np.zeros((batch, n)) for _ in range(4))
    spikes, membranes = np.zeros((batch, steps, n)), np.zeros((batch, steps, n))
    for t in range(steps):
        i = x[:, t] @ layer["weight"].T + bias
        if "recurrent" in layer:
            i = i + s @ layer["recurrent"].T
        c = alpha * c + gain * i
        u = beta * v + c + (1 - beta) * leak
        if "threshold" in layer and layer.get("resets", True) and options["reset_timing"] == "delayed":
            u = u - late * layer["threshold"] if options["reset"] == "subtraction" else u * (1 - late)
        s = np.zeros((batch, n))
        v = u
        if "threshold" in layer:
            distance = u - layer["threshold"]
            assert np.abs(distance).min() > 1e-4, "a potential near its threshold: take another seed"
            s = (distance > 0).astype(float)
            if layer.get("resets", True) and options["reset_timing"] == "immediate":
                v = u - s * layer["threshold"] if options["reset"] == "subtraction" else u * (1 - s)
        late = s
        spikes[:, t], membranes[:, t] = s, v
    return spikes, membranes


def write_safetensors(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, values in tensors.items():
        raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def save(name, graph, layers, options, x):
    nir.write(GOLDEN / f"{name}.nir", graph)
    tensors, values = {"input": x}, x
    for index, layer in enumerate(layers):
        values, membranes = run_layer(values, layer, options)
        last = index == len(layers) - 1
        if "threshold" in layer:
            tensors["expected.spikes" if last else f"expected.hidden.{index}.spikes"] = values
            print(f"{name}: layer {index}: {values.mean():.3f} spikes a step")
        if last:
            tensors["expected.membrane"] = membranes
    text = json.dumps({"made_by": "make_nir_golden.py", "tolerance": 1e-5, "import": options})
    write_safetensors(GOLDEN / f"{name}.safetensors", tensors, {"spindle.nir": text})


def inputs(random, units):
    return (random.random((2, STEPS, units)) < 0.4).astype(np.float32)


def recurrent(random):
    """Affine, a LIF with an Affine in the cycle, and LI: float32 weights, as snnTorch and Norse write."""
    weight = lambda *shape: random.normal(0.2, 0.9, shape).astype(np.float32)
    zeros = np.zeros
    tau, readout = random.uniform(5e-3, 2e-2, 6), random.uniform(1e-2, 3e-2, 3)
    r, threshold = random.uniform(2, 5, 6), random.uniform(0.5, 1, 6)
    first, back, second = weight(6, 5), weight(6, 6) * np.float32(0.5), weight(3, 6)
    bias, back_bias = weight(6) * np.float32(0.2), weight(6) * np.float32(0.2)
    leak = random.uniform(-0.1, 0.1, 6)
    nodes = {
        "input": nir.Input(np.array([5])), "0": nir.Affine(first, bias),
        "1.lif": nir.LIF(tau=tau, r=r, v_leak=leak, v_threshold=threshold, v_reset=zeros(6)),
        "1.w_rec": nir.Affine(back, back_bias), "2": nir.Linear(second),
        "3": nir.LI(tau=readout, r=np.ones(3), v_leak=zeros(3)), "output": nir.Output(np.array([3])),
    }
    edges = [("input", "0"), ("0", "1.lif"), ("1.lif", "1.w_rec"), ("1.w_rec", "1.lif"),
             ("1.lif", "2"), ("2", "3"), ("3", "output")]
    layers = [
        {"kind": "LIF", "weight": first, "bias": bias + back_bias, "recurrent": back, "tau": tau, "r": r,
         "threshold": threshold, "v_leak": leak},
        {"kind": "LI", "weight": second, "tau": readout, "r": np.ones(3)},
    ]
    options = {"dt": 1e-3, "integration": "exponential_euler", "reset": "zero", "reset_timing": "immediate"}
    save("recurrent", nir.NIRGraph(nodes, edges), layers, options, inputs(random, 5))


def nested(random):
    """A nested graph with a self-edge around a CubaLIF, then a Scale behind a Linear and CubaLIF."""
    zeros = np.zeros
    first, second = random.normal(0.3, 0.8, (7, 4)), random.normal(0.2, 0.8, (2, 7))
    scale = random.uniform(0.5, 2, 2)
    cuba = lambda n: {"tau_syn": random.uniform(2e-3, 8e-3, n), "tau": random.uniform(5e-3, 2e-2, n),
                      "r": random.uniform(2, 4, n), "w_in": random.uniform(2, 4, n), "threshold": random.uniform(0.3, 0.6, n)}
    one, two = cuba(7), cuba(2)
    node = lambda p: nir.CubaLIF(tau_syn=p["tau_syn"], tau_mem=p["tau"], r=p["r"], w_in=p["w_in"],
                                 v_leak=zeros(len(p["r"])), v_threshold=p["threshold"], v_reset=zeros(len(p["r"])))
    inner = nir.NIRGraph(
        {"input": nir.Input(np.array([7])), "cell": node(one), "output": nir.Output(np.array([7]))},
        [("input", "cell"), ("cell", "cell"), ("cell", "output")])
    nodes = {"input": nir.Input(np.array([2, 2])), "flat": nir.Flatten({"input": np.array([2, 2])}, 0, -1),
             "in": nir.Linear(first), "layer": inner, "out": nir.Linear(second), "scale": nir.Scale(scale),
             "cell": node(two), "output": nir.Output(np.array([2]))}
    order = ["input", "flat", "in", "layer", "out", "scale", "cell", "output"]
    layers = [
        {"kind": "CubaLIF", "weight": first, "recurrent": np.eye(7), **one},
        {"kind": "CubaLIF", "weight": scale[:, None] * second, **two},
    ]
    options = {"dt": 1e-3, "integration": "forward_euler", "reset": "subtraction", "reset_timing": "delayed"}
    save("nested", nir.NIRGraph(nodes, list(zip(order, order[1:]))), layers, options, inputs(random, 4))


def integrators(random):
    """IF, then LI with a Threshold, in a cycle through a Scale."""
    first, second = random.normal(0.5, 1, (4, 3)), random.normal(0.5, 1.5, (5, 4)).astype(np.float32)
    r, threshold, later = random.uniform(300, 900, 4), random.uniform(0.5, 1, 4), random.uniform(0.3, 0.8, 5)
    tau, scale = random.uniform(5e-3, 2e-2, 5), random.normal(0, 1, 5)
    nodes = {
        "input": nir.Input(np.array([3])), "w": nir.Linear(first),
        "if": nir.IF(r=r, v_threshold=threshold, v_reset=np.zeros(4)), "x": nir.Linear(second),
        "li": nir.LI(tau=tau, r=np.full(5, 4.0), v_leak=np.zeros(5)), "fire": nir.Threshold(later),
        "back": nir.Scale(scale), "output": nir.Output(np.array([5])),
    }
    edges = [("input", "w"), ("w", "if"), ("if", "x"), ("x", "li"), ("li", "fire"), ("fire", "back"),
             ("back", "li"), ("fire", "output")]
    layers = [
        {"kind": "IF", "weight": first, "r": r, "threshold": threshold},
        {"kind": "LI", "weight": second, "tau": tau, "r": np.full(5, 4.0), "threshold": later,
         "recurrent": np.diag(scale), "resets": False},
    ]
    options = {"dt": 1e-3, "integration": "forward_euler", "reset": "subtraction", "reset_timing": "immediate"}
    save("integrators", nir.NIRGraph(nodes, edges), layers, options, inputs(random, 3))


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    recurrent(np.random.default_rng(1))
    nested(np.random.default_rng(2))
    integrators(np.random.default_rng(3))
