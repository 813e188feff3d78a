#!/bin/sh
# The Debian package: lintian finds no error, and it holds what it should.
#
#   tests/scripts/package_test.sh BUILD_DIR
set -eu
build=$1
packaging=$(cd "$(dirname "$0")/../../packaging" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "package_test.sh: $*" >&2
  exit 1
}

for tool in lintian systemd-analyze; do
  command -v $tool >/dev/null || { echo "no $tool" && exit 77; }
done
"$packaging/package.sh" "$build" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
package=$(tail -n 1 "$work/said")
dpkg-deb -R "$package" "$work/package"
cd "$work/package"

for library in libbpf1 libpcap0.8 libprometheus-cpp-pull1.0 libsystemd0; do
  grep -q "^Depends: .*$library" DEBIAN/control || fail "does not ask for $library"
done
# Nothing of the source tree or of who has built it.
if grep -rl "$(dirname "$packaging")" . >"$work/said"; then
  fail "names the source tree: $(cat "$work/said")"
fi
usr/sbin/xdpgate test usr/share/doc/xdpgate/examples/rules/blocklist.yaml \
  >"$work/said" || fail "$(cat "$work/said")"

unit=lib/systemd/system/xdpgate.service
grep -q '^ExecStart=/usr/sbin/xdpgate daemon' $unit || fail "wrong binary"
systemd-analyze security --offline=true --threshold=25 $unit >"$work/said" ||
  fail "the unit is too exposed: $(tail -n 1 "$work/said")"
