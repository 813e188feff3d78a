#!/bin/sh
# demo.sh: says what it should, runs twice at once, and leaves nothing behind,
# also where it fails or is interrupted.
#
#   XDPGATE=BINARY tests/scripts/demo_test.sh
#
# Exit code 77: left out, since it needs root.
set -eu
cd "$(dirname "$0")/../.."

[ "$(id -u)" = 0 ] || { echo "needs root: it loads BPF programs" && exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "demo_test.sh: $*" >&2
  cat "$work"/* >&2
  exit 1
}

# Where a demo would show outside its own namespaces.
traces() {
  for trace in /sys/class/net/internet /run/netns/host \
    /sys/fs/bpf/xdpgate/host /sys/fs/bpf/xdpgate/blocklist; do
    [ ! -e "$trace" ] || echo "$trace"
  done
}
before=$(traces)

# ---- two at once, of different policies ----
./demo.sh >"$work/one" 2>&1 &
first=$!
./demo.sh rules/blocklist.yaml pcaps/scan.pcap >"$work/two" 2>&1 ||
  fail "the second of two demos failed"
wait "$first" || fail "the first of two demos failed"
for said in 'eth0 (native)' '^private-services  *95  *6,390' \
  'foretells the same 15 counters' 'host: detached from eth0'; do
  grep -q "$said" "$work/one" || fail "the demo does not say: $said"
done
grep -q '^hijacked  *30  *2,220' "$work/two" || fail "wrong counts"

# ---- a failure is one ----
if ./demo.sh rules/host-protection.yaml pcaps/none.pcap >"$work/three" 2>&1; then
  fail "a missing capture passed"
fi
if ./demo.sh README.md >"$work/three" 2>&1; then
  fail "a wrong policy passed"
fi

# Whether COMMAND comes true within five seconds.
soon() {
  for _ in $(seq 100); do
    ! "$@" 2>/dev/null || return 0
    sleep 0.05
  done
  return 1
}
group_lives() { kill -0 "-$1"; }
group_is_gone() { ! kill -0 "-$1"; }

# ---- interrupted at several moments ----
for pause in 0.05 0.15 0.25; do
  # In a group of its own, as a terminal's Ctrl-C reaches it; a shell without
  # a terminal lets its background commands ignore that signal.
  env --default-signal=INT setsid ./demo.sh rules/blocklist.yaml \
    pcaps/syn-flood.pcap >"$work/four" 2>&1 &
  demo=$!
  soon group_lives "$demo" || fail "the demo does not start"
  sleep "$pause"
  kill -INT "-$demo"
  ! wait "$demo" || fail "an interrupted demo says that all went well"
  soon group_is_gone "$demo" || fail "the demo outlives its interrupt"
done

after=$(traces)
[ "$after" = "$before" ] || fail "the demo has left: $after"
echo "demo: as it should be"
