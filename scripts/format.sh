#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Formats the C++ sources with clang-format (.clang-format):
#   format.sh           in place
#   format.sh --check   changes nothing, and fails when something would change
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
case ${1-} in
    '') mode=(-i) ;;
    --check) mode=(--dry-run --Werror) ;;
    *) printf 'usage: %s [--check]\n' "$0" >&2 && exit 2 ;;
esac
if ! command -v clang-format >/dev/null; then
    printf 'clang-format is missing: apt-get install --no-install-recommends clang-format\n' >&2
    exit 1
fi
find app core ui tests -type f \( -name '*.cpp' -o -name '*.h' \) -print0 | xargs -0 --no-run-if-empty clang-format "${mode[@]}"
