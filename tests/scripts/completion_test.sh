#!/bin/bash
# The completion scripts: each shell that is here takes its own, and bash
# completes commands, options and files by it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
  echo "completion_test.sh: $*" >&2
  exit 1
}

for shell in bash zsh fish; do
  "$XDPGATE" completion "$shell" >"$shell.script"
  command -v "$shell" >/dev/null || continue
  "$shell" -n "$shell.script" || fail "$shell refuses its script"
done

touch policy.yaml
. ./bash.script
complete_words() { # what bash offers for the last of the words
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  COMPREPLY=()
  _xdpgate
  echo "${COMPREPLY[*]}"
}
expect() { # EXPECTED WORD...
  local expected=$1 got
  shift
  got=$(complete_words "$@")
  [ "$got" = "$expected" ] || fail "$*: \`$got\`, not \`$expected\`"
}
expect explain xdpgate expl
expect "--version" xdpgate --v
expect "--junit --json" xdpgate test policy.yaml --j
expect policy.yaml xdpgate check pol
expect policy.yaml xdpgate replay --pass pol
expect "" xdpgate stats --name pol
for command in $("$XDPGATE" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  grep -q "$command" zsh.script || fail "zsh does not know $command"
  grep -q "__fish_seen_subcommand_from $command" fish.script ||
    fail "fish does not know $command"
done
if command -v fish >/dev/null; then
  fish -c 'source fish.script; complete -C "xdpgate expl"' | grep -q '^explain' ||
    fail "fish does not complete"
  fish -c 'source fish.script; complete -C "xdpgate test --ju"' |
    grep -q '^--junit' || fail "fish does not complete options"
fi
