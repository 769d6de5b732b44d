#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes every picture in docs/images anew: scripts/images.sh [PROGRAM]. The same program makes the same pictures, bit by
# bit, on every machine with the same fonts.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-build/release/app/bnstudio}")
[ -x "$program" ] || { echo "$program: no such program; build it first, or name it" >&2; exit 2; }
images=$PWD/docs/images
samples=$PWD/resources/samples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The paths of the samples on this machine are nobody's business: no recipe travels in these pictures.
picture() {
    local name=$1
    shift
    "$program" screenshot "$work/$name.png" --without-recipe "$@"
    mv "$work/$name.png" "$images/$name.png"
    echo "docs/images/$name.png"
}
# A recipe NAME.json out of the options of bnstudio run, for one step.
recipe() {
    local name=$1
    shift
    "$program" run "$@" --steps 1 --save-recipe "$work/$name.json"
}

mkdir -p "$images"
picture main-light --steps 100 --step 63
picture main-dark --theme dark --steps 100 --step 63
picture first-start --first-start
# Without the column of words, about which the status bar would say in which folder it was.
cut -d, -f1-4 "$samples/iris.csv" > iris.csv
picture iris --data iris.csv --step 3

recipe digits --data "$samples/digits.npy" --axes NCL --batch-size 64
picture digits --recipe "$work/digits.json" --step 20

recipe many --generate normal:n=32,c=4096,mean=1,spread=2,seed=7
picture channels-4096 --recipe "$work/many.json" --select 17 --size 1400x900
recipe one --generate normal:n=32,c=1,mean=5,std=2,seed=7
picture channels-1 --recipe "$work/one.json" --size 1400x900
recipe holes --generate normal:n=32,c=8,mean=1,nan=0.01,seed=7 --keep-going
picture nan --recipe "$work/holes.json" --step 12 --size 1400x900
recipe eval --mode 'train*30,eval'
picture eval --recipe "$work/eval.json" --size 1400x900
picture backward --phase grad-input
recipe refused --generate normal:n=1,c=8,seed=7 --keep-going 2> /dev/null
picture refused --recipe "$work/refused.json" --step 2 --size 1400x900
picture small --size 1280x720
picture long-words --language en-XA
