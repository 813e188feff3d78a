#!/bin/sh
# Installs what building xdpgate (and with --test, testing it; with --fuzz,
# fuzzing it; with --bench, comparing it with its peers; with --vm, the machine
# of tests/vm/run) needs from Debian 12. Does nothing where nothing is missing;
# without root it says what is, and exits with 3.
set -eu

build="clang llvm bpftool libbpf-dev libxdp-dev libnl-genl-3-dev libelf-dev zlib1g-dev libpcap-dev
  libyaml-cpp-dev libcli11-dev libfmt-dev nlohmann-json3-dev libxxhash-dev libzstd-dev
  libncurses-dev prometheus-cpp-dev libsystemd-dev libgtest-dev libgmock-dev
  pkg-config ninja-build cmake g++ go-md2man"
run="iproute2 tcpreplay"
test="zsh fish man-db nftables tcpdump tshark ethtool tmux iputils-ping valgrind python3
  python3-yaml python3-jsonschema xz-utils prometheus lintian systemd"
fuzz="clang-19 llvm-19 libclang-rt-19-dev"
vm="qemu-system-x86 busybox-static cpio kmod xdp-tools iproute2 ethtool iputils-ping bpftool tcpdump"
bench="nftables xdp-tools ethtool gnuplot-nox python3 xz-utils"

case "${1-}" in
  "") wanted="$build $run" ;;
  --test) wanted="$build $run $test" ;;
  --fuzz) wanted="$build $run $fuzz" ;;
  --bench) wanted="$build $run $bench" ;;
  --vm) wanted="$vm" ;;
  *)
    echo "usage: $0 [--test|--fuzz|--bench|--vm]" >&2
    exit 2
    ;;
esac

missing=""
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
    grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "$0: missing:$missing" >&2
  echo "$0: run as root: apt-get install --no-install-recommends$missing" >&2
  exit 3
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# Tests start what they need themselves: no package starts a service.
if [ -w /usr/sbin ] && [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod +x /usr/sbin/policy-rc.d
fi
# The lists of packages may be old or missing; a mirror may be down for a
# moment, which apt tries again by itself.
apt-get -o Acquire::Retries=3 update -qq
# shellcheck disable=SC2086 # a list of words
apt-get -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install -y -qq \
  --no-install-recommends $missing >/dev/null
