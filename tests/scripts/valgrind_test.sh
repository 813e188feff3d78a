#!/bin/sh
# The commands that need no privilege, under valgrind: no read of what was never
# written, no access beyond what was allocated, nothing left behind.
#
#   XDPGATE=BINARY tests/scripts/valgrind_test.sh
#
# Exit code 77: left out, since valgrind is missing or the build has sanitizers.
set -eu
cd "$(dirname "$0")/../.."

command -v valgrind >/dev/null || { echo "needs valgrind" && exit 77; }
if nm -D "$XDPGATE" | grep -q __asan_init; then
  echo "a build with sanitizers does not run under valgrind"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Without the privilege for the kernel's program: valgrind knows too little of
# what bpf(2) reads and writes.
unprivileged=
[ "$(id -u)" != 0 ] || unprivileged="setpriv --bounding-set -all"

# Runs the tool; $1 is the exit code that is right.
clean() {
  wanted=$1
  shift
  code=0
  $unprivileged valgrind --quiet --error-exitcode=99 --leak-check=full \
    --errors-for-leak-kinds=definite,possible \
    "$XDPGATE" "$@" >"$work/out" 2>"$work/err" || code=$?
  [ "$code" = "$wanted" ] && return
  echo "valgrind_test.sh: xdpgate $*: exit code $code, not $wanted" >&2
  cat "$work/err" >&2
  exit 1
}

policy=rules/host-protection.yaml
cat >"$work/new.yaml" <<END
version: 1
name: new
default: drop
sets:
  banned: {type: address, dynamic: true, size: 16}
  listed: {type: address, elements: [192.0.2.0/24, "2001:db8::/32"]}
rules:
  - {name: banned, match: {src: "@banned"}, action: drop}
  - {name: listed, match: {src: "@listed", dst_port: {not: 80}}, action: drop}
  - name: guesses
    match: {protocol: tcp, dst_port: ssh, tcp_flags: "syn/syn,ack"}
    limit: {rate: 6/m, burst: 6, per: src}
    action: pass
    ban: {set: banned, for: 1h}
  - {name: magic, match: {payload: {at: l4, offset: 8, bytes: "0102"}}, action: reject}
END
printf 'version: 1\nrules:\n  - {nme: x, match: {src: 1.2.3}}\n' >"$work/bad.yaml"

clean 0 check --budget 1 --json "$policy"
clean 0 check --budget 1 "$work/new.yaml"
clean 1 check "$work/bad.yaml"
clean 0 test "$policy"
clean 0 explain --json "$work/new.yaml" "tcp 192.0.2.1:1000 > 198.51.100.1:22 syn"
clean 0 explain "$work/new.yaml" --pcap pcaps/fragments.pcap --frame 1
clean 2 explain "$work/new.yaml" "tcp 192.0.2.1 >"
clean 0 replay --engine native "$work/new.yaml" pcaps/malformed.pcap \
  pcaps/mixed.pcapng --packets --pass "$work/pass.pcap" --drop "$work/drop.pcap"
clean 3 replay --engine native "$work/new.yaml" "$work/bad.yaml"
clean 0 diff --budget 2 "$policy" "$work/new.yaml"
clean 0 suggest pcaps/udp.pcap
clean 0 schema
