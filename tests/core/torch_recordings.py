# SPDX-License-Identifier: GPL-3.0-or-later
"""Real trainings without a fault, for torch_recordings_test.cpp: torch_recordings.py RECORDER_FOLDER FOLDER.

Each leaves a recording NAME.npz in FOLDER, in which nothing may look like a fault."""

import contextlib
import os
import sys

import torch
from torch import nn

sys.path.insert(0, sys.argv[1])
from bnstudio_recorder import record  # noqa: E402

FOLDER = sys.argv[2]
HALF = torch.bfloat16


def train(name, dtype=torch.float32, images=False, momentum=0.1, autocast=lambda training: False, evals=False, steps=12,
          batch=lambda x: x, channels_last=False, **options):
    """Trains a small network; with `evals` every fourth call is an evaluation, from the first one on."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    if images:
        model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, momentum=momentum), nn.ReLU(), nn.Flatten(),
                              nn.Linear(288, 2))
    else:
        model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8, momentum=momentum), nn.ReLU(), nn.Linear(8, 2))
    layout = torch.channels_last if channels_last else torch.preserve_format
    model.to(dtype=dtype, memory_format=layout)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with record(model[1], os.path.join(FOLDER, name + ".npz"), **options):
        for k in range(steps):
            training = not evals or k % 4 != 0
            model.train(training)
            x = batch(torch.randn((16, 3, 8, 8) if images else (16, 6))).to(dtype=dtype, memory_format=layout)
            region = torch.autocast("cpu", dtype=HALF) if autocast(training) else contextlib.nullcontext()
            with region, torch.set_grad_enabled(training):
                loss = model(x).float().pow(2).mean()
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()


train("bfloat16", HALF)
train("bfloat16_cumulative", HALF, momentum=None)
train("bfloat16_evaluated", HALF, evals=True)
train("bfloat16_statistics", HALF, statistics_only=True)
train("bfloat16_images", HALF, images=True, evals=True)
train("bfloat16_channels_last", HALF, images=True, channels_last=True)
train("autocast", autocast=lambda training: True, evals=True)
train("autocast_images", images=True, autocast=lambda training: True, evals=True)
train("autocast_in_training", autocast=lambda training: training, evals=True)
train("autocast_in_evaluation", images=True, autocast=lambda training: not training, evals=True)
train("constant_channels", torch.float64, batch=lambda x: x.double() + 1e8)
train("large_mean", batch=lambda x: x + 1e6)
print("ok")
