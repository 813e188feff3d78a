#!/bin/sh
# test.sh: fails where ctest fails, lists tests that were left out, and fails
# for them in CI.
set -eu
script=$(cd "$(dirname "$0")/../.." && pwd)/test.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "test_script_test.sh: $*; it said:" >&2
  cat "$work/said" >&2
  exit 1
}

# A tree whose ctest says $report and ends with $code.
mkdir -p "$work/tree/packaging" "$work/tree/build" "$work/bin"
cp "$script" "$work/tree/test.sh"
for stub in packaging/install-deps.sh packaging/build.sh; do
  printf '#!/bin/sh\n' >"$work/tree/$stub"
done
# shellcheck disable=SC2016 # for the stub to expand
printf '#!/bin/sh\necho "$report"\nexit "$code"\n' >"$work/bin/ctest"
chmod +x "$work"/tree/packaging/* "$work"/bin/*

# run CI CODE REPORT: exit code printed.
run() {
  env PATH="$work/bin:$PATH" CI="$1" code="$2" report="$3" \
    "$work/tree/test.sh" >"$work/said" 2>&1 && echo 0 || echo $?
}

passed='100% tests passed, 0 tests failed out of 2'
skipped="$passed
The following tests did not run:
	 49 - Program.LoadsInTheKernel (Skipped)
	 50 - Demo (Skipped)"

[ "$(run '' 0 "$passed")" = 0 ] || fail "fails where all passed"
[ "$(run true 0 "$passed")" = 0 ] || fail "fails in CI where all passed"
[ "$(run '' 8 '50% tests passed')" != 0 ] || fail "passes where a test failed"
[ "$(run '' 0 "$skipped")" = 0 ] || fail "fails for skipped tests"
grep -q 'left out: 2 tests' "$work/said" || fail "does not count the skipped"
[ "$(run true 0 "$skipped")" != 0 ] || fail "CI passes with skipped tests"
