# SPDX-License-Identifier: GPL-3.0-or-later
"""Trainings that bnstudio_recorder.py records, for recorder_test.cpp: recorder_runs.py RECORDER_FOLDER SCENARIO FOLDER.

A scenario writes recordings into FOLDER, and beside them what the recording must hold as NAME.expected.npz, noted down
without the recorder. It ends with status 0 and "ok"."""

import copy
import io
import json
import os
import pickle
import signal
import sys
import warnings

import numpy as np
import torch
from torch import nn

sys.path.insert(0, sys.argv[1])
import bnstudio_recorder  # noqa: E402
from bnstudio_recorder import audit, record  # noqa: E402

FOLDER = sys.argv[3]
torch.manual_seed(42)
torch.set_num_threads(1)


def path(name):
    return os.path.join(FOLDER, name)


def expect(name, arrays):
    np.savez(path(name + ".expected.npz"), **arrays)


def plain(tensor):
    return tensor.detach().clone().float().numpy() if tensor.dtype == torch.bfloat16 else tensor.detach().clone().numpy()


def state(layer, suffix, keys=("running_mean", "running_var", "num_batches_tracked")):
    return {key + suffix: plain(getattr(layer, key)) for key in keys}


def check(condition, text):
    if not condition:
        sys.exit("failed: " + text)


def loaded(name):
    with np.load(path(name)) as file:
        return {key: file[key] for key in file.files}


def steps_of(name):
    return json.loads(loaded(name)["meta"].item())["steps"]


class Mlp(nn.Module):
    """The layer's input and output stay at hand, with their gradients."""

    def __init__(self, layer, after=None):
        super().__init__()
        self.first, self.layer = nn.Linear(5, layer.num_features), layer
        self.last = nn.Linear(layer.num_features, 1)

    def forward(self, batch):
        self.x = self.first(batch)
        self.y = self.layer(self.x)
        if self.y.requires_grad:
            self.x.retain_grad()
            self.y.retain_grad()
        return self.last(torch.relu(self.y)).pow(2).mean()


def mlp():
    """12 calls, of which 3 are evaluations without gradients; Adam between."""
    model = Mlp(nn.BatchNorm1d(7, momentum=0.2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    expected = state(model.layer, "", ())
    expected.update({"init." + k: v for k, v in state(model.layer, "").items()})
    expected.update({"init.weight": plain(model.layer.weight), "init.bias": plain(model.layer.bias)})
    with record(model.layer, path("mlp.npz"), layer="net.1") as recorder:
        for k in range(12):
            training = k % 4 != 3
            model.train(training)
            optimizer.zero_grad()
            expected.update({"weight.%d" % k: plain(model.layer.weight), "bias.%d" % k: plain(model.layer.bias)})
            with torch.set_grad_enabled(training):
                loss = model(torch.randn(16, 5))
            expected.update({"x.%d" % k: plain(model.x), "y.%d" % k: plain(model.y)})
            expected.update(state(model.layer, ".%d" % k))
            expected["training.%d" % k] = np.array(int(training))
            expected["momentum.%d" % k] = np.array(0.2)
            if training:
                loss.backward()
                expected.update({
                    "grad_output.%d" % k: plain(model.y.grad), "grad_input.%d" % k: plain(model.x.grad),
                    "grad_weight.%d" % k: plain(model.layer.weight.grad),
                    "grad_bias.%d" % k: plain(model.layer.bias.grad)})
                optimizer.step()
            check(recorder.steps == list(range(k + 1)), "every step is in the file at once")
            check(steps_of("mlp.npz") == recorder.steps, "meta says so")
    expect("mlp", expected)


def conv():
    """A BatchNorm2d whose output an in-place ReLU overwrites, in channels_last; two layers share the model."""
    layer = nn.BatchNorm2d(4, momentum=None)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), layer, nn.ReLU(inplace=True), nn.Conv2d(4, 2, 3), nn.BatchNorm2d(2))
    seen = {}

    def keep(module, inputs, output):
        seen.update(x=plain(inputs[0]), y=plain(output))

    layer.register_forward_hook(keep)
    expected = {}
    recorder = record(model, path("conv.npz"), layer="1")
    for k in range(5):
        model.zero_grad()
        images = torch.randn(6, 3, 8, 8).to(memory_format=torch.channels_last)
        model(images).sum().backward()
        expected["x.%d" % k], expected["y.%d" % k] = (seen[key].reshape(6, 4, 36) for key in "xy")
        expected["grad_weight.%d" % k] = plain(layer.weight.grad)
        expected["grad_bias.%d" % k] = plain(layer.bias.grad)
        expected["momentum.%d" % k] = np.array(1 / (k + 1))
        expected.update(state(layer, ".%d" % k))
    recorder.close()
    expect("conv", expected)
    check(not layer._forward_pre_hooks, "close() removes the hooks")


def thinned():
    """Every third call, statistics only; the statistics are reset in between."""
    layer = nn.BatchNorm1d(3)
    expected = {}
    recorder = record(layer, path("thinned.npz"), every=3, statistics_only=True)
    for k in range(9):
        if k == 5:
            layer.reset_running_stats()
        before = state(layer, "_before.%d" % k)
        x = (torch.randn(8, 3, 2) * 3 + 100).requires_grad_()
        layer.eval() if k == 6 else layer.train()
        layer(x).sum().backward()
        if k % 3 == 0:
            expected.update(state(layer, ".%d" % k))
            expected["n.%d" % k] = np.array(16)
            wide = plain(x).astype(np.float64)
            used = (wide.mean(axis=(0, 2)), wide.var(axis=(0, 2))) if k != 6 else (
                plain(layer.running_mean), plain(layer.running_var))
            expected["mean.%d" % k], expected["var.%d" % k] = (u.astype(np.float32) for u in used)
            if k:
                expected.update(before)
    recorder.close()
    expect("thinned", expected)


def autocast():
    model = Mlp(nn.BatchNorm1d(4))
    expected = {}
    with record(model.layer, path("autocast.npz")):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(torch.randn(8, 5))
        loss.backward()
    expected.update({"x.0": plain(model.x), "y.0": plain(model.y), "grad_output.0": plain(model.y.grad),
                     "grad_input.0": plain(model.x.grad)})
    expect("autocast", expected)
    meta = json.loads(loaded("autocast.npz")["meta"].item())
    check(model.x.dtype == torch.bfloat16, "the layer saw bfloat16")
    check(meta["autocast"] == "bfloat16" and meta["input_dtype"] == "bfloat16", "meta tells the dtypes")


def shapes():
    """Layers without parameters, without statistics, in double precision, lazy, and volumes."""
    for name, layer, shape in (
        ("plain", nn.BatchNorm1d(3, affine=False), (4, 3)),
        ("untracked", nn.BatchNorm1d(3, track_running_stats=False), (4, 3, 2)),
        ("double", nn.BatchNorm1d(3).double(), (4, 3)),
        ("lazy", nn.LazyBatchNorm1d(), (4, 3)),
        ("volume", nn.BatchNorm3d(3), (2, 3, 2, 2, 2)),
    ):
        with record(layer, path(name + ".npz")):
            for _ in range(3):
                x = torch.randn(shape, dtype=torch.float64 if name == "double" else torch.float32)
                layer(x)
        expected = {} if name == "untracked" else state(layer, ".2")
        expected["x.2"] = plain(x).reshape(2, 3, 8) if name == "volume" else plain(x)
        expect(name, expected)
        keys = loaded(name + ".npz").keys()
        check(("weight.0" in keys) == (name != "plain"), name + ": weight")
        check(("running_mean.0" in keys) == (name != "untracked"), name + ": running_mean")
        check("grad_input.0" not in keys and steps_of(name + ".npz") == [0, 1, 2], name + ": no backward pass")


def autograd():
    """Several forwards before a backward, a shared layer, checkpointing, graphs that are dropped, two backwards."""
    from torch.utils.checkpoint import checkpoint

    layer = nn.BatchNorm1d(3)
    with record(layer, path("accumulated.npz")) as recorder:
        xs = [torch.randn(6, 3, requires_grad=True) for _ in range(3)]
        loss = sum(layer(x).pow(3).sum() * (i + 1) for i, x in enumerate(xs))
        check(recorder.steps == [], "all three wait")
        loss.backward(retain_graph=True)
        loss.backward()
        check(recorder.steps == [0, 1, 2], "one backward pass completes all")
    file = loaded("accumulated.npz")
    for i, x in enumerate(xs):
        check(np.array_equal(2 * file["grad_input.%d" % i], x.grad.numpy()), "each call has its own gradient")
    total = sum(file["grad_weight.%d" % i] for i in range(3))
    check(np.allclose(2 * total, layer.weight.grad.numpy(), rtol=1e-5), "and its share of that of weight")

    with record(layer, path("checkpointed.npz")):
        x = torch.randn(6, 3, requires_grad=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            checkpoint(layer, x).pow(2).sum().backward()
    file = loaded("checkpointed.npz")
    check(steps_of("checkpointed.npz") == [0, 1], "the forward pass ran twice")
    check(np.array_equal(file["x.0"], file["x.1"]) and "grad_output.0" not in file and "grad_output.1" in file,
          "with gradients the second time")

    with record(layer, path("dropped.npz")) as recorder:
        for k in range(4):
            y = layer(torch.randn(6, 3))  # nobody calls backward
            del y
        layer(torch.randn(6, 3)).sum().backward()
        check(recorder.steps == [0, 1, 2, 3, 4], "a graph that is gone keeps nothing waiting")
        kept = layer(torch.randn(6, 3))
    check(steps_of("dropped.npz")[-1] == 5, "close() writes what waits")
    kept.sum().backward()  # after the recording: no harm

    bnstudio_recorder._PENDING_BYTES = 2000
    with record(layer, path("bounded.npz")) as recorder:
        graphs = [layer(torch.randn(20, 3)) for _ in range(30)]
        check(len(recorder._waiting) < 5, "what waits is bounded")
        sum(y.sum() for y in graphs).backward()
    check(len(steps_of("bounded.npz")) == 30, "and all steps are written")


def misfits():
    """Refused batches, copies of the model, replicas, wrong arguments, a folder that vanishes."""
    layer = nn.BatchNorm1d(3)
    with record(layer, path("refused.npz")):
        layer(torch.randn(4, 3))
        try:
            layer(torch.randn(1, 3))
            check(False, "one sample is refused")
        except ValueError:
            pass
        layer(torch.randn(4, 3))
    check(steps_of("refused.npz") == [0, 2], "a refused call has a number and leaves nothing")
    file = loaded("refused.npz")
    check(file["num_batches_tracked_before.2"] == 2 and file["num_batches_tracked.2"] == 3, "PyTorch counted it")

    model = nn.Sequential(layer)
    with record(model, path("copies.npz")) as recorder:
        model(torch.randn(4, 3)).sum().backward()
        copy.deepcopy(model)(torch.randn(4, 3))
        pickle.loads(pickle.dumps(model))(torch.randn(4, 3))
        check(recorder.steps == [0], "copies do not record")
        replica = layer._replicate_for_data_parallel()
        replica.weight, replica.bias = layer.weight, layer.bias
        replica(torch.randn(4, 3)).sum().backward()
        check(recorder.steps == [0, 1], "the replica on the same device does")
        check(recorder._meta["layer"] == "0", "the only layer of a model is found")
    for wrong in (lambda: record(nn.Linear(2, 2), path("w.npz")), lambda: record(layer, path("w.npz"), every=0),
                  lambda: record(nn.Sequential(layer, nn.BatchNorm1d(2)), path("w.npz")),
                  lambda: record(model, path("w.npz"), layer="7"), lambda: record(layer, path("none/w.npz"))):
        try:
            wrong()
            check(False, "a wrong argument is refused")
        except (TypeError, ValueError):
            pass

    with record(layer, path("few.npz"), max_steps=2):
        for _ in range(5):
            layer(torch.randn(4, 3))
    check(steps_of("few.npz") == [0, 1], "max_steps")

    os.mkdir(path("vanishing"))
    recorder = record(layer, path("vanishing/trace.npz"))
    layer(torch.randn(4, 3)).sum().backward()
    os.remove(path("vanishing/trace.npz"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            layer(torch.randn(4, 3)).sum().backward()
        recorder.close()
    check(len(caught) == 1 and "recording ended" in str(caught[0].message), "the training goes on, with one warning")
    check(os.listdir(path("vanishing")) == [], "nothing is left behind")


def killed():
    """Trains until it is killed; says which step is complete."""
    model = Mlp(nn.BatchNorm1d(64))
    record(model.layer, path("killed.npz"))
    for k in range(1000000):
        model(torch.randn(256, 5)).backward()
        print(k, flush=True)


class Killer(io.FileIO):
    """Ends the process like kill -9 at the n-th thing it does to a file, in the middle of a write where the kernel could be
    interrupted there: between pages."""

    left = 0

    @classmethod
    def tick(cls):
        cls.left -= 1
        if cls.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self, data):
        if Killer.left == 1:
            at = self.tell()
            boundary = (at // 4096 + 1) * 4096 - at
            if len(data) > boundary:
                super().write(memoryview(data)[: boundary + (len(data) - boundary) // 8192 * 4096])
        Killer.tick()
        return super().write(data)

    def truncate(self, size=None):
        Killer.tick()
        return super().truncate(size)


def killed_anywhere():
    """Kills a recording at each of its operations on files and looks at what is left."""

    def opened(name, mode):
        raw = Killer(name, mode.replace("b", ""))
        return io.BufferedReader(raw) if mode == "rb" else io.BufferedRandom(raw)

    def replaced(source, target, replace=os.replace):
        Killer.tick()
        replace(source, target)

    bnstudio_recorder.open = opened
    bnstudio_recorder.os.replace = replaced
    bnstudio_recorder._GrowingNpz._FIRST_CAPACITY = 8192  # so that the file grows several times
    batches = [torch.randn(30, 16) for _ in range(14)]
    survived, left_behind = 0, []
    for n in range(1, 100000):
        Killer.left = n
        name = "kill.%d.npz" % n
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            layer = nn.BatchNorm1d(16)
            recorder = record(layer, path(name))
            for k, batch in enumerate(batches):
                layer(batch).pow(2).sum().backward()
                os.write(send, bytes([k]))
            recorder.close()
            os._exit(0)
        os.close(send)
        complete = list(os.read(receive, 100))
        _, status = os.waitpid(child, 0)
        while True:
            more = os.read(receive, 100)
            if not more:
                break
            complete += list(more)
        os.close(receive)
        if os.path.exists(path(name)):
            steps = steps_of(name)
            check(steps[: len(complete)] == complete, "point %d: complete steps %s, in the file %s" % (n, complete, steps))
            check(len(steps) <= len(complete) + 1, "point %d: at most the step in work besides" % n)
            file = loaded(name)  # zipfile compares the checksums
            for k in steps:
                check(np.array_equal(file["x.%d" % k], batches[k].numpy()) and "grad_weight.%d" % k in file,
                      "point %d: step %d is whole" % (n, k))
        else:
            check(not complete, "point %d: no file though steps are complete" % n)
        if status == 0:
            survived = n
            break
        check(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "point %d: killed" % n)
        left_behind.append(name)
    check(survived > 80, "many points, got %d" % survived)
    size = os.path.getsize(path("kill.%d.npz" % survived))
    check(size < 14 * (4 * 30 * 16 * 4 + 9000), "close() cuts the unused space off: %d bytes" % size)
    print("points", survived)


def audits():
    """The gap is the difference of the outputs of train() and eval(), and all is as before."""
    model = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6, affine=False), nn.Dropout(0.5), nn.Linear(6, 3),
                          nn.BatchNorm1d(3, affine=False), nn.BatchNorm1d(3, track_running_stats=False))
    batches = [(torch.randn(50, 4) * 2 + 1, None) for _ in range(5)]
    model.train()
    for inputs, _ in batches:
        model(inputs)
    model[1].running_mean += 2  # in units of the running standard deviation, this is what must be found
    model[5].eval()
    batches.append((torch.randn(1, 4), None))
    before, modes, random = copy.deepcopy(model.state_dict()), [m.training for m in model.modules()], torch.get_rng_state()
    printed = io.StringIO()
    sys.stdout, out = printed, sys.stdout
    results = audit(model, batches, save_dir=path("audit"))
    sys.stdout = out
    check(all(torch.equal(a, b) for a, b in zip(before.values(), model.state_dict().values())), "state is restored")
    check(modes == [m.training for m in model.modules()], "modes are restored")
    check(torch.equal(random, torch.get_rng_state()), "random numbers go on as before")
    check(not model[1]._forward_hooks, "no hooks are left")
    check([r["layer"] for r in results] == ["1", "4", "5"], "ranked by the gap, none last: %s" % results)
    check(printed.getvalue().splitlines()[1].startswith("1 "), "the table has that order")
    layer, squares = copy.deepcopy(model[1]), []
    for inputs, _ in batches[:5]:
        x = model[0](inputs).detach().double()
        y = layer.double().eval()(x)
        reference = (x - x.mean(0)) / (x.var(0, unbiased=False) + layer.eps).sqrt()
        squares.append(((reference - y) ** 2).mean().item())
    # float32 moments of the audit against float64 here
    check(abs(results[0]["gap"] - np.mean(squares) ** 0.5) < 1e-4 * results[0]["gap"], "the gap is what it says")
    check(results[2]["gap"] is None and results[2]["notes"], "no running statistics, no gap")
    check(any("1 value per channel" in note for note in results[0]["notes"]), "a batch of one is passed over and noted")
    with np.load(path("audit/1.npz")) as file:
        check("mean.4" in file.files and "x.0" not in file.files, "statistics of each layer")
        check(np.array_equal(file["init.running_mean"], before["1.running_mean"].numpy()), "from the present state")


if __name__ == "__main__":
    globals()[sys.argv[2]]()
    print("ok")
