# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves random tensors with PyTorch in every way it knows, and what is in each file as expected.json.

torch_reference.py FOLDER: FOLDER/0.pt, 1.pt, …; views of all kinds, shared storages, all dtypes, both formats, pickle
protocols 2 to 5, state dicts and whole modules.
"""
import hashlib
import json
import random
import sys

import torch

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.int16, torch.int32,
          torch.int64, torch.uint8, torch.bool]
VIEWS = [lambda x: x, lambda x: x.permute(2, 0, 1), lambda x: x[1:3, ::2, 1::3], lambda x: x[2, 3, 4],
         lambda x: x[:1].expand(7, 5, 6), lambda x: x.reshape(-1).as_strided((6, 4), (2, 3), 5), lambda x: x[:0],
         lambda x: torch.nn.Parameter(x[:, 0].t(), requires_grad=False)]


def view():
    dtype = random.choice(DTYPES)
    values = torch.randn(4, 5, 6) * 50
    return random.choice(VIEWS)(values > 0 if dtype == torch.bool else values.to(dtype))


def tensors(name, value):
    if isinstance(value, torch.Tensor):
        yield name, value.detach().contiguous().clone()
    elif isinstance(value, torch.nn.Module):
        yield from tensors(name, value.state_dict())
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from tensors(f"{name}.{key}" if name else str(key), item)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from tensors(f"{name}.{index}", item)


def described(name, value):
    raw = value.view(torch.int16) if value.dtype == torch.bfloat16 else value
    return {"name": name, "dtype": str(value.dtype)[len("torch."):], "shape": list(value.shape),
            "sha256_le_c": hashlib.sha256(raw.numpy().tobytes()).hexdigest()}


def main():
    folder = sys.argv[1]
    random.seed(1)
    torch.manual_seed(1)
    expected = []
    for number in range(24):
        net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4, affine=number % 2 == 0))
        content = {f"k{i}": view() for i in range(6)}
        content |= {"nested": [view(), (view(), {3: view()})], "shared": content["k0"], "epoch": 3}
        content |= {"model": net} if number % 3 == 0 else {"state": net.state_dict()}
        torch.save(content, f"{folder}/{number}.pt", pickle_protocol=2 + number % 4,
                   _use_new_zipfile_serialization=number // 4 % 2 == 0)
        expected.append([described(*pair) for pair in tensors("", content)])
    with open(f"{folder}/expected.json", "w", encoding="utf-8") as file:
        json.dump(expected, file)


main()
