#!/bin/bash
# Installs test tools from PyPI into .lab/python, those of requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! cmp -s Tests/Lab/requirements.txt .lab/python/installed; then
  rm -rf .lab/python
  mkdir -p .lab
  if ! python3 -m venv .lab/python; then
    # Debian keeps it apart.
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends python3-venv
    rm -rf .lab/python
    python3 -m venv .lab/python
  fi
  .lab/python/bin/pip install --quiet --disable-pip-version-check -r Tests/Lab/requirements.txt
  cp Tests/Lab/requirements.txt .lab/python/installed
fi
