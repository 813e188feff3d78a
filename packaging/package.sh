#!/bin/sh
# Makes the Debian package out of a build, and has lintian look at it, whose
# errors fail:
#
#   packaging/package.sh [BUILD_DIR]       build/xdpgate_VERSION-1_ARCH.deb
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
if [ $# = 0 ]; then packaging/build.sh; fi

rm -f "$build"/xdpgate_*.deb
log=$build/cpack.log
if ! (cd "$build" && cpack) >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
package=$(ls "$build"/xdpgate_*.deb)
# CI is root, which lintian asks about. Nothing is uploaded to Debian, so no bug
# there asks for it.
lintian --allow-root --fail-on error --tag-display-limit 0 \
  --suppress-tags initial-upload-closes-no-bugs "$package"
echo "$package"
