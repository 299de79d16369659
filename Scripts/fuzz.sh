#!/bin/bash
# Feeds what reads bytes from outside with mutations of a kept corpus (libFuzzer), each for a while. usage: fuzz.sh [SECONDS]
#
# What is found is put into .build/fuzz: mend the reader, and add the file to Fuzzing/Corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
out=.build/fuzz
flags=(-O -sanitize=fuzzer -parse-as-library -swift-version 6 -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility -suppress-warnings)
compiler=${SWIFTC:-swiftc}
swift=${SWIFT:-swift}
# The servers' data folders, which nobody needs afterwards.
export TMPDIR=$PWD/$out/tmp
trap 'rm -rf "$TMPDIR"' EXIT
mkdir -p "$TMPDIR"

module() { # NAME: compiles a module that imports nothing of ours but those before it
  "$compiler" "${flags[@]}" -wmo -emit-module -emit-module-path "$out/$1.swiftmodule" -module-name "$1" -I $out \
    -c Sources/"$1"/*.swift -o "$out/$1.o"
}
fuzzer() { # NAME SOURCE…
  local name=$1
  shift
  "$compiler" "${flags[@]}" -module-name Fuzzing -I $out "$@" $out/*.o -o "$out/$name"
}
# What needs the whole server is built by the package manager, with all that it depends on, and linked here.
server_fuzzers() { # NAME…: the same program, which goes by its name
  local build=(build --sanitize fuzzer --package-path Fuzzing/Server --scratch-path .build-fuzz)
  "$swift" "${build[@]}" --target ServerFuzzing
  find "$("$swift" "${build[@]}" --show-bin-path)"/*.build -name '*.o' -printf '"%p"\n' >"$out/server-objects"
  for name in "$@"; do
    "$compiler" -sanitize=fuzzer @"$out/server-objects" -lsqlite3 -lz -lstdc++ -o "$out/$name"
  done
}
run() { # NAME [OPTION…]: for a while, from the kept corpus on; new inputs go to a folder of their own
  local name=$1
  shift
  mkdir -p "$out/found/$name"
  echo "fuzzing: $name for $seconds s"
  if ! SWIFT_BACKTRACE=enable=no "$out/$name" "$out/found/$name" "Fuzzing/Corpus/$name" -max_total_time="$seconds" \
    -timeout=5 -rss_limit_mb=1024 -artifact_prefix="$out/$name-" "$@" >"$out/$name.log" 2>&1; then
    grep -am 5 'Fatal error\|failed: \|ERROR: ' "$out/$name.log" || true
    tail -30 "$out/$name.log"
    echo "fuzzing: $name has found something: $out/$name-*" >&2
    return 1
  fi
  tail -1 "$out/$name.log"
}

module CSTA
module STOMP
fuzzer events Fuzzing/EventFuzzing.swift
fuzzer asterisk Fuzzing/AsteriskFuzzing.swift Sources/AsteriskSwitch/ARIMessage.swift
fuzzer stomp Fuzzing/StompFuzzing.swift
server_fuzzers http websocket
run events -max_len=4096
run asterisk -max_len=4096
run stomp -max_len=2048
run http -max_len=4096
run websocket -max_len=4096
