#!/bin/sh
# What `cmake --install` puts under a prefix works by itself: with no command in
# reach, no compiler for instance, and away from the source tree.
#
#   tests/scripts/install_test.sh BUILD_DIR
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "install_test.sh: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$work/prefix" >"$work/log"
captures=$(cd "$(dirname "$0")/../../pcaps" && pwd)
cd "$work/prefix"
rules=share/doc/xdpgate/rules
alone() { env -i PATH=/nowhere sbin/xdpgate "$@"; }

for policy in "$rules"/*.yaml; do
  for command in check test; do
    alone "$command" "$policy" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
  done
done
for document in README.md policy.md commands.md LICENSE; do
  [ -s "share/doc/xdpgate/$document" ] || fail "$document is not installed"
done
for file in man/man1/xdpgate.1 man/man5/xdpgate-policy.5 \
  man/man7/xdpgate-operations.7 \
  bash-completion/completions/xdpgate zsh/site-functions/_xdpgate \
  fish/vendor_completions.d/xdpgate.fish; do
  [ -s "share/$file" ] || fail "$file is not installed"
done
if command -v man >/dev/null; then
  for page in man1/xdpgate.1:explain man5/xdpgate-policy.5:dst_port \
    man7/xdpgate-operations.7:xdpgate_filter_up; do
    LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "share/man/${page%:*}" \
      2>"$work/said" |
      grep -q "${page#*:}" || fail "${page%:*} cannot be read"
    [ ! -s "$work/said" ] || fail "${page%:*}: $(cat "$work/said")"
  done
fi
alone replay --engine native "$rules/blocklist.yaml" "$captures/scan.pcap" |
  grep -q '^hijacked  *30 ' || fail "replay counts otherwise"
if [ "$(id -u)" = 0 ]; then
  alone replay "$rules/blocklist.yaml" "$captures/scan.pcap" |
    grep -q '^hijacked  *30 ' || fail "the embedded program counts otherwise"
fi
