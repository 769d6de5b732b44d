#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reads scripts/packages.txt.
#   packages.sh SECTION...             prints the packages of these sections, one a line
#   packages.sh --install SECTION...   installs those that are missing, and only those
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

list() {
    awk -v wanted=" $* " '
        { sub(/#.*/, "") }
        /^\[/ { gsub(/[][ \t]/, ""); on = index(wanted, " " $0 " "); next }
        on && NF { print $1 }
    ' "$here/packages.txt"
}

installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Prints the packages that are not installed.
missing() {
    local package
    for package in $(list "$@"); do
        installed "$package" || printf '%s\n' "$package"
    done
}

# Installs the packages given, as root or through sudo; otherwise says what to install and fails.
install_packages() {
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
            printf 'These Debian packages are missing, and installing them needs root:\n' >&2
            printf '    %s\n' "$*" >&2
            printf 'Install them with:\n    apt-get install --no-install-recommends %s\n' "$*" >&2
            return 1
        fi
        root=(sudo)
    fi
    printf 'Installing: %s\n' "$*" >&2
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3)
    # The package lists may be absent or older than the archive: refresh them, but let apt decide whether that was fatal.
    "${apt[@]}" update </dev/null >&2 || printf 'The package lists could not be refreshed; trying with the old ones.\n' >&2
    "${apt[@]}" install -y --no-install-recommends "$@" </dev/null >&2
}

if [ "${1-}" = --install ]; then
    shift
    install_now=yes
fi
if [ $# -eq 0 ] || [[ $1 = -* ]]; then
    printf 'usage: %s [--install] SECTION...\n' "$(basename "$0")" >&2
    exit 2
fi

if [ "${install_now-}" != yes ]; then
    list "$@"
elif ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    printf 'This is no Debian system; the packages needed go by these names on Debian 12:\n' >&2
    list "$@" | sed 's/^/    /' >&2
else
    mapfile -t packages < <(missing "$@")
    if [ ${#packages[@]} -gt 0 ]; then
        install_packages "${packages[@]}"
    fi
fi
