#!/bin/bash
# Installs the lab for the tests: Asterisk and Python tools into .lab, phones and a browser on the machine. Without it those
# tests are skipped, so a failure here is told and is no failure of the tests.
set -uo pipefail
[ "${LAB:-yes}" != no ] || { echo "The lab is left out: LAB=no."; exit 0; }
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "The lab needs Linux on x86_64: its tests are skipped."; exit 0; }
cd "$(dirname "$0")/.."

for part in asterisk phones python browser typescript; do
  if ! log=$("Tests/Lab/install-$part.sh" </dev/null 2>&1); then
    echo "The lab's $part cannot be installed: the tests that need it are skipped. The end of what was said:"
    tail -5 <<<"$log" | sed 's/^/  /'
  fi
done
