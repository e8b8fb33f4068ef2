#!/bin/sh
# Judges the rpm packages with rpmlint, and installs, replaces and removes one
# with rpm in a fresh root. Usage: test-rpm.sh FOLDER ROOT.tar, as root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

echo "== rpm: rpmlint"
# The names in the packages' archives are absolute, as nfpm writes them, and rpmlint unpacks
# by a cpio that follows them: as root it would put the package onto this machine.
mkdir "$work/bin"
printf '#!/bin/sh\nexec %s --no-absolute-filenames "$@"\n' "$(command -v cpio)" >"$work/bin/cpio"
chmod +x "$work/bin/cpio"
for rpm in "$1"/*.rpm; do
	rpm --dbpath "$work/db" -K --nosignature "$rpm" >"$work/said" || { cat "$work/said" >&2; fail "$rpm: digests"; }
	PATH=$work/bin:$PATH rpmlint -c "$here/redhat/rpmlint.toml" "$rpm" >"$work/said" 2>&1 || { cat "$work/said" >&2; fail "rpmlint: $rpm"; }
	tail -1 "$work/said"
done

echo "== rpm: installed, replaced and removed in a fresh root"
root=$work/root
mkdir "$root"
tar xpf "$2" -C "$root"
package=$(echo "$1"/netifyd-*.x86_64.rpm)
# The root is Debian's: what its packages provide rpm cannot know.
do_rpm() { rpm --root "$root" --dbpath /var/lib/rpm --nodeps "$@" || fail "rpm $*"; }
in_root() { chroot "$root" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"; }
do_rpm -i "$package"
do_rpm -V netifyd
in_root netifyd version || fail "netifyd version"
in_root netifyd check-config || fail "netifyd check-config"
in_root getent passwd netifyd >/dev/null || fail "no user netifyd"
[ -e "$root/usr/lib/systemd/system/netifyd.service" ] || fail "no unit"
for page in "$root"/usr/share/man/man?/netifyd*.gz; do gzip -t "$page" || fail "$page"; done
echo '# mine' >>"$root/etc/netifyd.toml"
do_rpm -U --replacepkgs --force "$package"
tail -1 "$root/etc/netifyd.toml" | grep -qx '# mine' || fail "the upgrade lost what was changed in the configuration"
do_rpm -e netifyd
[ ! -e "$root/usr/sbin/netifyd" ] || fail "the removal left the program"
tail -1 "$root/etc/netifyd.toml.rpmsave" | grep -qx '# mine' || fail "the removal lost the configuration that was changed"
left=$(find "$root/etc" "$root/usr" -name '*netifyd*' ! -name '*.rpmsave')
[ -z "$left" ] || fail "the removal left $left"
