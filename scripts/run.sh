#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Builds BatchNorm1d Studio and starts it, from any folder:
#   run.sh [ARGUMENTS OF bnstudio]
# Where there is no display, it runs without a window instead and leaves a picture, a figure and the numbers.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
app=$root/build/release/app/bnstudio

has_display() {
    [ -n "${DISPLAY-}" ] || [ -n "${WAYLAND_DISPLAY-}" ] && return
    # A platform chosen by hand, such as vnc or eglfs, may well have a screen.
    case ${QT_QPA_PLATFORM-} in '' | offscreen* | minimal*) return 1 ;; esac
}

build() {
    local sections=(build)
    if [ -n "${WAYLAND_DISPLAY-}" ] && [ -z "${DISPLAY-}" ]; then
        sections+=(wayland)
    fi
    "$root/scripts/packages.sh" --install "${sections[@]}"
    if [ ! -f "$root/build/release/build.ninja" ]; then
        cmake -S "$root" --preset release
    fi
    cmake --build "$root/build/release" --target bnstudio
}

# Translates the arguments of the window, FILE... --recipe --theme --language, into those of `run` and `screenshot`.
run_headless() {
    local out=${XDG_STATE_HOME:-$HOME/.local/state}/bnstudio/headless
    local run=() picture=() recipe='' data=''
    while [ $# -gt 0 ]; do
        if [[ $1 =~ ^--(recipe|theme|language)$ ]] && [ $# -eq 1 ]; then
            printf '%s needs a value.\n' "$1" >&2
            exit 2
        fi
        case $1 in
            --recipe=*) recipe=${1#*=} ;;
            --recipe) recipe=$2 && shift ;;
            --theme=*) picture+=("$1") ;;
            --theme) picture+=(--theme "$2") && shift ;;
            --language=*) ;;
            --language) shift ;;
            *.json) recipe=$1 ;;
            *) run+=(--data "$1") && data=yes ;;
        esac
        shift
    done
    [ -z "$recipe" ] || run=("$recipe" "${run[@]}")

    mkdir -p "$out"
    if [ -n "$data" ]; then
        recipe=$out/recipe.json
        run+=(--save-recipe "$recipe")
    fi
    printf 'There is no display, so BatchNorm1d Studio runs without a window.\n'
    "$app" run "${run[@]}" --save-stats "$out/statistics.csv" --save-figure "$out/running.png"
    [ -z "$recipe" ] || picture+=(--recipe "$recipe")
    local status=0
    "$app" screenshot "$out/window.png" "${picture[@]}" || status=$?

    printf '\n'
    [ "$status" -ne 0 ] || printf 'The window, as a picture:                      %s\n' "$out/window.png"
    printf 'The running statistics, as a figure:           %s\n' "$out/running.png"
    printf 'The numbers, one row for a step and a channel: %s\n' "$out/statistics.csv"
    printf '\nFor more without a window: %s run --help\n' "$app"
    return "$status"
}

build >&2
if [ -z "${LC_ALL-}${LC_CTYPE-}${LANG-}" ]; then
    export LC_ALL=C.UTF-8
fi
if has_display; then
    exec "$app" "$@"
fi
export QT_QPA_PLATFORM=offscreen
case ${1-} in
    run | inspect | screenshot | -h | --help* | -v | --version) exec "$app" "$@" ;;
esac
run_headless "$@"
