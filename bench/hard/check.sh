#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Checks every hard set with build/xdpgate and prints a table: seconds and
# memory of the whole command without its look for dead rules, and what it says
# of the image.
#
#   bench/hard/check.sh [NAME...]      all sets unless told
set -eu

cd "$(dirname "$0")/../.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

row() {
	printf '%-20s %8s %9s %9s %11s %13s  %s\n' "$@"
}

# The value of a number field of the JSON object in $1.
field() {
	sed -n "s/.*\"$2\": *\\([0-9.]*\\).*/\\1/p" "$1" | head -n 1
}

check() {
	status=0
	/usr/bin/time -f '%e %M' -o "$dir/time" timeout "${LIMIT_S:-300}" \
		build/xdpgate check --json --budget 0 "$dir/$1.yaml" \
		>"$dir/json" 2>"$dir/errors" || status=$?
	# time(1) says first where the command failed.
	read -r seconds kib <<-END
		$(tail -n 1 "$dir/time")
	END
	outcome=ok
	if [ "$status" -ne 0 ]; then
		outcome="exit $status: $(grep -o '"message": *"[^"]*"' \
			"$dir/json" | head -n 1)"
	fi
	row "$1" "$seconds" "$((kib / 1024))" "$(field "$dir/json" build_s)" \
		"$(field "$dir/json" image_bytes)" \
		"$(field "$dir/json" worst_steps)" "$outcome"
}

row set seconds MiB build_s image_bytes worst_steps outcome
# shellcheck disable=SC2046 # one word a name
[ $# -gt 0 ] || set -- $(build/xg_hard_sets list | cut -d ' ' -f 1)
for name; do
	build/xg_hard_sets write "$dir" "$name"
	check "$name"
	rm -f "$dir"/*.yaml "$dir"/*.txt
done
