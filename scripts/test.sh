#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds and tests, first the release build, then with AddressSanitizer and UndefinedBehaviorSanitizer, and fuzzes the
# readers of files for a minute when clang is there:
#   test.sh                 all of that
#   test.sh --quick         the release build only
#   test.sh --preset NAME   this preset only: dev, release, asan or tsan
# With CI=true warnings are errors. The last line is `N passed, N failed`, with `, N skipped` when there were any,
# counted in test functions (and their data rows) over all builds tested.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

presets=(release asan)
fuzz_seconds=6 # for each of the eleven targets; 0: none
while [ $# -gt 0 ]; do
    case $1 in
        --quick) presets=(release) && fuzz_seconds=0 ;;
        --preset) presets=("${2:?--preset needs a name}") && fuzz_seconds=0 && shift ;;
        *) sed -n '/^# Builds/,/^[^#]/ { /^#/ s/^# \?//p }' "$0" >&2 && exit 2 ;;
    esac
    shift
done

suppressions() { # in quotes: the path may have spaces
    printf 'suppressions="%s"' "$root/tests/support/$1.supp"
}
export QT_QPA_PLATFORM=offscreen
export ASAN_OPTIONS="${ASAN_OPTIONS:-halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1}"
export LSAN_OPTIONS="${LSAN_OPTIONS:-print_suppressions=0:$(suppressions lsan)}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}"
# Debian's Qt and oneTBB are not instrumented: judge the project's own code only.
export TSAN_OPTIONS="${TSAN_OPTIONS:-ignore_noninstrumented_modules=1:second_deadlock_stack=1:$(suppressions tsan)}"
if [ -z "${LC_ALL-}${LC_CTYPE-}${LANG-}" ]; then
    export LC_ALL=C.UTF-8 # Qt wants UTF-8
fi

# Reads CTest's JUnit file and prints `PASSED FAILED SKIPPED`. QtTest ends the output of each test with
# "Totals: 12 passed, 0 failed, 1 skipped, …"; a test without such a line counts as one. A test that CTest calls failed
# without a failed function crashed, was stopped, or was caught by a sanitizer, and counts as one failure more.
count() {
    awk '
        function attribute(line, name) {
            return match(line, " " name "=\"[^\"]*\"") ? substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
        }
        /<testcase / { status = attribute($0, "status"); reason = ""; totals = p = f = s = 0 }
        /<skipped /  { reason = attribute($0, "message") }
        match($0, /Totals: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped/) {
            split(substr($0, RSTART, RLENGTH), word, " ")
            p += word[2]; f += word[4]; s += word[6]; totals = 1
        }
        /<\/testcase>/ {
            if (status == "run") { if (!totals) p = 1 }
            else if (status == "disabled" || reason ~ /^SKIP/) { if (!totals) s = 1 }
            else if (f == 0) f = 1
            passed += p; failed += f; skipped += s
        }
        END { print passed + 0, failed + 0, skipped + 0 }
    ' "$1"
}

passed=0
failed=0
skipped=0

# A step that fails counts as a failure, and the presets that remain are still tested.
fail() {
    printf 'FAILED: %s\n' "$1" >&2
    failed=$((failed + 1))
}

test_preset() {
    local preset=$1 build=$root/build/$1 results=$root/build/$1/test-results.xml p f s
    local werror=()
    if [ "${CI-}" = true ]; then
        werror=(-DBNSTUDIO_WERROR=ON)
    fi
    printf '\n== %s: build ==\n' "$preset"
    cmake -S "$root" --preset "$preset" "${werror[@]}" || { fail "configuring $preset" && return; }
    cmake --build "$build" || { fail "building $preset" && return; }

    printf '\n== %s: test ==\n' "$preset"
    rm -f "$results"
    local status=0
    ctest --test-dir "$build" --parallel 2 --output-on-failure --no-tests=error --timeout 900 --output-junit "$results" \
        --test-output-size-passed 16777216 --test-output-size-failed 16777216 || status=$?
    if [ ! -f "$results" ]; then
        fail "no test results for $preset" && return
    fi
    read -r p f s < <(count "$results")
    printf '%s: %d passed, %d failed, %d skipped\n' "$preset" "$p" "$f" "$s"
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
        fail "ctest for $preset ended with status $status"
    fi
    passed=$((passed + p))
    failed=$((failed + f))
    skipped=$((skipped + s))
}

# Counts as one test, skipped without clang.
fuzz() {
    local status=0
    printf '\n== fuzz ==\n'
    "$root/scripts/fuzz.sh" "$fuzz_seconds" || status=$?
    case $status in
        0) passed=$((passed + 1)) ;;
        77) skipped=$((skipped + 1)) ;;
        *) fail 'fuzzing' ;;
    esac
}

if "$root/scripts/packages.sh" --install build test; then
    for preset in "${presets[@]}"; do
        test_preset "$preset"
    done
    if [ "$fuzz_seconds" -gt 0 ]; then
        fuzz
    fi
else
    fail 'installing packages'
fi

summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then
    summary+=", $skipped skipped"
fi
printf '\n%s\n' "$summary"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
