#!/bin/bash
# Fails if the compiler warns about a file of ours. Warnings of dependencies are not ours to mend.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}

if [ ! -e .build/warnings.complete ]; then
  # The compiler warns only about what it compiles: ours all anew, the dependencies as they are.
  find Sources Tests -name '*.swift' -exec touch {} +
  mkdir -p .build
  "$swift" build --build-tests >.build/build.log 2>&1 || { tail -40 .build/build.log; exit 1; }
fi
root=$(pwd -P)
if grep -aE "^$root/(Sources|Tests)/.*: warning: " .build/build.log | sort -u >.build/warnings.log; then
  cat .build/warnings.log
  echo "warnings: $(wc -l <.build/warnings.log)" >&2
  exit 1
fi
echo "warnings: none"
