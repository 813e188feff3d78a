#!/bin/sh
# Builds xdpgate (Release, in build/), or only the TARGETs named, quietly where
# all goes well:
#
#   packaging/build.sh [TARGET...]
set -eu
cd "$(dirname "$0")/.."

log=build/build.log
mkdir -p build
exec 9>build/.lock # a second build waits for the first
flock 9

configure() {
  if [ "${CI-}" = true ]; then
    cmake --preset release -DXDPGATE_WERROR=ON
  else
    cmake --preset release
  fi
}

start=$(date +%s)
echo "building (log: $log)"
if ! { configure && cmake --build --preset release ${1:+--target "$@"}; } \
  >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "build.sh: the build failed; all of its output is in $log" >&2
  exit 1
fi
echo "built in $(($(date +%s) - start)) s"
