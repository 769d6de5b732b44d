#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds and runs the benchmarks: bench.sh [ARGUMENTS OF Google Benchmark], such as --benchmark_filter=forward
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/bench

"$root/scripts/packages.sh" --install build bench >&2
cmake -S "$root" --preset release -B "$build" -DBNSTUDIO_BENCH=ON -DBNSTUDIO_TESTS=OFF >&2
cmake --build "$build" --target bnstudio_bench >&2

program=$(find "$build" -type f -name bnstudio_bench -perm -u+x -print -quit)
exec "${program:?bnstudio_bench was not built}" "$@"
