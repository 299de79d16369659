#!/bin/bash
# Installs Debian packages, as root or by sudo. usage: install-packages.sh PACKAGE…
set -euo pipefail
[ $# -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null; then
  echo "There is no apt-get here to install them: install what corresponds to these Debian packages: $*" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Run this as root: apt-get install $*" >&2
    exit 1
  fi
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@" </dev/null
