#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds the fuzzers of the readers with clang and runs each of them:
#   fuzz.sh [SECONDS [TARGET…]]   SECONDS per target, 60 unless told; all targets unless named
# BNSTUDIO_FUZZ_BUILD is the build folder (build/fuzz). The corpora live there and grow from run to run; finds are
# written to its folder `finds`. Ends with status 1 when there is one, and with 77 when there is no clang with libFuzzer.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BNSTUDIO_FUZZ_BUILD:-$root/build/fuzz}
seconds=${1:-60}
[ $# -gt 0 ] && shift

probe=$(mktemp)
trap 'rm -f "$probe"' EXIT
if ! printf 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' |
    clang++ -x c++ -fsanitize=fuzzer,address,undefined - -o "$probe" 2> /dev/null; then
    printf 'fuzz.sh: no clang with libFuzzer (packages clang and libclang-rt-14-dev)\n' >&2
    exit 77
fi

# Debug for the asserts; the targets set their own optimisation.
cmake -S "$root" -B "$build" -G Ninja -DBNSTUDIO_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug > /dev/null
cmake --build "$build"

# Small files only: a fuzzer learns nothing from the thousandth row of a table.
seeds() {
    local target=$1 extension
    shift
    mkdir -p "$build/corpus/$target" "$build/finds/$target"
    for extension in "$@"; do
        find "$root/tests/data/interop" -name "*.$extension" -size -24k -exec cp -t "$build/corpus/$target" {} +
    done
    if [ -d "$root/tests/data/fuzz/$target" ]; then
        find "$root/tests/data/fuzz/$target" -type f -exec cp -t "$build/corpus/$target" {} +
    fi
}

seeds npy npy
seeds npz npz
seeds safetensors safetensors
seeds csv csv tsv txt
seeds torch_zip pt
seeds torch_pickle
seeds torch_legacy pt
seeds pasted_text csv tsv txt
seeds recipe
seeds zip_directory npz pt
seeds figure

if [ $# -eq 0 ]; then
    set -- npy npz safetensors csv torch_zip torch_pickle torch_legacy pasted_text recipe zip_directory figure
fi
status=0
for target in "$@"; do
    log=$build/$target.log
    # Inputs of at most 24 KiB: what they make a reader allocate at once stays below 64 MiB, and the file's own bytes.
    if "$build/tests/fuzz/${target}_fuzz" -max_total_time="$seconds" -max_len=24576 -timeout=60 -rss_limit_mb=1024 \
        -malloc_limit_mb=100 -print_final_stats=1 -artifact_prefix="$build/finds/$target/" "$build/corpus/$target" \
        > "$log" 2>&1; then
        printf 'fuzz: %s: %s inputs\n' "$target" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
    else
        grep -E 'ERROR|runtime error|broken:|SUMMARY|^ *#[0-9]+ .*bnstudio|Test unit written' "$log" >&2 || tail -n 40 "$log" >&2
        printf 'fuzz: %s: FAILED, see %s\n' "$target" "$log" >&2
        status=1
    fi
done
exit "$status"
