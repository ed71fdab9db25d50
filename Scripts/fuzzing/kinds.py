"""The kinds of files that are mutated: good ones, how they are changed, what reads them."""

import ast
import json
import os
import random
import re
import struct

from . import mutations


class Trial:
    """A command to run on files that are in place.

    `repair` changes the files by what the first run said, and returns whether it did."""

    def __init__(self, command, trains=False, repair=None):
        self.command, self.trains, self.repair = command, trains, repair


# Files.

def npy(descr, shape, data, order=False):
    text = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    return npy_file(text, data)


def npy_file(text, data, length=None):
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", (length or len(text)) & 65535) + text + data


def tensors_file(header, data, length=None):
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensors(**arrays):
    """A safetensors file of (type, shape, bytes)."""
    header, data = {}, b""
    for name, (kind, shape, values) in arrays.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    return tensors_file(header, data)


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


CONFIGURATION = {
    "network": {"time_step": 0.001, "layers": [
        {"kind": "lif", "neurons": 6, "topology": "RC", "tau": 0.01, "synaptic_tau": 0.005,
         "surrogate": {"kind": "fast_sigmoid", "slope": 5}, "weights": {"kind": "kaiming_normal", "gain": 2}},
        {"kind": "li", "neurons": 3, "tau": 0.02, "dropout": 0.1, "bias": 0}]},
    "data": {"file": "x.npy", "target_file": "y.npy", "split": {"train": 0.5, "validation": 0.25, "test": 0.25},
             "class_names": ["a", "b", "c"]},
    "loss": "mean_membrane_cross_entropy",
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
    "schedule": "cosine", "clipping": {"kind": "norm", "limit": 1},
    "regularization": [{"kind": "rate_upper_bound", "bound": 0.2, "strength": 0.3}],
    "training": {"epochs": 2, "batch": 4, "seed": 1},
    "checkpoint": {"path": "run.safetensors"},
}


def changed(**parts):
    return {**CONFIGURATION, **parts}


EVENTS = {"file": "e.csv", "target_file": "y.npy", "events": {"steps": 10, "units": 4, "outside": "dropped"}}
TABLE = {"file": "x.csv", "target_file": "y.csv",
         "encoder": [{"kind": "population", "fields": 3}, {"kind": "rate", "repeats": 5}]}
CUE = {"generator": {"kind": "delayed_cue", "cues": 3, "cue_steps": 4, "delay_steps": 5, "recall_steps": 3,
                     "samples": 20}, "split": {"train": 0.8, "test": 0.2}}
PATTERN = {"generator": {"kind": "pattern", "pattern": "sine", "steps": 20}}
TRANSFORMED = {"file": "x.safetensors", "input": "input", "target": "target", "transforms": [
    {"kind": "select", "units": [0, 2]}, {"kind": "affine", "scale": 2, "offset": 1}, "standardize",
    {"kind": "repeat", "times": 2}, {"kind": "bin", "width": 2}, {"kind": "pad", "after": 3},
    {"kind": "crop", "from": 1, "to": 9}], "encoder": {"kind": "delta", "threshold": 0.5}}


def write_good(folder, runner):
    """Good files of all kinds."""
    chance = random.Random(1)
    values = [chance.random() for _ in range(12 * 10 * 4)]
    classes = [index % 3 for index in range(12)]
    (folder / "x.npy").write_bytes(npy("<f4", (12, 10, 4), floats(values)))
    (folder / "y.npy").write_bytes(npy("<i4", (12,), struct.pack("<12i", *classes)))
    (folder / "big.npy").write_bytes(npy(">f8", (4, 12), struct.pack(">48d", *values[:48]), True))
    rows = [",".join(f"{value:.4f}" for value in values[4 * row:4 * row + 4]) for row in range(12)]
    (folder / "x.csv").write_text("\n".join(["a,b,c,d", *rows, ""]))
    (folder / "y.csv").write_text("\n".join([*map(str, classes), ""]))
    events = [(sample, step, (sample + step) % 4) for sample in range(12) for step in range(0, 10, 2)]
    lines = [f"{sample},{step / 1000},{unit}" for sample, step, unit in events]
    (folder / "e.csv").write_text("\n".join(["sample,time,unit", *lines, ""]))
    (folder / "x.safetensors").write_bytes(tensors(
        input=("F32", [12, 10, 4], floats(values)), target=("I64", [12], struct.pack("<12q", *classes)),
        mask=("BOOL", [2], b"\0\1")))
    columns = list(zip(*events))
    (folder / "e.safetensors").write_bytes(tensors(
        sample=("I32", [len(events)], struct.pack(f"<{len(events)}i", *columns[0])),
        time=("F32", [len(events)], floats([step / 1000 for step in columns[1]])),
        unit=("U16", [len(events)], struct.pack(f"<{len(events)}H", *columns[2])),
        samples=("I64", [1], struct.pack("<q", 12))))
    (folder / "c.json").write_text(json.dumps(CONFIGURATION))
    (folder / "events.json").write_text(json.dumps(changed(data=EVENTS)))
    (folder / "table.json").write_text(json.dumps(changed(data=TABLE)))
    (folder / "tensors.json").write_text(json.dumps(changed(data=TRANSFORMED)))
    for name in ("c", "events", "tensors"):
        runner.good(
            ["train", f"{name}.json", "--quiet", "--checkpoint", f"run-{name}.safetensors"], folder)


class Kind:
    """Good files in a folder, of which trials mutate one."""

    def __init__(self, folder, runner):
        write_good(folder, runner)


class Configurations(Kind):
    documents = [
        CONFIGURATION, changed(data=EVENTS), changed(data=TABLE),
        changed(data=CUE, loss={"kind": "recall_cross_entropy", "first_step": 0, "answer_steps": 3},
                report={"folder": "report"}, schedule={"kind": "step", "every": 1, "factor": 0.5}),
        changed(data=TRANSFORMED, optimizer={"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9}),
        changed(data=PATTERN, loss="mean_rate_mse", network={"layers": [
            {"kind": "lif", "neurons": 5, "topology": "RC", "tau": [0.01, 0.02, 0.01, 0.02, 0.01]}]},
            training={"epochs": 3, "batch": 2, "early_stopping": {"patience": 1}}),
    ]

    def trial(self, folder, chance):
        document = chance.choice(self.documents)
        arguments = ["train", "c.json", "--quiet"]
        if chance.random() < 0.15:
            (folder / "c.json").write_text(json.dumps(document))
            path = chance.choice([path for path in mutations.places(document) if path])
            value = mutations.other_value(mutations.at(document, path), document, chance)
            text = ".".join(map(str, path)) + "=" + json.dumps(value)
            arguments += ["--set", text.replace("\0", "")]
        elif chance.random() < 0.2:
            (folder / "c.json").write_bytes(mutations.change_bytes(json.dumps(document).encode(), chance))
        else:
            text = mutations.json_text(mutations.change_json(document, chance), chance)
            (folder / "c.json").write_bytes(text)
        if chance.random() < 0.1:
            arguments += ["--report", "report"]
        return Trial(arguments, trains=True)


def change_tensors(data, chance):
    """A safetensors file with its header, the JSON texts in it, its frame or its numbers changed."""
    length = struct.unpack("<Q", data[:8])[0]
    header, values = json.loads(data[8:8 + length]), bytearray(data[8 + length:])
    what = chance.randrange(7)
    frame = None
    if what == 0:
        return mutations.change_bytes(data, chance)
    if what == 1:
        frame = chance.choice(mutations.INTEGERS) & (1 << 64) - 1
    elif what == 2:
        del values[chance.randrange(len(values) + 1):]
    elif what == 3 and values:
        for _ in range(chance.randint(1, 5)):
            mutations.change_number(values, chance.randrange(len(values)), chance)
    elif what < 6 and header.get("__metadata__"):
        key = chance.choice(list(header["__metadata__"]))
        text = header["__metadata__"][key]
        if text.startswith("{"):
            text = json.dumps(mutations.change_json(json.loads(text), chance))
        header["__metadata__"][key] = text
    else:
        return tensors_file(mutations.json_text(mutations.change_json(header, chance), chance), bytes(values))
    return tensors_file(header, bytes(values), frame)


class Checkpoints(Kind):
    names = ["run-c.safetensors", "run-events.safetensors", "run-tensors.safetensors"]

    def trial(self, folder, chance):
        path = folder / chance.choice(self.names)
        path.write_bytes(change_tensors(path.read_bytes(), chance))
        name = path.name

        def repair(output):
            """A file whose checksum alone was refused is given the one that the message names."""
            found = re.search(r"its checksum should be .* and is \"(\w+)\"", output)
            known = re.search(rb'"spindle.checksum":\s*"(\w{16})"', path.read_bytes())
            if not found or not known:
                return False
            path.write_bytes(path.read_bytes().replace(known[1], found[1].encode()))
            return True
        command = chance.choice([
            ["eval", name], ["eval", name, "--json", "--part", "all"], ["resume", name, "--quiet"],
            ["resume", name, "--quiet", "--other-data", "--set", "training.epochs=4", "--report", "report"],
            ["predict", name, "--input", "x.npy"], ["predict", name, "--input", "e.csv", "--output", "o.npy"],
            ["predict", name, "--input", "x.npy", "--outputs", "spikes,membrane", "--layer", "0", "--output",
             "o.safetensors"]])
        return Trial(command, command[0] == "resume", repair)


def train_or_predict(data, input, checkpoint, chance, extra=()):
    """Trains on a mutated file, predicts from it or takes it for a target."""
    what = chance.randrange(4)
    if what == 0:
        return Trial(["predict", checkpoint, "--input", input, *extra,
                      *chance.choice([[], ["--any-steps"], ["--samples", "12"], ["--output", "o.npy"]])])
    sets = [word for key, value in data.items() for word in ("--set", f"data.{key}={value}")]
    return Trial(["train", "c.json", "--quiet", *sets], trains=True)


class NumPy(Kind):
    def trial(self, folder, chance):
        name = chance.choice(["x.npy", "x.npy", "y.npy", "big.npy"])
        path = folder / name
        path.write_bytes(self.change(path.read_bytes(), chance))
        if name == "big.npy" or chance.random() < 0.2:
            return Trial(["tutorial", "--target", name, "--epochs", "2", "--quiet"], trains=True)
        return train_or_predict({}, name, "run-c.safetensors", chance)

    @staticmethod
    def change(data, chance):
        if chance.random() < 0.3:
            return mutations.change_bytes(data, chance)
        length = struct.unpack("<H", data[8:10])[0]
        header, values = ast.literal_eval(data[10:10 + length].decode()), bytearray(data[10 + length:])
        frame = None
        for _ in range(mutations.several(chance)):
            what = chance.randrange(6)
            if what == 0:
                header["descr"] = chance.choice([
                    "<f2", ">f4", "<f8", "|b1", "|i1", "|u1", "<i2", ">i8", "<u8", "<c8", "|O", "<U4", "f4",
                    "<f99999999999", "", [("a", "<f4")]])
            elif what == 1:
                header["fortran_order"] = chance.choice([True, False, None, 1, "no"])
            elif what == 2 and isinstance(header["shape"], tuple):
                header["shape"] = tuple(
                    mutations.number(size, chance) if chance.random() < 0.5 else size
                    for size in header["shape"])
            elif what == 3:
                header["shape"] = chance.choice([(), (0,), (480,), (4, 12, 10), (12, 40), (120, 4), 12, (1 << 62, 4)])
            elif what == 4:
                mutations.change_number(values, chance.randrange(len(values)), chance)
            else:
                frame = chance.choice([0, 1, 63, 118, 65535])
        return npy_file(repr(header).encode(), bytes(values), frame)


class Safetensors(Kind):
    def __init__(self, folder, runner):
        super().__init__(folder, runner)
        # A network file: description and weights of a checkpoint, without what is the run's own.
        data = (folder / "run-c.safetensors").read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + length])
        network = json.loads(header.pop("__metadata__")["spindle.checkpoint"])["network"]
        values, kept = b"", {}
        for key, entry in header.items():
            if re.match(r"\d+\.", key):
                first, last = entry["data_offsets"]
                kept[key] = {**entry, "data_offsets": [len(values), len(values) + last - first]}
                values += data[8 + length + first:8 + length + last]
        text = json.dumps({**network, "format": "spindle-network", "version": 2})
        kept["__metadata__"] = {"spindle.network": text}
        (folder / "network.safetensors").write_bytes(tensors_file(kept, values))
        runner.good(["predict", "network.safetensors", "--input", "x.npy"], folder)

    def trial(self, folder, chance):
        name = chance.choice(["x.safetensors", "e.safetensors", "network.safetensors"])
        path = folder / name
        path.write_bytes(change_tensors(path.read_bytes(), chance))
        if name == "network.safetensors":
            return Trial(["predict", name, "--input", "x.npy",
                          *chance.choice([[], ["--outputs", "spikes", "--layer", "0"]])])
        if chance.random() < 0.1:
            return Trial(["tutorial", "--target", name, "--epochs", "2", "--quiet"], trains=True)
        if name == "e.safetensors":
            data = {"file": name, "target_file": "y.npy", "events": json.dumps(EVENTS["events"])}
            return train_or_predict(data, name, "run-events.safetensors", chance)
        data = {"file": name, "target_file": "null", "input": "input", "target": "target"}
        return train_or_predict(data, name, "run-tensors.safetensors", chance, ["--tensor", "input"])


class Tables(Kind):
    def trial(self, folder, chance):
        name = chance.choice(["x.csv", "y.csv", "e.csv", "e.csv"])
        path = folder / name
        if chance.random() < 0.3:
            path.write_bytes(mutations.change_bytes(path.read_bytes(), chance))
        else:
            path.write_text(mutations.change_table(path.read_text(), chance), newline="")
        header = chance.choice(["null", "null", "true", "false"])
        if name == "e.csv":
            data = {"file": name, "events": json.dumps(
                {**EVENTS["events"], "outside": chance.choice(["dropped", "refused"])}), "header": header}
            return train_or_predict(data, name, "run-events.safetensors", chance)
        data = {"file": "x.csv", "target_file": "y.csv", "header": header}
        return train_or_predict(data, "x.csv", "run-c.safetensors", chance)


class Cases(Kind):
    """Of the cross-check: a network, its input and what another implementation computed."""

    def __init__(self, folder, runner):
        super().__init__(folder, runner)
        golden = os.path.join(
            os.path.dirname(__file__), "../../Tests/SpindleCrossCheckTests/Golden")
        self.files = []
        for name in sorted(os.listdir(golden)):
            if name.endswith(".safetensors"):
                with open(os.path.join(golden, name), "rb") as file:
                    self.files.append(file.read())

    def trial(self, folder, chance):
        (folder / "case.safetensors").write_bytes(change_tensors(chance.choice(self.files), chance))
        return Trial(chance.choice([
            ["crosscheck", "case.safetensors"], ["crosscheck", "case.safetensors", "--json", "--isa", "all"],
            ["crosscheck", "case.safetensors", "--engine", "c", "--threads", "1,2,5"],
            ["golden", "case.safetensors", "--output", "golden.safetensors"]]))


KINDS = {
    "configurations": Configurations, "checkpoints": Checkpoints, "npy": NumPy, "safetensors": Safetensors,
    "csv": Tables, "cases": Cases,
}
