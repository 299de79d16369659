#!/bin/bash
# The lab's Asterisk by hand: ast.sh start | stop | kill9 | pid | cli COMMAND…     LAB_NET: 127.40.0
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
export LAB_NET=${LAB_NET:-127.40.0}
root=${LAB_ROOT:-$checkout/.lab/asterisk/root}
run=${LAB_RUN:-$checkout/.lab/run/$LAB_NET}
asterisk=$run/asterisk
pid() { cat "$run/run/asterisk.pid" 2>/dev/null; }
case ${1:-} in
  start)
    "$here/mkconf.sh" "$root" "$run"
    setsid "$asterisk" -f -n > "$run/log/stdout" 2>&1 < /dev/null &
    for _ in $(seq 100); do
      "$asterisk" -rx 'core waitfullybooted' 2>/dev/null | grep -q 'fully booted' && exit 0
      sleep 0.1
    done
    exit 1 ;;
  stop) "$asterisk" -rx 'core stop now' ;;
  kill9) kill -9 "$(pid)" ;;
  pid) pid ;;
  cli) shift; "$asterisk" -rx "$*" ;;
  *) sed -n 2p "$0" >&2; exit 2 ;;
esac
