#!/bin/sh
# Installs what building (and with --test, testing) xdpgate needs from Debian.
# Says what it would install and fails where it is not root.
set -eu

build="clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libpcap-dev
  libyaml-cpp-dev libcli11-dev libfmt-dev nlohmann-json3-dev libxxhash-dev
  libgtest-dev libgmock-dev pkg-config ninja-build cmake g++"
run="iproute2 tcpreplay"
test="nftables tcpdump iputils-ping"

wanted="$build $run"
[ "${1-}" = --test ] && wanted="$wanted $test"

missing=""
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
    grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "$0: missing:$missing; run as root: apt-get install$missing" >&2
  exit 3
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $missing >/dev/null
