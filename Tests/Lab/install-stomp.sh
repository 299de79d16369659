#!/bin/bash
# Installs a STOMP client that others wrote into .lab/stomp: stomp.py, from PyPI. Needs root, or sudo, if python3 has no venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
# A change of versions is a new installation.
packages=(stomp.py==9.0.0 websocket-client==1.9.2 docopt-ng==0.9.0)
[ "$(cat .lab/stomp/complete 2>/dev/null)" != "${packages[*]}" ] || exit 0
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends python3 python3-venv
fi
rm -rf .lab/stomp
python3 -m venv .lab/stomp
.lab/stomp/bin/python3 -m pip install --quiet --disable-pip-version-check --no-deps "${packages[@]}"
echo "${packages[*]}" >.lab/stomp/complete
