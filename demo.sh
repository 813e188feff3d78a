#!/bin/sh
# Shows xdpgate at work, as root, on this machine:
#
#   ./demo.sh [POLICY [CAPTURE]]
#
# builds it, joins two network namespaces by a veth pair, puts POLICY (default:
# rules/host-protection.yaml) in force on one end in native mode, sends CAPTURE
# (default: pcaps/mixed.pcapng) into the other, and prints what each rule has
# counted. Then it compares that with what `xdpgate replay` foretells.
#
# It all lives in mount and network namespaces of this very process, with a BPF
# file system of their own: no interface of yours is touched, and nothing is
# left when the demo ends, however it ends. With XDPGATE=FILE that binary is
# used and nothing is installed or built.
set -eu
cd "$(dirname "$0")"

policy=${1:-rules/host-protection.yaml}
capture=${2:-pcaps/mixed.pcapng}

if [ "$(id -u)" != 0 ]; then
  echo "demo.sh: loading BPF programs needs root: sudo ./demo.sh" >&2
  echo "demo.sh: without root, this shows the same policy at work:" >&2
  echo "  build/xdpgate replay --engine native $policy $capture" >&2
  exit 3
fi

if [ -z "${XDPGATE-}" ]; then
  packaging/install-deps.sh
  packaging/build.sh xdpgate
  XDPGATE=build/xdpgate
fi
export XDPGATE
exec unshare --mount --net --propagation private \
  packaging/demo-traffic.sh "$policy" "$capture"
