#!/usr/bin/env python3
"""Plants one fault at a time in the C core and checks that the tests catch it.

usage: Scripts/check_mutations.py [--only NUMBER ...] [--copy FOLDER]

Works on a copy of the committed tree, in a temporary folder or in --copy, which is kept: one that is
there already is used as it is. It is built once and then again for each fault. The tests of the core
run first, all others of the engine only where those find nothing. Prints a Markdown table; exits 1
where a fault survives. Takes about a minute a fault."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KERNELS = "CSources/CSpindle/kernels/"
CORE = "CSources/CSpindle/core/"

# (what, file, text, replacement)
FAULTS = [
    ("reset without its gradient", KERNELS + "neuron.h",
     "if (n->reset.attached == 0) reset = vf_all(0);", "reset = vf_all(0);"),
    ("spike at u >= threshold", KERNELS + "neuron.h",
     "return potential > n->threshold;", "return potential >= n->threshold;"),
    ("alpha and beta exchanged", KERNELS + "cell.h",
     ".beta = of_neurons(lanes, w->beta, n),\n"
     "                  .alpha = of_neurons(lanes, w->alpha, n)",
     ".beta = of_neurons(lanes, w->alpha, n),\n"
     "                  .alpha = of_neurons(lanes, w->beta, n)"),
    ("R transposed in forward", CORE + "load.c",
     "pack(w, plan, recurrent, N, 1, false,", "pack(w, plan, recurrent, N, 1, true,"),
    ("R not transposed in backward", CORE + "load.c",
     "recurrent, N, 1, true, lanes ? N : PANEL,", "recurrent, N, 1, false, lanes ? N : PANEL,"),
    ("recurrent gradient one step late", CORE + "backward.c",
     "block->from.spikes = layer.view.spikes - layer.view.batch * layer.plan->spike_words;",
     "block->from.spikes = layer.view.spikes;"),
    ("last lane dropped", KERNELS + "cell.h",
     ".valid = lane < (int32_t)layer->view.batch",
     ".valid = lane < (int32_t)layer->view.batch - 1"),
    ("threshold gradient without its reset", KERNELS + "neuron.h",
     ".threshold = -through_spike - subtracted", ".threshold = -through_spike"),
    ("off by one in the batch's tail", KERNELS + "row_sums.h",
     "for (uint32_t b = 0; b < samples; b++) {", "for (uint32_t b = 0; b + 1 < samples; b++) {"),
    ("surrogate of u instead of u - threshold", KERNELS + "step.h",
     "potential - p->threshold)", "potential)"),
    ("bias forgotten where blocks end", KERNELS + "row_sums.h",
     "bias ? sum[g] + vf_load(bias + n) : sum[g]", "sum[g]"),
    ("tau's gradient from v of this step", KERNELS + "step.h",
     "at_step(lanes, layer, layer->view.trace, t - 1, c)",
     "at_step(lanes, layer, layer->view.trace, t, c)"),
    ("carry without beta", KERNELS + "step.h",
     "plain ? p.beta * g.potential : g.potential", "g.potential"),
    ("maximum of the membrane: last of equals", CORE + "loss_classes.c",
     "membrane[n] > peaks[n]", "membrane[n] >= peaks[n]"),
    ("a product added instead of fused (other bits)", KERNELS + "vector.h",
     "return __builtin_elementwise_fma(a, b, c);", "return a * b + c;"),
    ("dropout without its scale", CORE + "load.c",
     "pack(w, plan, weight, I, factor, false,", "pack(w, plan, weight, I, 1, false,"),
    ("gradient to a dropped spike", KERNELS + "rows.h",
     "if (above->weights->dropping) rows_drop(layer, above->view.kept);", ""),
    ("a part of the batch forgotten", CORE + "parts.c",
     "for (uint32_t part = 1; part < w->whole.parts; part++) {",
     "for (uint32_t part = 1; part + 1 < w->whole.parts; part++) {"),
    ("a part's input without the steps of the others", KERNELS + "rows_gradient.h",
     "step ? 1 + g->from.batch - g->samples : 1", "1"),
    ("surrogate while refractory", KERNELS + "step.h",
     "!plain && layer->view.refractory ? unless_refractory(layer, t, c, h) : h", "h"),
    ("penalty of rates without its gradient", KERNELS + "step.h",
     "if (view->rate_gradient) ds += of_neurons(lanes, view->rate_gradient, c->n);", ""),
    ("recall's gradient before its first step", KERNELS + "step.h",
     "by->membrane.values && step >= by->membrane.first_step", "by->membrane.values"),
    ("a needed output skipped", KERNELS + "outputs.h",
     "for (n.first = n.end; n.end", "for (n.first = n.end + (n.end > 0); n.end"),
    ("an output that is not needed", KERNELS + "outputs.h",
     "potential) != 0.0f;", "potential) >= 0.0f;"),
    ("needed outputs without a vector's last lane", KERNELS + "outputs.h",
     "(needed & bit)", "(needed & bit & (vi){" + "-1, " * 15 + "0})"),
    ("needed outputs of a tile's first 32 samples alone", KERNELS + "outputs.h",
     "n->low[output] | (uint64_t)n->high[output] << 32", "n->low[output]"),
    ("the last row of W forgotten in the dense block", KERNELS + "outputs.h",
     "MINIMUM(source + m, d->sources - 1)",
     "MINIMUM(source + m, d->sources - 1 - (d->sources > 1))"),
    ("surrogate at the edge of its support", KERNELS + "neuron.h",
     "distance < rule->support", "distance <= rule->support"),
    ("increments of a readout without what was carried", KERNELS + "readout.h",
     "sum = vf_fma(beta, vf_load(carried + n), sum);", ""),
    ("a maximum's gradient at the readout's next step", KERNELS + "readout.h",
     "(at == (int32_t)t)", "(at == (int32_t)t + 1)"),
]

FIRST = r"SpindleTests\.(Oracle|Semantics|NeuronOption|Dropout|Invariance|Determinism|Sums)Tests"
ALL = "SpindleTests|SpindleCrossCheckTests"
FLAGS = ["-Xcc", "-O1"]


def run(command, folder):
    return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env=dict(os.environ, SPINDLE_FORCE_THREADS="1"))


def built_and_tested(folder, filters):
    """Builds and runs tests, up to those that fail: (passed, the names of failed tests).

    A fault that does not build is none."""
    build = run(["swift", "build", "--build-tests", *FLAGS], folder)
    if build.returncode != 0:
        sys.exit("does not build: " + build.stdout[-2000:])
    for tests in filters:
        passed, failed = tested(folder, tests)
        if not passed:
            break
    return passed, failed


def tested(folder, tests):
    """Runs tests: (passed, the names of failed tests)."""
    result = run(["swift", "test", "--skip-build", *FLAGS, "--filter", tests], folder)
    # A test's name is its function's or the text given to it; one with arguments says how many.
    failed = re.findall(r'Test (?:"(.+?)"|(\w+)\([^)]*\))(?: with \d+ test cases?)? failed after',
                        result.stdout)
    failed = [text or function for text, function in failed]
    return result.returncode == 0, sorted(set(failed))


def mutate(path, text, replacement):
    source = path.read_text()
    path.write_text(source.replace(text, replacement))
    return source


def check_texts(folder):
    """Ends the script where a fault has no place: before hours of others."""
    lost = [f"{number} ({what}): {file} no longer holds: {text}"
            for number, (what, file, text, _) in enumerate(FAULTS, 1)
            if text not in (folder / file).read_text()]
    if lost:
        sys.exit("\n".join(lost))


def make_copy(folder):
    """The committed tree, whose tests pass."""
    root = pathlib.Path(__file__).resolve().parent.parent
    subprocess.run(["git", "clone", "-q", str(root), str(folder)], check=True)
    if (root.parent / "shared").exists():
        (folder.parent / "shared").symlink_to(root.parent / "shared")
    passed, failed = built_and_tested(folder, [ALL])
    if not passed:
        sys.exit(f"the tests fail without a fault: {failed}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", type=int, nargs="*", help="numbers of faults to plant")
    parser.add_argument("--copy", type=pathlib.Path, help="the folder of the copy, which is kept")
    options = parser.parse_args()
    if any(not 1 <= number <= len(FAULTS) for number in options.only or []):
        parser.error(f"faults have numbers from 1 to {len(FAULTS)}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.copy or pathlib.Path(temporary)) / "spindle"
        if not folder.exists():
            make_copy(folder)
        check_texts(folder)
        print("| | fault | caught by |\n| --- | --- | --- |", flush=True)
        survived = 0
        for number, (what, file, text, replacement) in enumerate(FAULTS, 1):
            if options.only and number not in options.only:
                continue
            original = mutate(folder / file, text, replacement)
            passed, failed = built_and_tested(folder, [FIRST, ALL])
            (folder / file).write_text(original)
            survived += passed
            names = ", ".join(failed[:3]) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
            print(f"| {number} | {what} | {'**nothing**' if passed else names or 'a crash'} |",
                  flush=True)
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
