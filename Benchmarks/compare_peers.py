#!/usr/bin/env python3
"""Runs the engine and its peers in turn and writes the table of ratios in Markdown.

    Benchmarks/compare_peers.py --peers PEERS.PY --python VENV/bin/python --output TABLE.md

The engine runs on the weights, input and target that the peers draw, so that all do the same work:
PEERS.PY has a function data(workload, generator) -> W, R, V, inputs, target, and VENV has numpy.
PEERS.PY is called as `PEERS.PY PEER WORKLOAD` and prints one JSON line with the keys workload,
forward_s, step_s, runs and rate, or error. The workloads.json beside it must agree with
the engine's own, but for those with a surrogate of their own (W3s, W4s, W7s): these run in JAX
alone, by jax_surrogates.py, on what PEERS.PY draws. Rounds alternate, workload by workload, so that a disturbance of the machine falls
on all alike; a table entry is the median of its rounds. A row that loses is a row like any other.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ["jax", "torch", "snntorch", "spikingjelly", "norse"]
WORKLOADS = ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W3s", "W4s", "W7s"]
# The engine's own; the peers' must agree where they have them.
TABLE = os.path.join(HERE, "Sources", "SpindleBench", "workloads.json")
ENGINE = "spindle"


def parse():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("--peers", required=True, help="the program that runs one peer")
    p.add_argument("--python", default=sys.executable, help="the Python that has the peers")
    p.add_argument("--only", nargs="+", default=PEERS, metavar="PEER", help="default: all peers")
    p.add_argument("--workloads", nargs="+", default=WORKLOADS, metavar="W")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=5, help="the engine's --seconds")
    p.add_argument("--threads", type=int, help="the engine's --threads")
    p.add_argument("--timeout", type=float, default=900, help="seconds for one peer and workload")
    p.add_argument("--output", default="peers.md", help="the table; its numbers go to OUTPUT.jsonl")
    return p.parse_args()


def build():
    """Builds the engine's program; its path."""
    command = ["swift", "build", "-c", "release", "--package-path", HERE]
    subprocess.run(command + ["--product", "spindle-bench"], check=True, stdout=sys.stderr)
    shown = subprocess.run(command + ["--show-bin-path"], check=True, capture_output=True, text=True)
    return os.path.join(shown.stdout.strip(), "spindle-bench")


EXPORT = """
import importlib.util, json, os, sys
import numpy as np
peers, workloads, folder, name = sys.argv[1:]
spec = importlib.util.spec_from_file_location("peers", peers)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
workload = json.load(open(workloads))[name]
W, R, V, inputs, target = module.data(workload, np.random.default_rng(0))
folder = os.path.join(folder, name)
os.makedirs(folder)
def save(name, array): np.save(os.path.join(folder, name + ".npy"), np.ascontiguousarray(array))
save("weight", W); save("recurrent_weight", R); save("target", target)
if V is not None: save("readout_weight", V)
for i, x in enumerate(inputs):
    x = x.transpose(1, 0, 2)
    save(f"input{i}", x if workload.get("analog") else x.astype(np.uint8))
"""


def export(args, workloads, folder):
    """Writes what the peers draw for each workload: folder/workload/*.npy."""
    for workload in args.workloads:
        command = [args.python, "-c", EXPORT, args.peers, workloads, folder, workload]
        subprocess.run(command, check=True)


def run(command, timeout):
    """The JSON line that a command prints, or one with its error."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {timeout:.0f} s"}
    except OSError as error:
        return {"error": str(error)}
    for line in reversed(done.stdout.splitlines()):
        try:
            result = json.loads(line)
        except ValueError:
            continue
        if isinstance(result, dict) and ("step_s" in result or "error" in result):
            return result
    last = (done.stderr.strip().splitlines() or ["no output"])[-1]
    return {"error": f"exit status {done.returncode}: {last}"}


def has_surrogate(workload):
    """Whether a workload has a surrogate of its own, which the peers' program lacks."""
    with open(TABLE, encoding="utf-8") as file:
        return "surrogate" in json.load(file)[workload]


def peers_of(args, workload):
    """The peers that can run a workload."""
    return [name for name in args.only if name == "jax" or not has_surrogate(workload)]


def peer_command(args, name, workload):
    if not has_surrogate(workload):
        return [args.python, args.peers, name, workload]
    program = os.path.join(HERE, "jax_surrogates.py")
    return [args.python, program, args.peers, TABLE, workload]


def measure(args, engine, data, log):
    """results[workload][name] = list of lines, one a round."""
    results = {w: {n: [] for n in [ENGINE] + peers_of(args, w)} for w in args.workloads}
    for number in range(args.rounds):
        for workload in args.workloads:
            for name in results[workload]:
                if name == ENGINE:
                    command = [engine, workload, "--json", "--seconds", str(args.seconds)]
                    command += ["--data", data]
                    if args.threads:
                        command += ["--threads", str(args.threads)]
                else:
                    command = peer_command(args, name, workload)
                    earlier = results[workload][name]
                    if earlier and "error" in earlier[-1]:
                        continue  # It failed before: once is enough.
                line = run(command, args.timeout)
                results[workload][name].append(line)
                record = {**line, "peer": name, "workload": workload, "round": number + 1}
                log.write(json.dumps(record) + "\n")
                log.flush()
                print(json.dumps(record), file=sys.stderr)
    return results


def median(lines, key):
    values = [line[key] for line in lines if key in line]
    return statistics.median(values) if values else None


def number(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def row(workload, name, lines, engine):
    """One row: forward, step, firing rate, and how many times the engine is faster."""
    step, forward, rate = (median(lines, k) for k in ("step_s", "forward_s", "rate"))
    if step is None:
        error = lines[-1]["error"] if lines else "not run"
        error = " ".join(error.split()).replace("|", "\\|")[:120]
        return f"| {workload} | {name} | | | | | failed: {error} |"
    ours, ours_forward = median(engine, "step_s"), median(engine, "forward_s")
    ratio = f"{step / ours:.2f}" if ours else ""
    ratio_forward = f"{forward / ours_forward:.2f}" if ours_forward else ""
    spread = [line["step_s"] for line in lines if "step_s" in line]
    note = f"{min(spread) * 1e3:.3g} to {max(spread) * 1e3:.3g}" if len(spread) > 1 else ""
    return (
        f"| {workload} | {name} | {number(forward * 1e3)} | {number(step * 1e3)} "
        f"| {rate * 100:.2f} | {ratio_forward} / {ratio} | {note} |"
    )


def processor():
    """The processor's name, where the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def table(args, results):
    engine = [line for w in args.workloads for line in results[w][ENGINE] if "isa" in line]
    threads = max((line["threads"] for line in engine), default=0)
    how = f"up to {threads} threads, {engine[0]['isa']}" if engine else "no result"
    lines = [
        f"{processor()}, {os.cpu_count()} logical processors, {platform.system()}; engine: {how}; "
        "peers: every core they find.",
        f"Medians of {args.rounds} rounds in which the engine and the peers took turns. The ratio "
        "says how many times the engine is faster: below 1 it loses.",
        "",
        "| workload | | forward ms | step ms | firing rate % | ratio forward / step | step ms over rounds |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for workload in args.workloads:
        for name, measured in results[workload].items():
            lines.append(row(workload, name, measured, results[workload][ENGINE]))
    return "\n".join(lines) + "\n"


def main():
    args = parse()
    if args.rounds < 1:
        sys.exit("--rounds must be at least 1")
    engine = build()
    workloads = os.path.join(os.path.dirname(os.path.abspath(args.peers)), "workloads.json")
    subprocess.run([engine, "--check-workloads", workloads], check=True)
    with tempfile.TemporaryDirectory() as data:
        export(args, TABLE, data)
        with open(args.output + ".jsonl", "w", encoding="utf-8") as log:
            results = measure(args, engine, data, log)
    with open(args.output, "w", encoding="utf-8") as file:
        file.write(table(args, results))
    print(f"wrote {args.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
