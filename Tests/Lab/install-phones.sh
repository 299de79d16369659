#!/bin/bash
# Installs baresip and SIPp from Debian, if they are missing. Needs root, or sudo.
set -euo pipefail
missing=()
command -v baresip >/dev/null || missing+=(baresip-core)
command -v sipp >/dev/null || missing+=(sip-tester)
command -v python3 >/dev/null || missing+=(python3)
"$(dirname "$0")/../../Scripts/install-packages.sh" "${missing[@]}"
command -v baresip sipp python3
