#!/bin/bash
# Installs test tools from PyPI into .lab/python, as Tests/Lab/requirements.txt pins them.
# Needs root, or sudo, if Debian's python3-venv is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
requirements=Tests/Lab/requirements.txt
cmp -s "$requirements" .lab/python/requirements.txt && exit 0
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  Scripts/install-packages.sh python3 python3-venv
fi
rm -rf .lab/python
python3 -m venv .lab/python
.lab/python/bin/pip install --quiet --disable-pip-version-check --requirement "$requirements"
# Last, so that an interrupted installation is begun anew.
cp "$requirements" .lab/python/requirements.txt
