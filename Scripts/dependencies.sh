#!/bin/bash
# Makes sure that what the build needs beside Swift is there, and installs what is missing on Debian and its kin.
set -euo pipefail
swift=${SWIFT:-swift}

if ! command -v "$swift" >/dev/null; then
  echo "Swift 6.2 or later is needed, and there is no $swift in PATH: see https://www.swift.org/install" >&2
  exit 1
fi
[ "$(uname -s)" = Linux ] || exit 0

missing=()
need() { [ -e "$1" ] || missing+=("$2"); }
need_command() { command -v "$1" >/dev/null || missing+=("$2"); }
need_library() { "$ldconfig" -p | grep -q "$1" || missing+=("$2"); }
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)

need /usr/include/sqlite3.h libsqlite3-dev  # the journal
need /usr/include/zlib.h zlib1g-dev         # HTTP compression
need /usr/include/c++ libstdc++-12-dev      # BoringSSL is C++
need_library libcurl.so.4 libcurl4          # Foundation's networking, in tests
need_command git git                        # fetches packages
need_command ld binutils
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Missing for the build: ${missing[*]}"
exec "$(dirname "$0")/install-packages.sh" "${missing[@]}"
