#!/bin/bash
# Installs Chromium and its driver from Debian, if they are missing. Needs root, or sudo.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v chromedriver >/dev/null || missing+=(chromium-driver)
"$(dirname "$0")/../../Scripts/install-packages.sh" "${missing[@]}"
command -v chromium chromedriver
