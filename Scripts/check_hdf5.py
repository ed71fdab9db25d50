#!/usr/bin/env python3
"""Lets others judge the HDF5 and the NIR that spindle writes.

Networks of every kind are exported. h5py and, where it is installed, h5dump read each file; nir reads it
without complaint and writes it again with its own compression, which spindle must import to the same
bits. Networks that reset to zero run in SpikingJelly and, without recurrence, in snnTorch, and must give
spindle's spikes.

    pip install h5py==3.16.0 nir==1.0.8 numpy torch snntorch==1.0.0 spikingjelly==2.0.0 nirtorch==2.6
    apt-get install hdf5-tools
    Scripts/check_hdf5.py --spindle .build/debug/spindle

Without torch and the two frameworks their part is left out, and the script says so.
"""
import argparse
import contextlib
import importlib.util
import io
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import h5py
import nir
import numpy as np

SAMPLES, STEPS = 16, 100
failures = []


def check(holds, text):
    print(("ok       " if holds else "FAILED   ") + text)
    if not holds:
        failures.append(text)


def layer(neurons, tau, seed, **keys):
    """A layer of a network file; `recurrent` and `bias` are drawn where they are asked for."""
    return {"kind": "lif", "neurons": neurons, "tau": tau, "reset": "zero", "seed": seed, **keys}


NETWORKS = {
    "feed-forward": (12, [layer(20, 0.01, 1, bias=True), layer(5, 0.02, 2)]),
    "recurrent": (12, [layer(24, 0.01, 3, topology="RC"), layer(5, 0.02, 4)]),
    "filters": (8, [layer(16, 0.02, 5, synaptic_tau=0.005), layer(4, 0.01, 6, synaptic_tau=0.01)]),
    "readout": (6, [layer(10, 0.01, 7, topology="one_to_one"), layer(3, 0.05, 8, kind="li")]),
    "each its own": (3, [layer(4, [0.01, 0.02, 0.5, 1e-6], 9, reset="subtraction", reset_timing="delayed",
                               refractory_steps=3, adaptation={"strength": 0.3, "tau": 0.2})]),
    "no reset": (3, [layer(4, 0.01, 10, reset="none", topology="RC")]),
    "large": (700, [layer(256, 0.02, 11, topology="RC"), layer(20, 0.05, 12, kind="li")]),
}
# SpikingJelly takes one time constant and one threshold a layer, and no LI; snnTorch's importer no cycle.
IN_SPIKINGJELLY = ["feed-forward", "recurrent", "filters"]
IN_SNNTORCH = ["feed-forward", "filters"]


def write_network(path, inputs, layers):
    """A network file, made here from its description. Returns the arrays by name."""
    tensors, described, before = {}, [], inputs
    for index, keys in enumerate(layers):
        keys = dict(keys)
        random = np.random.default_rng(keys.pop("seed"))
        n, spiking = keys["neurons"], keys["kind"] == "lif"
        if not spiking:
            keys.pop("reset")
        f4 = lambda values: np.asarray(values, dtype="<f4")
        put = lambda name, values: tensors.__setitem__(f"{index}.{name}", f4(values))
        put("weight", random.normal(0.25 / before, 0.8 / np.sqrt(before), (before, n)))
        if keys.get("bias"):
            put("bias", random.normal(0.02, 0.05, n))
        topology = keys.get("topology", "FF")
        if topology != "FF":
            shape = (n, n) if topology == "RC" else n
            put("recurrent_weight", random.normal(0, 0.3, shape))
        put("tau", np.broadcast_to(keys["tau"], n))
        if "synaptic_tau" in keys:
            put("synaptic_tau", np.broadcast_to(keys["synaptic_tau"], n))
        if spiking:
            put("threshold", np.full(n, keys.get("threshold", 1.0)))
        if "adaptation" in keys:
            put("adaptation_strength", np.full(n, keys["adaptation"]["strength"]))
            put("adaptation_tau", np.full(n, keys["adaptation"]["tau"]))
        described.append(keys)
        before = n
    text = json.dumps({"format": "spindle-network", "version": 2, "time_step": 1e-3, "inputs": inputs,
                       "layers": described})
    header, data = {"__metadata__": {"spindle.network": text}}, b""
    for name, values in tensors.items():
        raw = values.tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)
    return tensors


def read_tensors(path):
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    return {name: np.frombuffer(content, "<f4", offset=8 + size + entry["data_offsets"][0],
                                count=int(np.prod(entry["shape"]))).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def spindle(*arguments):
    result = subprocess.run([options.spindle, *map(str, arguments)], capture_output=True, text=True)
    if result.returncode != 0:
        raise SystemExit(f"spindle {' '.join(map(str, arguments))}: {result.stderr}")
    return result.stdout


def judge(name, folder, tensors, network):
    """h5dump, h5py, nir, and spindle's own import."""
    graph = folder / f"{name}.nir"
    spindle("export", network, "-o", graph)
    if shutil.which("h5dump"):
        dumped = subprocess.run(["h5dump", graph], capture_output=True, text=True)
        check(dumped.returncode == 0 and "unable" not in dumped.stderr, f"{name}: h5dump reads all of it")
    with h5py.File(graph) as file:
        objects = []
        file.visititems(lambda path, item: objects.append((path, item[()] if isinstance(item, h5py.Dataset) else None)))
        nodes = file["node/nodes"]
        same = all(np.array_equal(nodes[f"{2 * int(key.split('.')[0])}/weight"][()], values.T)
                   for key, values in tensors.items() if key.endswith(".weight"))
        check(same, f"{name}: h5py reads {len(objects)} objects, the weights transposed and equal")
    read = nir.read(graph)
    rewritten = folder / f"{name}-again.nir"
    nir.write(rewritten, read)
    print(f"         nir.read: {len(read.nodes)} nodes, {len(read.edges)} edges; {graph.stat().st_size} bytes, "
          f"rewritten by nir {rewritten.stat().st_size}")
    once, twice = folder / f"{name}-1.safetensors", folder / f"{name}-2.safetensors"
    spindle("import", graph, "-o", once)
    spindle("import", rewritten, "-o", twice)
    found = read_tensors(once)
    equal = set(found) == set(tensors) and all(found[key].tobytes() == tensors[key].tobytes() for key in tensors)
    check(equal, f"{name}: export and import give every number to the bit")
    check(once.read_bytes() == twice.read_bytes(), f"{name}: and so by way of nir.read and nir.write")
    return graph


def run_spindle(network, x, folder):
    np.save(folder / "x.npy", x)
    spindle("predict", network, "--input", folder / "x.npy", "--outputs", "spikes", "--output", folder / "s.npy")
    return np.load(folder / "s.npy")


def run_spikingjelly(graph, x):
    import torch
    from spikingjelly.activation_based import nir_exchange
    model, state, spikes = nir_exchange.import_from_nir(graph, dt=1e-4), None, []
    with torch.no_grad():
        for t in range(x.shape[1]):
            out, state = model(torch.from_numpy(x[:, t]), state)
            spikes.append(out.numpy())
    return np.stack(spikes, 1)


def run_snntorch(graph, x):
    import torch
    from snntorch.import_nir import import_from_nir
    spikes = []
    with torch.no_grad():
        # Its neurons keep one state, for one sample.
        for sample in x:
            with contextlib.redirect_stdout(io.StringIO()):
                model, state = import_from_nir(nir.read(graph)), None
            steps = []
            for values in sample:
                out, state = model(torch.from_numpy(values), state)
                steps.append((out[0] if isinstance(out, tuple) else out).numpy().ravel())
            spikes.append(np.stack(steps))
    return np.stack(spikes)


def compare(name, graph, network, folder):
    inputs = NETWORKS[name][0]
    x = (np.random.default_rng(42).random((SAMPLES, STEPS, inputs)) < 0.3).astype(np.float32)
    if name not in IN_SPIKINGJELLY + IN_SNNTORCH:
        return
    ours = run_spindle(network, x, folder)
    for program, names, run in [("SpikingJelly", IN_SPIKINGJELLY, run_spikingjelly),
                                ("snnTorch", IN_SNNTORCH, run_snntorch)]:
        if name in names:
            theirs = run(graph, x)
            differing = int((ours != theirs).sum())
            check(differing == 0 and ours.mean() > 0.01,
                  f"{name}: {program} gives the same spikes: {differing} of {ours.size} differ, "
                  f"{100 * ours.mean():.1f} % are spikes")


def main():
    missing = [name for name in ("snntorch", "spikingjelly")
               if importlib.util.find_spec(name) is None]
    has_frameworks = not missing
    if missing:
        print(f"left out, spikes in other frameworks: no {' and '.join(missing)}")
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        for name, (inputs, layers) in NETWORKS.items():
            network = folder / f"{name}.safetensors"
            tensors = write_network(network, inputs, layers)
            graph = judge(name, folder, tensors, network)
            if has_frameworks:
                compare(name, graph, network, folder)
    print(f"check_hdf5: {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--spindle", default=".build/debug/spindle")
    options = parser.parse_args()
    sys.exit(main())
