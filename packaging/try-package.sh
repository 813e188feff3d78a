#!/bin/sh
# Installs a package on a clean Debian 12 root, uses it there, and takes it off:
#
#   packaging/try-package.sh build/xdpgate_VERSION-1_ARCH.deb [ROOT]
#
# ROOT is a folder with such a root (debootstrap --variant=minbase), which stays
# as it is; without it one is made, which takes some minutes. Needs root and the
# network; runs in namespaces of its own, and touches no interface of the host.
set -eu
package=$(realpath "$1")
given=${2-}

if [ "${XDPGATE_TRY-}" != inside ]; then
  exec env XDPGATE_TRY=inside unshare --mount "$0" "$@"
fi
mount --make-rprivate /
work=$(mktemp -d)
trap 'umount -R "$work" && rmdir "$work"' EXIT
mount -t tmpfs tmpfs "$work"
root=$work/root
mkdir "$work/base" "$work/changes" "$work/work" "$root"

fail() {
  echo "try-package.sh: $*" >&2
  exit 1
}
say() { echo "==> $*"; }
inside() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

if [ -n "$given" ]; then
  mount --bind "$given" "$work/base"
else
  say "debootstrap --variant=minbase bookworm"
  debootstrap --variant=minbase bookworm "$work/base" >"$work/log" ||
    { tail "$work/log" >&2 && exit 1; }
fi
mount -t overlay overlay "$root" -o \
  "lowerdir=$work/base,upperdir=$work/changes,workdir=$work/work"
mount -t proc proc "$root/proc"
cp "$package" "$root/package.deb"
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"

say "apt-get install ./package.deb"
inside apt-get -qq update
inside apt-get -qq install -y --no-install-recommends /package.deb \
  >"$work/log" 2>&1 || { tail "$work/log" >&2 && fail "it does not install"; }
inside dpkg-query -W -f '${Package} ${Version}: ${Status}\n' xdpgate
inside dpkg --verify xdpgate
[ -L "$root/etc/systemd/system/multi-user.target.wants/xdpgate.service" ] ||
  fail "the service is not enabled"

say "xdpgate in there"
inside xdpgate --version
examples=/usr/share/doc/xdpgate/examples
inside xdpgate test $examples/rules/blocklist.yaml
inside xdpgate replay --engine native $examples/rules/blocklist.yaml \
  $examples/pcaps/scan.pcap | tail -n 1
for file in man/man1/xdpgate.1.gz man/man5/xdpgate-policy.5.gz \
  man/man7/xdpgate-operations.7.gz \
  bash-completion/completions/xdpgate zsh/vendor-completions/_xdpgate \
  fish/vendor_completions.d/xdpgate.fish xdpgate/grafana-dashboard.json \
  xdpgate/prometheus-alerts.yml doc/xdpgate/operations.md \
  doc/xdpgate/copyright doc/xdpgate/changelog.Debian.gz; do
  [ -s "$root/usr/share/$file" ] || fail "/usr/share/$file is not there"
done

# The service under systemd, as the package starts it: in namespaces of its own,
# with a network of its own and pins that nobody else sees.
say "the service under systemd"
inside apt-get -qq install -y --no-install-recommends systemd iproute2 \
  >"$work/log" 2>&1 || { tail "$work/log" >&2 && fail "no systemd"; }
cat >"$root/etc/xdpgate/edge.yaml" <<'END'
version: 1
interfaces: [v1]
sets: {bad: {type: address, dynamic: true, size: 64}}
rules:
  - {name: bad, match: {src: "@bad"}, action: drop}
END
cat >"$root/try.sh" <<'END'
set -eu
exec >/said 2>&1
# wait_for PATTERN COMMAND...: until what it says matches.
wait_for() {
  pattern=$1
  shift
  for i in $(seq 100); do
    if "$@" 2>&1 | grep -q "$pattern"; then return; fi
    sleep 0.2
  done
  echo "FAILED: no \`$pattern\` of $*:"
  "$@" || true
  systemctl status xdpgate || true
  exit 1
}
journal() { journalctl --sync; journalctl -o cat "$@"; }
wait_for 'generation 1 in force on v1 (native)' journal XDPGATE_FILTER=edge
systemctl show -p ActiveState,StatusText xdpgate
echo '  - {name: more, action: count}' >>/etc/xdpgate/edge.yaml
wait_for 'generation 2 in force' journal XDPGATE_EVENT=applied
xdpgate set add bad 192.0.2.1
systemctl reload xdpgate
wait_for 'generation 2 stays in force' journal XDPGATE_EVENT=applied
ip link del v1
wait_for 'v1 is not filtered' journal XDPGATE_INTERFACE=v1
ip link add v0 type veth peer name v1
wait_for 'v1 is back and filtered' journal XDPGATE_EVENT=attached
systemctl kill --signal=KILL xdpgate
wait_for 'NRestarts=1' systemctl show -p NRestarts xdpgate
wait_for 'ActiveState=active' systemctl show -p ActiveState xdpgate
systemctl stop xdpgate
xdpgate status | grep 'edge: generation 2'
systemd-analyze security xdpgate | tail -n 1
echo WELL
END
cat >"$root/etc/systemd/system/try.service" <<'END'
[Unit]
DefaultDependencies=no
After=xdpgate.service
Wants=systemd-journald.service xdpgate.service
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
ExecStart=/bin/sh /try.sh
END
cat >"$work/boot" <<'END'
set -e
root=$1
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t bpf -o mode=0700 bpf "$root/sys/fs/bpf"
mount -t tmpfs tmpfs "$root/run"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
ip link set lo up
ip link add v0 type veth peer name v1
export container=try-package
exec chroot "$root" /lib/systemd/systemd --unit=try.service \
  --show-status=no --log-level=warning
END
timeout 120 unshare --pid --fork --kill-child --mount --net --uts --ipc --cgroup \
  sh "$work/boot" "$root" >"$work/log" 2>&1 || true
cat "$root/said" 2>/dev/null || cat "$work/log"
grep -q '^WELL$' "$root/said" || fail "the service does not do well"
rm "$root/etc/xdpgate/edge.yaml"

say "what is edited stays, what is removed goes"
echo 'XDPGATE_OPTIONS="--listen none"' >"$root/etc/default/xdpgate"
echo 'version: 1' >"$root/etc/xdpgate/edge.yaml"
inside dpkg --install /package.deb >"$work/log" 2>&1 ||
  { cat "$work/log" >&2 && fail "it does not install again"; }
grep -q 'listen none' "$root/etc/default/xdpgate" || fail "options were lost"
inside dpkg --purge xdpgate >"$work/log" 2>&1 ||
  { cat "$work/log" >&2 && fail "it does not go"; }
[ -s "$root/etc/xdpgate/edge.yaml" ] || fail "a policy was removed"
for path in usr/sbin/xdpgate etc/default/xdpgate lib/systemd/system/xdpgate.service \
  etc/systemd/system/multi-user.target.wants/xdpgate.service; do
  [ ! -e "$root/$path" ] && [ ! -L "$root/$path" ] || fail "/$path stays"
done
say "well"
