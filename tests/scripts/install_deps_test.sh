#!/bin/sh
# packaging/install-deps.sh: asks apt for nothing where nothing is missing, for
# what is missing as root, and names it without root.
set -eu
script=$(cd "$(dirname "$0")/../../packaging" && pwd)/install-deps.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "install_deps_test.sh: $*" >&2
  exit 1
}

# A machine of our own: $lacking is not installed, $user runs the script.
mkdir "$work/bin"
cat >"$work/bin/dpkg-query" <<'END'
#!/bin/sh
for package; do :; done
case " $lacking " in
  *" $package "*) exit 1 ;;
  *) printf 'install ok installed' ;;
esac
END
cat >"$work/bin/id" <<'END'
#!/bin/sh
echo "$user"
END
cat >"$work/bin/apt-get" <<'END'
#!/bin/sh
echo "$*" >>"$asked"
END
chmod +x "$work"/bin/*
export asked="$work/asked"

# run USER MISSING [OPTION]: output in $work/said, exit code printed.
run() {
  : >"$asked"
  env PATH="$work/bin:$PATH" user="$1" lacking="$2" \
    "$script" ${3+"$3"} >"$work/said" 2>&1 && echo 0 || echo $?
}

[ "$(run 0 '')" = 0 ] || fail "fails where nothing is missing"
[ ! -s "$asked" ] || fail "asks apt for nothing"
[ "$(run 1000 '')" = 0 ] || fail "wants root where nothing is missing"
[ "$(run 0 nftables)" = 0 ] || fail "fails for what only tests need"
[ ! -s "$asked" ] || fail "installs for tests without --test"
[ "$(run 0 'clang nftables' --test)" = 0 ] || fail "does not install"
grep -q 'install .*clang.*nftables' "$asked" || fail "wrong: $(cat "$asked")"
[ "$(run 1000 'clang cmake')" = 3 ] || fail "goes on without root"
[ ! -s "$asked" ] || fail "asks apt without root"
grep -q 'apt-get install .*clang.*cmake' "$work/said" ||
  fail "does not say what is missing"
[ "$(run 0 '' --tests)" = 2 ] || fail "takes any option"
