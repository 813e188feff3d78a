#!/bin/sh
# Builds xdpgate and runs every test:
#
#   ./test.sh [OPTION OF CTEST...]        for instance: ./test.sh -R Example
#
# As root the kernel tests run for real; without root they are left out, and
# listed. With CI=true a test that was left out is a failure, and warnings of
# the compilers are errors.
set -eu
cd "$(dirname "$0")"

packaging/install-deps.sh --test
packaging/build.sh

log=build/ctest.log
status=build/ctest.status
{
  ctest --preset release --parallel "$(nproc)" --no-tests=error "$@" 2>&1 &&
    echo 0 >"$status" || echo 1 >"$status"
} | tee "$log"

# ctest counts a skipped test as neither passed nor failed.
left_out=$(sed -n 's/^[[:space:]]*[0-9]* - \(.*\) (Skipped)$/\1/p' "$log")
if [ -n "$left_out" ]; then
  echo
  echo "left out: $(echo "$left_out" | wc -l) tests"
  if [ "$(id -u)" != 0 ]; then
    echo "(they load BPF programs: run as root)"
  fi
  if [ "${CI-}" = true ]; then
    echo "test.sh: CI leaves no test out" >&2
    exit 1
  fi
fi
exit "$(cat "$status")"
