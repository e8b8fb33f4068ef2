#!/bin/sh
# Proves that what make packages wrote can be installed, with Debian's own
# tools: dpkg in a fresh root, lintian, systemd-analyze, tar and busybox,
# signify; and that they come out the same each time. Needs root; what is
# missing is said and makes it fail.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$here/build}
packages=$out/packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
for tool in dpkg-deb lintian signify-openbsd busybox mandoc systemd-analyze debootstrap zstd rpm rpmlint; do
	command -v $tool >/dev/null || fail "$tool is not here: apt-get install lintian signify-openbsd busybox-static mandoc systemd debootstrap zstd rpm rpmlint"
done

echo "== ipk: unpacked by busybox and by tar, run from where it lies"
public=$(find "$packages/openwrt" -maxdepth 1 -type f ! -name '*.pem')
for feed in "$packages"/openwrt/*/; do
	arch=$(basename "$feed")
	for ipk in "$feed"*.ipk; do
		root=$work/ipk; rm -rf "$root"; mkdir -p "$root/control" "$root/data"
		(cd "$root" && busybox tar xzf "$ipk" && [ "$(cat debian-binary)" = 2.0 ] &&
			busybox tar xzf control.tar.gz -C control && tar xzf data.tar.gz -C data) || fail "$ipk does not unpack"
		case $ipk in *_all.ipk) of=all ;; *) of=$arch ;; esac
		grep -qx "Architecture: $of" "$root/control/control" || fail "$ipk is not for $of"
		size=$(gzip -dc "$root/data.tar.gz" | wc -c)
		grep -qx "Installed-Size: $size" "$root/control/control" || fail "$ipk: Installed-Size is not $size"
		if [ "$of" = "$arch" ]; then
			name=netifyd; case $ipk in */netifyctl_*) name=netifyctl ;; esac
			grep -qx /etc/config/$name "$root/control/conffiles" || fail "$ipk: no conffile"
			[ "$(stat -c %a "$root/data/etc/config/$name")" = 600 ] || fail "$ipk: mode of the configuration"
		fi
		for script in "$root"/control/p* "$root"/data/etc/init.d/* "$root"/data/etc/uci-defaults/*; do
			[ -e "$script" ] || continue
			busybox ash -n "$script" || fail "$ipk: $script"
		done
	done
	signify-openbsd -V -q -p "$public" -x "$feed/Packages.sig" -m "$feed/Packages" || fail "$feed: signature"
	gzip -dc "$feed/Packages.gz" | cmp - "$feed/Packages" || fail "$feed: Packages.gz differs"
	awk '/^Filename:/ { f = $2 } /^SHA256sum:/ { print $2 "  " f }' "$feed/Packages" | (cd "$feed" && sha256sum -c --quiet) || fail "$feed: sums"
done
if command -v "${APK:-apk}" >/dev/null && "${APK:-apk}" --version | grep -q 'apk-tools 3'; then
	echo "== apk: verified by apk-tools 3"
	for feed in "$packages"/openwrt/*/; do "${APK:-apk}" verify --allow-untrusted "$feed"/*.apk; done
else
	echo "apk-tools 3 is not here (APK names it): the apk packages are held by our own reader alone (cd cross && go test ./adb)"
fi
sh "$here/cross/test-feeds.sh" "$packages/openwrt/mipsel_24kc" mipsel_24kc

echo "== pkg of FreeBSD: unpacked by zstd and tar"
for pkg in "$packages"/freebsd/*/*.pkg; do
	[ "$(zstd -dc "$pkg" | tar t | head -2 | tr '\n' ' ')" = "+COMPACT_MANIFEST +MANIFEST " ] || fail "$pkg: manifests"
	for script in $(zstd -dc "$pkg" | tar t | grep /etc/rc.d/); do
		zstd -dc "$pkg" | tar xO "$script" 2>/dev/null | sh -n || fail "$pkg: $script"
	done
done

echo "== deb: lintian, systemd-analyze, man pages"
deb=$(echo "$packages"/debian/netifyd_*_amd64.deb)
for d in "$packages"/debian/*.deb; do lintian --allow-root --fail-on error "$d" || fail "lintian: $d"; done
dpkg-deb -x "$deb" "$work/deb"
level=$(systemd-analyze security --offline=true --threshold=25 "$work/deb/usr/lib/systemd/system/netifyd.service" | tail -1) || fail "exposure of the service: $level"
echo "$level"
ctl=$(echo "$packages"/debian/netifyctl_*_amd64.deb)
dpkg-deb -x "$ctl" "$work/deb"
for unit in netifyd-web netifyd-relay; do
	level=$(systemd-analyze security --offline=true --threshold=25 "$work/deb/usr/lib/systemd/system/$unit.service" | tail -1) || fail "exposure of $unit: $level"
	echo "$unit: $level"
done
for page in "$work"/deb/usr/share/man/man?/*.gz; do gzip -dc "$page" | mandoc -T lint -W error || fail "$page"; done

echo "== the same bytes from another folder, without what the compiler remembers"
made=$packages/openwrt/x86_64
epoch=$(awk '/^SourceDateEpoch:/ { print $2 }' "$made/Packages")
version=$(awk '/^Version:/ { print $2 }' "$made/Packages")
(cd "$here/cross" && go build -buildvcs=false -o "$work/cross" .)
mkdir "$work/copy"
tar c -C "$here" --exclude=./build --exclude=./.git . | tar x -C "$work/copy"
(cd "$work/copy/cross" && GOCACHE=$work/cache SOURCE_DATE_EPOCH=$epoch "$work/cross" -version "${version%-r*}" -release "${version#*-r}" \
	-key "$out/feed.key" -out "$work/again" packages amd64) || fail "second build"
diff -r "$made" "$work/again/packages/openwrt/x86_64" || fail "packages for OpenWrt differ"
for d in "$deb" "$ctl"; do cmp "$d" "$work/again/packages/debian/$(basename "$d")" || fail "packages for Debian differ"; done
diff -r "$work/again/packages/rpm" "$packages/rpm" | grep -v '^Only in .*aarch64' && fail "packages for RHEL differ"
rm -rf "$work/cache" "$work/copy"

echo "== deb: installed, upgraded, removed and purged in a fresh root"
base=${DEBIAN_ROOT:-$out/debian-root.tar}
if [ ! -e "$base" ]; then
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	debootstrap --variant=minbase --include=init-system-helpers "$suite" "$work/base" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
		{ tail -5 "$work/debootstrap.log" >&2; fail "debootstrap"; }
	tar cf "$base" -C "$work/base" .
	rm -rf "$work/base"
fi
sh "$here/cross/test-rpm.sh" "$packages/rpm" "$base"
root=$work/root; mkdir "$root"; tar xpf "$base" -C "$root"
in_root() { chroot "$root" /usr/bin/env PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }
cp "$deb" "$root/netifyd.deb"
in_root dpkg -i /netifyd.deb || fail "dpkg -i"
[ "$(in_root dpkg-query -W -f '${Status}' netifyd)" = "install ok installed" ] || fail "status after installation"
in_root netifyd version || fail "netifyd version"
in_root netifyd check-config || fail "netifyd check-config"
in_root getent passwd netifyd >/dev/null || fail "no user netifyd"
in_root test -e /etc/systemd/system/multi-user.target.wants/netifyd.service || fail "the service is not enabled"
echo '# mine' >>"$root/etc/netifyd.toml"
# The next release, with another default, must leave the changed file alone.
dpkg-deb -R "$deb" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
echo '# new default' >>"$work/next/etc/netifyd.toml"
(cd "$work/next" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb -b "$work/next" "$root/next.deb" >/dev/null
in_root dpkg --force-confdef --force-confold -i /next.deb || fail "upgrade"
tail -1 "$root/etc/netifyd.toml" | grep -qx '# mine' || fail "the upgrade lost what was changed in the configuration"
tail -1 "$root/etc/netifyd.toml.dpkg-dist" | grep -qx '# new default' || fail "the new default was not left beside it"
cp "$ctl" "$root/netifyctl.deb"
in_root dpkg -i /netifyctl.deb || fail "dpkg -i of netifyctl"
in_root netifyctl version || fail "netifyctl version"
in_root getent passwd netifyctl >/dev/null || fail "no user netifyctl"
in_root id -nG netifyctl | grep -qw netifyd || fail "netifyctl may not ask the agent"
[ "$(in_root stat -c '%U:%G %a' /etc/netifyd/netifyctl.toml)" = "root:netifyctl 640" ] || fail "mode of netifyctl.toml"
for unit in netifyd-web netifyd-relay; do
	[ ! -e "$root/etc/systemd/system/multi-user.target.wants/$unit.service" ] || fail "$unit is enabled"
done
in_root netifyctl relay --check 2>&1 | grep -q 'relay.output' || fail "a relay without outputs does not say what it wants"
in_root dpkg --purge netifyctl || fail "purge of netifyctl"
in_root getent passwd netifyctl >/dev/null && fail "the purge left the user netifyctl"
in_root dpkg -r netifyd || fail "removal"
[ -e "$root/etc/netifyd.toml" ] || fail "the removal took the configuration"
[ ! -e "$root/usr/sbin/netifyd" ] || fail "the removal left the program"
in_root dpkg --purge netifyd || fail "purge"
left=$(find "$root/etc" "$root/usr" "$root/var/lib" -name '*netifyd*' ! -path '*/dpkg/*' ! -name '*.dpkg-dist')
[ -z "$left" ] || fail "the purge left $left"
in_root getent passwd netifyd >/dev/null && fail "the purge left the user"
echo "all packages are good"
