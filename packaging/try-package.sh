#!/bin/sh
# Installs a package on a clean Debian 12 root, uses it there, and takes it off:
#
#   packaging/try-package.sh build/xdpgate_VERSION-1_ARCH.deb [ROOT]
#
# ROOT is a folder with such a root (debootstrap --variant=minbase), which stays
# as it is; without it one is made, which takes some minutes. Needs root and the
# network; runs in a mount namespace of its own, and touches no interface.
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
  bash-completion/completions/xdpgate zsh/vendor-completions/_xdpgate \
  fish/vendor_completions.d/xdpgate.fish xdpgate/grafana-dashboard.json \
  xdpgate/prometheus-alerts.yml doc/xdpgate/operations.md \
  doc/xdpgate/copyright doc/xdpgate/changelog.Debian.gz; do
  [ -s "$root/usr/share/$file" ] || fail "/usr/share/$file is not there"
done

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
