#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The golden set through the command line, as other programs use it: check_cli.py PATH/TO/bnstudio

Needs python3 with numpy (Debian: python3-numpy). Cases that the command line cannot express are left out: settings that
change between steps, strides, input of another dtype than the layer's, and a negative eps, which is refused.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")


def load(path):
    with np.load(path) as archive:
        return {key: archive[key] for key in archive.files}


def expressible(case, arrays):
    if any(tag in case["tags"] for tag in ("toggle", "strides")) or case["name"].startswith("errors_dtype"):
        return False
    steps = range(len(case["steps"]))
    return case["config"]["eps"] >= 0 and all(arrays[f"s{k}_x"].ndim in (2, 3) for k in steps)


def arguments(case, arrays, folder):
    """Writes the case's inputs into the folder; the arguments that replay it."""
    config, count = case["config"], len(case["steps"])
    np.savez(f"{folder}/data.npz", **{f"x.{k}": arrays[f"s{k}_x"] for k in range(count)})
    on = {True: "on", False: "off"}
    momentum = "none" if config["momentum"] is None else repr(config["momentum"])
    args = ["run", "--data", f"{folder}/data.npz::x", "--steps", str(count), "--eps", repr(config["eps"]),
            "--momentum", momentum, "--affine", on[config["affine"]],
            "--track-running-stats", on[config["track_running_stats"]], "--dtype", case["dtype"],
            "--mode", ",".join(step["mode"] for step in case["steps"]), "--keep-going",
            "--save-tensors", f"{folder}/out.npz"]
    state = {key[5:]: value for key, value in arrays.items() if key.startswith("init_")}
    if state:
        np.savez(f"{folder}/state.npz", **state)
        args += ["--state", f"{folder}/state.npz"]
    has_gradients = all(f"s{k}_dy" in arrays for k in range(count))
    if has_gradients:
        np.savez(f"{folder}/grad.npz", **{f"g.{k}": arrays[f"s{k}_dy"] for k in range(count)})
        args += ["--grad-output", f"{folder}/grad.npz::g"]
    return args, has_gradients


def tolerance(arrays, key, k, expected, dtype):
    """The file's own allowance per channel; else relative, where torch left no high-precision reference."""
    atol = arrays.get(f"s{k}_atol_{key}")
    if atol is None:
        return (1e-5 if dtype == "float32" else 1e-12) * np.maximum(1e-300, np.abs(expected))
    return atol.reshape((1, -1) + (1,) * (expected.ndim - 2)) if expected.ndim >= 2 else atol


def compare(case, arrays, ours, k, has_gradients):
    pairs = {"y": "y", "running_mean": "running_mean", "running_var": "running_var"}
    if has_gradients:
        pairs |= {"grad_input": "grad_x", "grad_weight": "grad_weight", "grad_bias": "grad_bias"}
    for key, golden_key in pairs.items():
        if f"s{k}_{golden_key}" not in arrays:
            continue
        if f"{key}.{k}" not in ours:
            yield f"{key}.{k} is missing"
            continue
        got = ours[f"{key}.{k}"].astype(np.float64)
        expected = arrays[f"s{k}_{golden_key}"].astype(np.float64)
        if got.shape != expected.shape:
            yield f"{key}.{k} has shape {got.shape}, expected {expected.shape}"
            continue
        if "overflow" in case["tags"]:  # torch's own sums overflow there, ours do not
            continue
        infinite = np.isinf(expected)
        if not np.array_equal(np.isnan(got), np.isnan(expected)) or np.any(got[infinite] != expected[infinite]):
            yield f"{key}.{k} has NaN or infinities elsewhere"
            continue
        finite = np.isfinite(expected)
        error = np.where(finite, np.abs(got - np.where(finite, expected, 0)), 0)
        allowed = np.broadcast_to(tolerance(arrays, golden_key, k, expected, case["dtype"]), error.shape)
        if np.any(error > allowed):
            yield f"{key}.{k} is off by {np.max(error):.3g}, allowed {np.max(allowed[error > allowed]):.3g}"
    counter = f"s{k}_num_batches_tracked"
    if counter in arrays and int(ours.get(f"num_batches_tracked.{k}", -1)) != int(arrays[counter]):
        yield f"num_batches_tracked.{k} is wrong"


def check(binary, case, arrays, folder):
    args, has_gradients = arguments(case, arrays, folder)
    result = subprocess.run([binary, *args], capture_output=True, text=True, timeout=60, check=False)
    if result.returncode != 0:
        yield f"status {result.returncode}: {result.stderr.strip()[:200]}"
        return
    ours = load(f"{folder}/out.npz")
    for k, step in enumerate(case["steps"]):
        if step["kind"] != "error":
            yield from compare(case, arrays, ours, k, has_gradients)
            continue
        if any(key.endswith(f".{k}") for key in ours):
            yield f"step {k} was refused and left tensors"
        if f"step {k}: {step['error_text']}" not in result.stderr.splitlines():
            yield f"step {k}: expected the message {step['error_text']!r}, got {result.stderr.strip()[:200]!r}"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_cli.py PATH/TO/bnstudio")
    with open(os.path.join(GOLDEN, "manifest.json"), encoding="utf-8") as manifest:
        cases = json.load(manifest)["cases"]
    checked = steps = 0
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            arrays = load(os.path.join(GOLDEN, case["file"]))
            if not expressible(case, arrays):
                continue
            checked += 1
            steps += len(case["steps"])
            failures += [f"{case['name']}: {failure}" for failure in check(sys.argv[1], case, arrays, folder)]
    for failure in failures[:20]:
        print(failure)
    print(f"{checked} golden cases, {steps} steps, {len(failures)} failures")
    sys.exit(1 if failures or checked == 0 else 0)


if __name__ == "__main__":
    main()
