#!/bin/bash
# Builds everything, runs all tests, and says which were skipped. Keeps the logs in .build.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
mkdir -p .build

# A build from scratch shows all warnings there are; Scripts/warnings.sh then need not build again.
rm -f .build/warnings.complete
[ -e .build/debug ] || fresh=yes
"$swift" build --build-tests 2>&1 | tee .build/build.log
[ -z "${fresh:-}" ] || touch .build/warnings.complete

# A small file system for the test of a full disk, where one may be mounted.
if [ -z "${RINGSIDE_SMALL_FILE_SYSTEM:-}" ] && [ "$(id -u)" = 0 ]; then
  small=$(mktemp -d)
  if mount -t tmpfs -o size=32m none "$small" 2>/dev/null; then
    export RINGSIDE_SMALL_FILE_SYSTEM=$small
    trap 'umount "$small"; rmdir "$small"' EXIT
  else
    rmdir "$small"
  fi
fi

# Tests that start programs run apart from those that open sockets by the thousand: Foundation waits for programs by select(2),
# which knows no file descriptor above 1023. A run that hangs is ended, so that it is seen which.
longest_run=20m
status=0
: >.build/test.log
run() {
  timeout --kill-after=10s "$longest_run" "$swift" test --skip-build "$@" 2>&1 | tee -a .build/test.log || {
    status=$?
    [ "$status" != 124 ] || echo "The tests $* were ended after $longest_run."
  }
}
run --skip 'JournalTests|AsteriskSwitchTests|RingsideServerTests|SimulationTests'
# Alone: it computes for minutes, and whoever waits for a socket beside it would wait too long.
run --filter SimulationTests
run --filter JournalTests
# One after the other: phones and switches in real time, several at once, would make a slow machine late.
run --no-parallel --filter AsteriskSwitchTests
run --no-parallel --filter RingsideServerTests
echo
if grep -aE '^. (Test|Suite) .* skipped' .build/test.log >.build/skipped.log; then
  echo "Skipped:"
  sed 's/^/  /' .build/skipped.log
else
  echo "Nothing was skipped."
fi
grep -aE 'Test run with [0-9]+ tests?' .build/test.log || true
exit $status
