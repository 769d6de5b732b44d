# SPDX-License-Identifier: GPL-3.0-or-later
"""Records what a batch-norm layer of a PyTorch model does in a real training, for BatchNorm1d Studio.

Put this file beside your training script. It needs torch (1.13 or newer) and numpy, nothing else. Three lines::

    from bnstudio_recorder import record

    rec = record(model.net[1], "trace.npz")     # before the training loop
    ...                                         # the training loop, unchanged
    rec.close()                                 # after it

or ``with record(model.net[1], "trace.npz"): ...``. Then ``bnstudio trace.npz`` opens the training in the window, where
every step can be looked at, replayed and compared with what PyTorch computed. To find the layer that is worth recording,
``audit(model, batches)`` compares all batch-norm layers of a model and ranks them by how differently they behave in
``train()`` and ``eval()``.

What is recorded
----------------
Every forward call of the layer counts as a step, in training and in evaluation, and has a number k from 0 on. A call that
the layer refuses (it raises) has a number too, but leaves nothing. The file is an ordinary ``.npz``, which ``numpy.load``
reads as well:

``x.k``, ``y.k``
    Input and output. Images and volumes are folded: (N, C, H, W) becomes (N, C, H·W).
``grad_output.k``, ``grad_input.k``
    The gradients of the loss with respect to y and x, if there was a backward pass.
``weight.k``, ``bias.k``, ``grad_weight.k``, ``grad_bias.k``
    γ and β that the call used, and this call's share of their gradients.
``running_mean.k``, ``running_var.k``, ``num_batches_tracked.k``
    The buffers after the call.
``running_mean_before.k``, ``running_var_before.k``, ``num_batches_tracked_before.k``
    The buffers before the call, only where they are not what the recorded step before it ended with: with ``every`` above
    1, after a reset, after loading a checkpoint.
``init.weight``, ``init.bias``, ``init.running_mean``, ``init.running_var``, ``init.num_batches_tracked``
    The state before the first recorded step.
``training.k``, ``momentum.k``, ``eps.k``
    1 for ``train()`` and 0 for ``eval()``; the factor used: ``momentum``, or for None 1 / num_batches_tracked; eps only
    where it is no longer that of ``meta``.
``input_dtype.k``, ``output_dtype.k``, ``state_dtype.k``
    Texts, only where they are not those of ``meta``: in an evaluation outside of the autocast of the training, say.
``mean.k``, ``var.k``, ``n.k``
    With ``statistics_only``, in place of x, y, grad_output and grad_input: what the call normalised with (in training the
    biased variance), and the number of values per channel.
``meta``
    A JSON text: layer, eps, momentum, versions, dtypes, notes, and the list of ``steps``.

What the layer does not have (no affine parameters, no running statistics) is absent.

Good to know
------------
*A killed process loses nothing that was complete.* The file is a valid ``.npz`` from the first step on, with every step
whose gradients have arrived, whatever happens to the process (``kill -9`` included). Until ``close()`` it ends with unused
space, a hole that takes no room on most file systems. An existing file of that name is replaced when the first step is
complete. A crash of the whole machine is another matter: the recorder does not wait for the disk.

*float16, bfloat16, autocast.* Values are stored as float32, which holds them exactly; ``meta`` names the original dtypes
and the dtype of autocast. With a GradScaler the gradients are recorded as they come, that is, scaled.

*Several forward calls before a backward pass* (gradient accumulation, a layer used twice) are steps of their own, and each
gets its own gradients. With ``torch.utils.checkpoint`` the forward pass really runs twice and updates the running
statistics twice: the recording shows both calls, the first without gradients. Steps wait in memory for their gradients, at
most 256 MiB of them; beyond that the oldest one is written without.

*DataParallel*: only the replica that shares its buffers with the model is recorded; its batch is a part of the whole.
*DistributedDataParallel*: every process has a layer of its own; give each another file name. *SyncBatchNorm* over several
processes normalises with the statistics of all of them, but each process records its own share of x; ``meta`` says so.

*torch.compile, TorchScript*: record the module as it is before compiling; hooks do not run inside compiled code.

*Trouble never stops your training.* When the disk is full or anything else fails, the recorder warns once and stops; what
was written until then is readable.

*Copies of the model* (``copy.deepcopy`` for averaged weights, ``torch.save`` of a whole model) do not record.
"""

import atexit
import functools
import io
import json
import math
import os
import struct
import threading
import warnings
import weakref
import zlib

import numpy as np
import torch

__all__ = ["record", "Recorder", "audit"]

FORMAT_VERSION = 1
_PENDING_BYTES = 256 << 20  # steps that wait for gradients
_BATCH_NORM = torch.nn.modules.batchnorm._BatchNorm  # BatchNorm1d, 2d, 3d, SyncBatchNorm and the lazy ones
_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
_PARAMETERS = ("weight", "bias")


def record(module, path, every=1, statistics_only=False, max_steps=10000, layer=None):
    """Starts to record a batch-norm layer; returns a `Recorder`, which also works in a ``with`` statement.

    module: the layer (BatchNorm1d/2d/3d, SyncBatchNorm, LazyBatchNorm), or a model that contains it; then `layer` names
        it as ``model.named_modules()`` does. A model with a single batch-norm layer needs no `layer`.
    path: the ``.npz`` to write. It is replaced when the first step is complete.
    every: record every n-th forward call. Calls in between cost nothing but a counter.
    statistics_only: record mean and variance in place of whole activations: a few numbers per channel and step. Enough to
        check the running statistics, not to look into a batch.
    max_steps: stop after so many recorded steps (BatchNorm1d Studio opens files of up to 200,000 arrays).
    layer: the name of the layer in `module`; for a layer given directly, a name to note in the file.

    Raises TypeError if `module` is no batch-norm layer and has none, ValueError for other wrong arguments.
    """
    if not isinstance(every, int) or every < 1:
        raise ValueError("every: expected a whole number from 1 on, got %r" % (every,))
    if not isinstance(max_steps, int) or max_steps < 1:
        raise ValueError("max_steps: expected a whole number from 1 on, got %r" % (max_steps,))
    if os.path.isdir(path):
        raise ValueError("path: expected the name of a file, %s is a folder" % path)
    if not os.path.isdir(os.path.dirname(os.path.abspath(path))):
        raise ValueError("path: the folder of %s does not exist" % path)
    found, name = _find_layer(module, layer)
    return Recorder(found, path, every, statistics_only, max_steps, name)


def audit(model, batches, max_batches=None, forward=None, save_dir=None, show=True):
    """Compares, for every batch-norm layer of a model, the batches with the layer's running statistics.

    Runs `batches` through the model with the batch-norm layers in training mode, so that each layer sees the input it is
    trained on, and everything else in evaluation mode: a dropout before a layer, which changes the variance in training
    alone, shows here as a gap too. Afterwards all is as before: modes, buffers, the random number generators. Parameters
    are not touched, and gradients are off.

    batches: an iterable, such as a DataLoader. Of a tuple or list the first element is the input; a dict becomes keyword
        arguments. Tensors are moved to the device of the model's first parameter.
    max_batches: how many batches to take; None takes all.
    forward: a function of model and batch in place of ``model(input)``.
    save_dir: a folder that gets a recording ``LAYER.npz`` of each layer (statistics only) of the training steps that these
        batches amount to.
    show: print the table.

    Returns a list of dicts, the layer with the largest gap first:

    ``layer``           its name in the model
    ``gap``             root mean square difference between the outputs of ``train()`` and ``eval()`` for the same input, in
                        units of x̂ (before γ and β), over all batches and channels. 0 is no difference, 1 one standard
                        deviation. None without running statistics: then both modes do the same.
    ``by_chance``       the gap that perfect running statistics would have, because a batch is a sample: √(1.5 / n)
    ``values``          n, the values per channel of a batch, on average. Neighbouring pixels are much alike, so that in
                        images fewer of them count, and the gap by chance is larger than this.
    ``worst_channel``, ``worst_gap``  the channel with the largest gap
    ``mean_shift``      (mean of all batches − running_mean) / √(running_var + eps), root mean square over the channels
    ``var_ratio``       (variance of all batches) / running_var, median over the channels
    ``batches``         how many batches the layer saw
    ``num_batches_tracked``  its counter before the audit
    ``notes``           what else is worth knowing, sentences
    """
    layers = [(name, module) for name, module in model.named_modules() if isinstance(module, _BATCH_NORM)]
    if not layers:
        raise TypeError("audit: the model has no batch-norm layer")
    if any(torch.nn.parameter.is_lazy(tensor) for tensor in [*model.parameters(), *model.buffers()]):
        raise ValueError("audit: the model has lazy layers that have seen no batch yet; run it once")
    if save_dir is not None:
        os.makedirs(save_dir, exist_ok=True)
    kept = _KeptState(model)
    try:
        audits = [_LayerAudit(name, module) for name, module in layers]
        _run_batches(model, layers, batches, max_batches, forward or _call_model, audits, save_dir)
    finally:
        kept.restore()
    results = sorted((a.result() for a in audits), key=_gap_order, reverse=True)
    if show:
        print(_table(results))
    return results


# --- recording ----------------------------------------------------------------------------------------------------------


def _guarded(method):
    """Turns whatever goes wrong inside a hook into one warning and the end of the recording."""

    @functools.wraps(method)
    def call(self, *arguments):
        try:
            return method(self, *arguments)
        except Exception as error:  # the training matters more than its recording
            self._stop("%s: recording ended: %s: %s" % (self.path, type(error).__name__, error))
            return None

    return call


class _Step:
    """One forward call: its arrays by key without the number, and whether its gradients are still to come."""

    def __init__(self, number, training):
        self.number = number
        self.training = training
        self.arrays = {}
        self.before = {}
        self.init = {}  # of the first step
        self.hook = None  # weak: lives as long as the graph that may still deliver gradients
        self.complete = True

    def waits(self):
        return not self.complete and self.hook() is not None

    def bytes(self):
        return sum(array.nbytes for array in self.arrays.values())


class _GradientHook:
    """Sits on the graph node of one forward call. The graph owns it, so it also tells whether the graph still exists."""

    def __init__(self, recorder, step):
        self.recorder = recorder
        self.step = step

    def __call__(self, grad_inputs, grad_outputs):
        self.recorder._backward(self.step, grad_inputs, grad_outputs)


class Recorder:
    """A recording in progress, made by `record`. ``close()`` ends it; so does leaving a ``with`` block or the program."""

    def __init__(self, module, path, every, statistics_only, max_steps, layer):
        self.path = os.path.abspath(os.fspath(path))
        self._module = module
        self._every = every
        self._statistics_only = bool(statistics_only)
        self._max_steps = max_steps
        self._lock = threading.RLock()  # backward hooks run in threads of autograd
        self._local = threading.local()  # from the pre-hook to the hook of the same call
        self._file = _GrowingNpz(self.path)
        self._calls = 0
        self._taken = 0  # steps seen, written or waiting
        self._waiting = []
        self._last = None  # buffers after the recorded step before
        self._steps = []
        self._steps_text = ""  # of meta; it would take ever longer to make it anew at every step
        self._notes = []
        self._meta = {"format": "bnstudio trace", "version": FORMAT_VERSION, "layer": layer}
        self._closed = False
        self._process = os.getpid()
        self._handles = [
            module.register_forward_pre_hook(self._before),
            module.register_forward_hook(self._after),
        ]
        atexit.register(_close_if_alive, weakref.ref(self))

    @property
    def steps(self):
        """Numbers of the steps that are in the file."""
        return list(self._steps)

    def close(self):
        """Ends the recording: removes the hooks and gives unused space at the end of the file back. Steps whose gradients
        have not arrived are written without them. A second call does nothing."""
        if os.getpid() != self._process:  # a forked child ends; the recording is its parent's
            return
        self._remove_hooks()
        with self._lock:
            self._finish()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def __del__(self):
        if hasattr(self, "_handles"):
            self.close()

    def __deepcopy__(self, memo):
        return self  # hooks in a copy of the model find that they are not meant, see _is_ours

    def __reduce__(self):
        return (_DetachedRecorder, ())

    # The hooks. A step ends in _after, or with gradients in _backward.

    def _is_ours(self, module):
        if os.getpid() != self._process:
            return False
        if module is self._module:
            return True
        # DataParallel's replicas; the one on the model's own device updates the model's buffers.
        own = _tensor_of(self._module)
        return (
            getattr(module, "_is_replica", False) and own is not None and _tensor_of(module).device == own.device
        )

    @_guarded
    def _before(self, module, inputs):
        if not self._is_ours(module) or self._closed:
            return
        self._local.step = None
        with self._lock:
            number = self._calls
            self._calls += 1
        if number % self._every or not inputs:
            return
        step = _Step(number, module.training)
        step.before = _state(module, _BUFFERS + _PARAMETERS)
        self._local.step = step

    @_guarded
    def _after(self, module, inputs, output):
        step = getattr(self._local, "step", None)
        if step is None or not self._is_ours(module):
            return
        self._local.step = None
        x = inputs[0]
        with torch.no_grad():
            if self._statistics_only:
                step.arrays.update(_statistics(module, x, step.before))
            else:
                step.arrays["x"] = _array(_folded(x))
                step.arrays["y"] = _array(_folded(output))
            for key in _PARAMETERS:
                if key in step.before:
                    step.arrays[key] = step.before[key]
            step.arrays.update(_state(module, _BUFFERS))
        step.arrays["training"] = np.array(int(step.training), np.int64)
        factor = _factor(module, step)
        if factor is not None:
            step.arrays["momentum"] = np.array(factor, np.float64)
        with self._lock:
            self._describe(step, module, x, output)
            self._link(step)
            self._watch(step, output)
            self._waiting.append(step)
            self._taken += 1
            self._write_ready()
            if self._taken >= self._max_steps:
                self._remove_hooks()
                self._note("stopped after %d recorded steps (max_steps)" % self._max_steps)

    @_guarded
    def _backward(self, step, grad_inputs, grad_outputs):
        if step.complete or self._closed:
            return
        with torch.no_grad():
            dy = grad_outputs[0]
            if dy is not None and not self._statistics_only:
                step.arrays["grad_output"] = _array(_folded(dy))
            for key, gradient in zip(("grad_input", "grad_weight", "grad_bias"), grad_inputs):
                if gradient is not None and not (self._statistics_only and key == "grad_input"):
                    step.arrays[key] = _array(_folded(gradient))
        with self._lock:
            step.complete = True
            self._write_ready()

    # Between the hooks and the file.

    def _describe(self, step, module, x, output):
        """Fills `meta` at the first step, and notes what changed at later ones."""
        facts = {
            "type": type(module).__name__,
            "num_features": module.num_features,
            "eps": _json_number(module.eps),
            "momentum": _json_number(module.momentum),
            "affine": bool(module.affine),
            "track_running_stats": bool(module.track_running_stats),
            "torch_version": str(torch.__version__),
            "device": str(x.device),
            "input_dtype": _dtype_name(x),
            "output_dtype": _dtype_name(output),
            "state_dtype": _dtype_name(_tensor_of(module)),
            "autocast": _autocast_dtype(x.device.type),
        }
        if "type" not in self._meta:
            self._meta.update(facts)
            self._meta.update(every=self._every, statistics_only=self._statistics_only, input_shape=list(x.shape))
            if _processes(module) > 1:
                self._note("SyncBatchNorm over %d processes: x is the share of one of them" % _processes(module))
            for what in ("input_dtype", "output_dtype"):
                if facts[what] in ("float16", "bfloat16"):
                    self._note("%s is %s, stored as float32" % (what[:-6], facts[what]))
        if facts["eps"] != self._meta["eps"] and facts["eps"] is not None:
            step.arrays["eps"] = np.array(module.eps, np.float64)
        for key in ("input_dtype", "output_dtype", "state_dtype"):
            if facts[key] != self._meta[key] and facts[key] is not None:
                step.arrays[key] = np.array(facts[key])
        for key, value in facts.items():
            if key != "momentum" and value != self._meta[key]:  # momentum is recorded with every step
                self._note("%s became %s at step %d" % (key, value, step.number))

    def _note(self, sentence):
        if sentence not in self._notes and len(self._notes) < 100:
            self._notes.append(sentence)

    def _link(self, step):
        """Adds the state before the step where it does not follow from the recorded step before."""
        buffers = {key: step.before[key] for key in _BUFFERS if key in step.before}
        if self._last is None:
            step.init = step.before
        elif not _same_arrays(buffers, self._last):
            for key, value in buffers.items():
                step.arrays[key + "_before"] = value
        self._last = {key: step.arrays[key] for key in _BUFFERS if key in step.arrays}

    def _watch(self, step, output):
        """Asks for the gradients of this very call. A hook on the graph node is told about nothing else: hooks on x would
        also see what reaches x by other ways, and those on weight what all calls of a pass contribute together."""
        node = output.grad_fn if output.requires_grad else None
        if node is None or "BatchNorm" not in type(node).__name__:
            if node is not None:
                self._note("gradients are not recorded: the layer's graph node is %s" % type(node).__name__)
            return
        hook = _GradientHook(self, step)
        step.hook = weakref.ref(hook)
        step.complete = False
        node.register_hook(hook)

    def _write_ready(self):
        """Writes steps in their order, up to the first one that still waits for gradients."""
        held = sum(step.bytes() for step in self._waiting)
        while self._waiting and (not self._waiting[0].waits() or (held > _PENDING_BYTES and len(self._waiting) > 1)):
            step = self._waiting.pop(0)
            held -= step.bytes()
            self._write(step)

    def _write(self, step):
        step.complete = True  # gradients that come later find it written
        members = [("init." + key, array) for key, array in step.init.items()]
        members += [("%s.%d" % (key, step.number), array) for key, array in step.arrays.items()]
        self._steps.append(step.number)
        self._steps_text += (", %d" if self._steps_text else "%d") % step.number
        self._file.append(members, self._meta_text())

    def _meta_text(self):
        text = json.dumps(dict(self._meta, forward_calls=self._calls, notes=self._notes))
        return '%s, "steps": [%s]}' % (text[:-1], self._steps_text)

    # The end.

    def _remove_hooks(self):
        for handle in self._handles:
            handle.remove()

    def _finish(self):
        if self._closed:
            return
        try:
            while self._waiting:
                self._write(self._waiting.pop(0))
            self._closed = True
            self._file.finish(self._meta_text())
        except Exception as error:
            self._stop("%s: recording ended: %s: %s" % (self.path, type(error).__name__, error))

    def _stop(self, reason):
        self._closed = True
        self._waiting = []
        self._remove_hooks()
        self._file.discard_draft()
        warnings.warn(reason, RuntimeWarning, stacklevel=2)


class _DetachedRecorder:
    """What becomes of a recorder in a saved model: hooks that do nothing."""

    def _before(self, module, inputs):
        pass

    def _after(self, module, inputs, output):
        pass


def _close_if_alive(reference):
    recorder = reference()
    if recorder is not None:
        recorder.close()


# --- what PyTorch tells -------------------------------------------------------------------------------------------------


def _find_layer(module, name):
    if isinstance(module, _BATCH_NORM):
        return module, name or ""
    if not isinstance(module, torch.nn.Module):
        raise TypeError("expected a batch-norm layer, got %s" % type(module).__name__)
    layers = {n: m for n, m in module.named_modules() if isinstance(m, _BATCH_NORM)}
    known = ", ".join(layers) or "none"
    if name is None and len(layers) == 1:
        name = next(iter(layers))
    if name is None:
        raise TypeError("expected a batch-norm layer, got %s; batch-norm layers in it: %s (name one with layer=)"
                        % (type(module).__name__, known))
    if name not in layers:
        raise ValueError("layer: no batch-norm layer %r; there are: %s" % (name, known))
    return layers[name], name


def _tensor_of(module):
    """Some tensor of the layer, for its device and dtype; None if it has none."""
    for key in ("running_mean", "weight", "bias", "running_var"):
        tensor = getattr(module, key, None)
        if tensor is not None:
            return tensor
    return None


def _state(module, keys):
    found = ((key, getattr(module, key, None)) for key in keys)
    return {key: _array(tensor) for key, tensor in found if tensor is not None}


def _folded(tensor):
    """(N, C, H, W) and (N, C, D, H, W) as (N, C, L); everything of fewer axes as it is."""
    if tensor.dim() <= 3:
        return tensor
    return tensor.reshape(tensor.shape[0], tensor.shape[1], math.prod(tensor.shape[2:]))


def _array(tensor):
    """A copy in main memory; float16 and bfloat16 become float32."""
    tensor = tensor.detach()
    dtype = torch.float32 if tensor.dtype in (torch.float16, torch.bfloat16) else tensor.dtype
    return tensor.to("cpu", dtype, copy=True, memory_format=torch.contiguous_format).numpy()


def _statistics(module, x, before):
    """mean, var and n that the call normalised with."""
    values = x.numel() // max(x.shape[1], 1)
    result = {"n": np.array(values, np.int64)}
    if not module.training and ("running_mean" in before or "running_var" in before):
        result.update({k: before["running_" + k] for k in ("mean", "var") if "running_" + k in before})
    elif values:
        result["var"], result["mean"] = _moments(x)
    return result


def _moments(x):
    """Biased variance and mean of every channel; the variance around the mean, not as a difference of squares."""
    wide = x.detach().float() if x.dtype in (torch.float16, torch.bfloat16) else x.detach()
    var, mean = torch.var_mean(wide, [d for d in range(x.dim()) if d != 1], unbiased=False)
    return _array(var), _array(mean)


def _factor(module, step):
    """The factor of exponential averaging that this call had, as torch computes it."""
    if module.momentum is not None:
        return float(module.momentum)
    tracked = step.arrays.get("num_batches_tracked")
    if not step.training or tracked is None or not module.track_running_stats:
        return 0.0
    return 1.0 / float(tracked) if tracked else None


def _autocast_dtype(device):
    """The dtype of autocast where the call ran, or None. torch 2.4 asks by device; before there was a function each."""
    if hasattr(torch, "get_autocast_dtype"):
        try:
            return _dtype_text(torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else None
        except (RuntimeError, TypeError):  # a device that autocast does not know
            return None
    if device == "cpu":
        return _dtype_text(torch.get_autocast_cpu_dtype()) if torch.is_autocast_cpu_enabled() else None
    return _dtype_text(torch.get_autocast_gpu_dtype()) if torch.is_autocast_enabled() else None


def _processes(module):
    """How many processes share the statistics of a call."""
    if not isinstance(module, torch.nn.SyncBatchNorm) or not torch.distributed.is_available():
        return 1
    return torch.distributed.get_world_size(module.process_group) if torch.distributed.is_initialized() else 1


def _dtype_text(dtype):
    return str(dtype).replace("torch.", "")


def _dtype_name(tensor):
    return None if tensor is None else _dtype_text(tensor.dtype)


def _json_number(value):
    """JSON has no NaN and no infinities; None as for momentum=None. Every step has its momentum besides."""
    return value if isinstance(value, (int, float)) and math.isfinite(value) else None


def _same_arrays(a, b):
    return a.keys() == b.keys() and all(a[key].tobytes() == b[key].tobytes() for key in a)


# --- the file -----------------------------------------------------------------------------------------------------------


class _GrowingNpz:
    """A .npz that grows and is a valid zip archive at every moment.

    A zip archive ends with a directory of its members and a record that says where the directory begins. Appending to one
    usually overwrites both, and a process killed in the middle leaves a broken file. Here the file has room to spare::

        | members  ->        |   unused   |        <- directory | meta's entry, end records |
        0                 _members    _directory             _capacity - 180            _capacity

    Members grow upwards into the unused space, entries of the directory downwards, where nobody looks yet. Then one write
    of the last 180 bytes, which lie within a page, makes both part of the archive. (The entry of `meta` stands there because
    it changes with every step: its text lies alternately in one of two places.) When the space is used up, the file is copied
    into one of twice the capacity, which takes its place by renaming. So a step costs what its own bytes cost, and a copy
    now and then, less than one in all. `finish` writes the directory once more behind the members and cuts off the rest;
    until the cut, the file ends with the old one.

    The file is opened for every step: nothing stays open in processes forked meanwhile, and renaming works on Windows.
    """

    _PAGE = 4096
    _FIRST_CAPACITY = 1 << 20
    _END = struct.Struct("<IQHHIIQQQQ IIQI IHHHHIIH")  # zip64 end record, its locator, end record
    _LOCAL = struct.Struct("<IHHHHHIIIHH HHQQ")  # local header; after the name the zip64 field with both sizes
    _ENTRY = struct.Struct("<IHHHHHHIIIHHHHHII")  # after the name the zip64 field with both sizes and the offset
    _VERSION, _DATE, _FULL16, _FULL32 = 45, 0x21, 0xFFFF, 0xFFFFFFFF  # zip64; 1 January 1980

    def __init__(self, path):
        self._path = path
        self._draft = os.path.join(os.path.dirname(path), ".%s.%d.part" % (os.path.basename(path), os.getpid()))
        self._capacity = self._members = self._directory = 0
        self._count = 0
        self._blocks = []  # bytes of directory per append, in their order
        self._slots = [(0, 0), (0, 0)]  # offset and room of the two places of meta
        self._end_bytes = b""

    def append(self, members, meta):
        """Adds arrays, (name, array) each, and replaces the text `meta`, in one step."""
        packed = [self._pack(name, array) for name, array in members]
        entry_bytes = sum(self._ENTRY.size + len(name) + 28 for name, *_ in packed)
        meta_parts = self._pack("meta.npy", np.array(meta))
        need = sum(size for *_, size in packed) + entry_bytes + 2 * meta_parts[-1]
        if self._members + need > self._directory:
            self._grow(need)
        with open(self._draft if not self._blocks else self._path, "r+b") as file:
            file.seek(self._members)
            entries = [self._put(file, self._reserve(parts[-1]), parts) for parts in packed]
            meta_entry = self._put_meta(file, meta_parts)
            directory = self._directory - entry_bytes
            file.seek(directory)
            file.write(b"".join(entries))
            file.flush()
            self._count += len(entries)
            self._end_bytes = meta_entry + self._end(directory, self._capacity - directory - 98, self._capacity)
            file.seek(self._capacity - len(self._end_bytes))
            file.write(self._end_bytes)
        if not self._blocks:
            os.replace(self._draft, self._path)
        self._directory = directory
        self._blocks.append(entry_bytes)

    def finish(self, meta):
        """Writes meta for the last time, the directory in the order of the steps, and cuts the file to its size."""
        if not self._blocks:
            return
        self.append([], meta)
        size = self._capacity - self._directory
        if self._members + size > self._directory:
            self._grow(size)
        with open(self._path, "r+b") as file:
            file.seek(self._directory)
            stored = file.read(sum(self._blocks))
            blocks, end = [], len(stored)
            for length in self._blocks:  # the newest block stands first
                blocks.append(stored[end - length:end])
                end -= length
            file.seek(self._members)
            file.write(b"".join(blocks) + self._end_bytes[:-98] + self._end(self._members, size - 98, self._members + size))
            file.flush()
            file.truncate(self._members + size)
        self._blocks = []

    def _grow(self, need):
        """Moves to a file of twice the capacity or more; nothing but the draft is touched before it is complete."""
        directory_bytes = self._capacity - self._directory
        least = max(2 * self._capacity, self._FIRST_CAPACITY, self._members + directory_bytes + 2 * need + self._PAGE)
        capacity = -(-least // self._PAGE) * self._PAGE
        directory = capacity - (directory_bytes or 180)
        with open(self._draft, "w+b") as draft:
            draft.truncate(capacity)
            if self._blocks:
                with open(self._path, "rb") as file:
                    _copy(file, 0, draft, 0, self._members)
                    _copy(file, self._directory, draft, directory, directory_bytes - 180)
                self._end_bytes = self._end_bytes[:-98] + self._end(directory, capacity - directory - 98, capacity)
                draft.seek(capacity - 180)
                draft.write(self._end_bytes)
        if self._blocks:
            os.replace(self._draft, self._path)
        self._capacity, self._directory = capacity, directory

    def discard_draft(self):
        """Removes what a failed write left beside the file."""
        try:
            os.remove(self._draft)
        except OSError:
            pass

    def _pack(self, name, array):
        """(member name, npy header, bytes, checksum, size in the archive)"""
        name = (name if name.endswith(".npy") else name + ".npy").encode()
        array = np.asarray(array, order="C")
        header = _npy_header(array.dtype, array.shape)
        data = array.tobytes() if array.nbytes < 65536 else memoryview(array).cast("B")
        checksum = zlib.crc32(data, zlib.crc32(header))
        return name, header, data, checksum, self._LOCAL.size + len(name) + len(header) + len(data)

    def _reserve(self, size):
        offset = self._members
        self._members += size
        return offset

    def _put(self, file, offset, packed):
        """Writes a member at the file's position, which is `offset`, and returns its entry of the directory."""
        name, header, data, checksum, _ = packed
        size = len(header) + len(data)
        common = (self._VERSION, 0, 0, 0, self._DATE, checksum, self._FULL32, self._FULL32, len(name))
        local = self._LOCAL.pack(0x04034B50, *common, 20, 1, 16, size, size)
        fixed = self._LOCAL.size - 20  # the name stands between the header and the zip64 field
        file.write(local[:fixed] + name + local[fixed:] + header)
        file.write(data)
        entry = self._ENTRY.pack(0x02014B50, self._VERSION, *common, 28, 0, 0, 0, 0, self._FULL32)
        return entry + name + struct.pack("<HHQQQ", 1, 24, size, size, offset)

    def _put_meta(self, file, packed):
        """Writes meta where the present one does not lie, so that the directory in force keeps its own."""
        offset, room = self._slots[0]
        if packed[-1] > room:
            room = 2 * packed[-1]
            offset = self._reserve(room)
        self._slots = [self._slots[1], (offset, room)]
        file.seek(offset)
        return self._put(file, offset, packed)

    def _end(self, directory, size, end):
        """The records at the end; `end` is the size of the file."""
        count = self._count + 1  # and meta
        version, full16, full32 = self._VERSION, self._FULL16, self._FULL32
        return self._END.pack(
            0x06064B50, 44, version, version, 0, 0, count, count, size, directory,
            0x07064B50, 0, end - 98, 1,
            0x06054B50, 0, 0, full16, full16, full32, full32, 0,
        )


@functools.lru_cache(maxsize=256)
def _npy_header(dtype, shape):
    file = io.BytesIO()
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def _copy(source, at, target, to, count):
    source.seek(at)
    target.seek(to)
    while count:
        block = source.read(min(count, 1 << 20))
        if not block:
            raise OSError("%s became shorter" % source.name)
        target.write(block)
        count -= len(block)


# --- audit --------------------------------------------------------------------------------------------------------------


class _KeptState:
    """Modes, buffers and random number generators, to put back."""

    def __init__(self, model):
        self._modes = [(module, module.training) for module in model.modules()]
        self._buffers = [
            (module, key, buffer, buffer.detach().clone())
            for module in model.modules()
            for key, buffer in module._buffers.items()
            if buffer is not None
        ]
        self._random = torch.get_rng_state()
        self._cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else None

    def restore(self):
        with torch.no_grad():
            for module, key, buffer, value in self._buffers:
                module._buffers[key] = buffer
                buffer.copy_(value)
        for module, training in self._modes:
            module.training = training
        torch.set_rng_state(self._random)
        if self._cuda is not None:
            torch.cuda.set_rng_state_all(self._cuda)


class _LayerAudit:
    """Collects a layer's batch statistics; its running statistics are those before the audit."""

    def __init__(self, name, module):
        state = {key: value.astype(np.float64) for key, value in _state(module, _BUFFERS).items()}
        self.name = name
        self.eps = module.eps
        self.mean, self.var = state.get("running_mean"), state.get("running_var")
        self.tracked = int(state["num_batches_tracked"]) if "num_batches_tracked" in state else None
        self.counts, self.means, self.vars, self.notes = [], [], [], []

    def __call__(self, module, inputs, output):
        x = inputs[0]
        if not x.numel():
            return
        with torch.no_grad():
            var, mean = _moments(x)
        self.counts.append(x.numel() // x.shape[1])
        self.means.append(mean.astype(np.float64))
        self.vars.append(var.astype(np.float64))

    def result(self):
        result = dict.fromkeys(
            ("gap", "by_chance", "values", "worst_channel", "worst_gap", "mean_shift", "var_ratio"))
        result.update(layer=self.name, batches=len(self.counts), num_batches_tracked=self.tracked, notes=self.notes)
        if self.counts:
            result["values"] = float(np.mean(self.counts))
            if self.mean is not None and self.var is not None:
                with np.errstate(all="ignore"):
                    self._compare(result)
            else:
                self.notes.append("no running statistics: eval() normalises with the batch too")
        else:
            self.notes.append("saw no batch")
        if self.tracked == 0:
            self.notes.append("num_batches_tracked is 0: the running statistics were never updated")
        return result

    def _compare(self, result):
        counts, means, variances = np.array(self.counts, float)[:, None], np.array(self.means), np.array(self.vars)
        scale = np.sqrt(self.var + self.eps)
        # x̂ of eval() is r·x̂ + d with x̂ of train(), channel by channel; x̂ has mean 0 and variance v/(v + eps). So the mean
        # square of the difference is (r − 1)²·v/(v + eps) + d².
        ratio = np.sqrt(variances + self.eps) / scale
        squares = (ratio - 1) ** 2 * variances / (variances + self.eps) + ((means - self.mean) / scale) ** 2
        squares[~np.isfinite(squares)] = np.inf
        channels = np.sqrt(squares.mean(axis=0))
        mean = (counts * means).sum(axis=0) / counts.sum()
        var = (counts * (variances + (means - mean) ** 2)).sum(axis=0) / counts.sum()
        worst = int(channels.argmax())
        result.update(
            gap=float(np.sqrt(squares.mean())),
            by_chance=float(np.sqrt(1.5 / result["values"])),
            worst_channel=worst,
            worst_gap=float(channels[worst]),
            mean_shift=float(np.sqrt(np.mean(((mean - self.mean) / scale) ** 2))),
            var_ratio=float(np.median(var / self.var)),
        )
        broken = ~np.isfinite(self.mean) | ~np.isfinite(self.var) | (self.var < 0)
        if broken.any():
            self.notes.append("running statistics of %d channels are not finite or negative, first of channel %d"
                              % (broken.sum(), broken.argmax()))


def _call_model(model, batch):
    if isinstance(batch, dict):
        return model(**batch)
    return model(batch[0] if isinstance(batch, (list, tuple)) else batch)


def _moved(batch, device):
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: _moved(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return [_moved(value, device) for value in batch]
    return batch


def _run_batches(model, layers, batches, max_batches, forward, audits, save_dir):
    model.eval()
    for _, module in layers:
        module.train()
    first = next(model.parameters(), None)
    device = first.device if first is not None else torch.device("cpu")
    handles = [module.register_forward_hook(audit) for (_, module), audit in zip(layers, audits)]
    recorders = []
    try:
        if save_dir is not None:
            for name, module in layers:
                path = os.path.join(save_dir, (name or "layer") + ".npz")
                recorders.append(record(module, path, statistics_only=True, layer=name))
        with torch.no_grad():
            for number, batch in enumerate(batches):
                if max_batches is not None and number >= max_batches:
                    break
                try:
                    forward(model, _moved(batch, device))
                except ValueError as error:  # a batch of one value per channel, mostly the last one of a data set
                    if "more than 1 value per channel" not in str(error):
                        raise
                    for audit in audits:
                        audit.notes.append("batch %d: %s" % (number, error))
    finally:
        for recorder in recorders:
            recorder.close()
        for handle in handles:
            handle.remove()


def _gap_order(result):
    gap = result["gap"]
    return -1.0 if gap is None else math.inf if math.isnan(gap) else gap


def _table(results):
    head = ("layer", "gap", "by chance", "worst channel", "mean shift", "var ratio", "values", "batches", "tracked")
    rows = [head]
    for r in results:
        worst = "-" if r["worst_gap"] is None else "%s in %d" % (_short(r["worst_gap"]), r["worst_channel"])
        rows.append((r["layer"] or "(the model)", _short(r["gap"]), _short(r["by_chance"]), worst,
                     _short(r["mean_shift"]), _short(r["var_ratio"]), _short(r["values"]), str(r["batches"]),
                     "-" if r["num_batches_tracked"] is None else str(r["num_batches_tracked"])))
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["  ".join([row[0].ljust(widths[0])] + [row[i].rjust(widths[i]) for i in range(1, len(head))])
             for row in rows]
    lines += ["%s: %s" % (r["layer"], note) for r in results for note in r["notes"]]
    return "\n".join(lines)


def _short(value):
    return "-" if value is None else "%.3g" % value
