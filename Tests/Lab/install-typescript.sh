#!/bin/bash
# Installs the TypeScript compiler from Debian, if it is missing. Needs root, or sudo.
set -euo pipefail
missing=()
command -v tsc >/dev/null || missing+=(node-typescript)
"$(dirname "$0")/../../Scripts/install-packages.sh" "${missing[@]}"
command -v tsc
