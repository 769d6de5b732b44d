#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds and runs the benchmarks:
#   bench.sh [ARGUMENTS OF Google Benchmark]         the core, such as --benchmark_filter=forward
#   bench.sh numerics                                the tables of docs/numerics.md
#   bench.sh window [--profile] [SCENARIO...]        the window against its limits: start, 32x8, 256x1024, 1024x1024, long
# The window is measured on Qt's offscreen platform unless QT_QPA_PLATFORM says otherwise.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/bench

target=bnstudio_bench
if [ "${1-}" = window ]; then
    target=bnstudio_window_bench
    shift
elif [ "${1-}" = numerics ]; then
    target=bnstudio_numerics
    shift
fi

"$root/scripts/packages.sh" --install build bench >&2
cmake -S "$root" --preset release -B "$build" -DBNSTUDIO_BENCH=ON -DBNSTUDIO_TESTS=OFF >&2
cmake --build "$build" --target "$target" >&2

program=$(find "$build" -type f -name "$target" -perm -u+x -print -quit)
exec "${program:?$target was not built}" "$@"
