#!/bin/sh
# The inside of demo.sh: runs in mount and network namespaces of its own, which
# end with it and take everything below along.
#
#   XDPGATE=BINARY packaging/demo-traffic.sh POLICY CAPTURE
set -eu
policy=$1
capture=$2

# 239 frames arrive in a moment, and no queue on the way overflows.
packets_per_second=2000

# ---- the stage: this namespace is the internet, the other one the host ----
# Its handle lies in a /run that nobody else sees.
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t bpf -o mode=0700 bpf /sys/fs/bpf
mkdir -p /run/netns
ip netns add host
on_host() { nsenter --net=/run/netns/host "$@"; }

# Without IPv6 of their own the two kernels say nothing of themselves, so that
# every packet counted is one of the capture.
quiet='echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
[ ! -d /proc/sys/net/ipv6 ] || { sh -c "$quiet" && on_host sh -c "$quiet"; }

ip link add internet type veth peer name eth0 netns host
ip link set internet up
ip -n host link set eth0 up

# ---- the play ----
xdpgate() {
  echo "==> xdpgate $*"
  on_host "$XDPGATE" "$@"
}

xdpgate apply "$policy" -i eth0 --mode native
echo
xdpgate status
echo
echo "==> tcpreplay -i internet $capture"
tcpreplay -q --pps "$packets_per_second" -i internet "$capture" >/run/sent 2>&1 ||
  { cat /run/sent >&2 && exit 1; }
sed -n 's/^Actual: \([0-9]* packets ([0-9]* bytes)\).*/\1 sent/p' /run/sent
echo
xdpgate stats --nonzero
echo

# ---- the proof: the same capture judged without a network ----
# Lines of counters: what counts, packets, bytes.
counters() {
  awk 'NR > 2 { n = ($1 == "=" || $1 == "(malformed)") + 3
                for (i = 1; i < n; ++i) printf "%s ", $i
                print $n }' | grep -v ' 0 0$' | sort
}
"$XDPGATE" replay --engine native -i eth0 "$policy" "$capture" |
  counters >/run/foretold
on_host "$XDPGATE" stats --nonzero | counters >/run/counted
if ! cmp -s /run/foretold /run/counted; then
  echo "demo.sh: replay foretold other counts:" >&2
  diff /run/foretold /run/counted >&2 || true
  exit 1
fi
echo "xdpgate replay foretells the same $(wc -l </run/counted) counters."
echo
xdpgate detach eth0
