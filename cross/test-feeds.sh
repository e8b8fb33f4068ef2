#!/bin/sh
# Installs what make packages wrote with the routers' own programs, beside a
# stand-in of the netifyd that OpenWrt's feed has: ours replaces it when it is
# asked for, and neither replaces the other by an upgrade.
# Usage: test-feeds.sh FEED ARCHITECTURE, as root. APK is apk-tools 3 and OPKG
# is opkg, by default those of the path; one that is not there is not tried.
set -eu
feed=$(cd "$1" && pwd) arch=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
fail() { echo "FAILED: $*" >&2; exit 1; }
has() { [ "$(installed)" = "$1" ] || fail "$2: installed are $(installed); want $1"; }

# The files of the stand-ins: libc, netifyd 4.4.7 of the feed, and something that needs it.
mkdir -p "$work/libc/lib" "$work/netifyd/usr/sbin" "$work/netifyd/etc/config" "$work/netifyd/etc/init.d" "$work/fwa/usr/bin"
echo libc >"$work/libc/lib/libc.so"
echo old >"$work/netifyd/usr/sbin/netifyd"
echo old >"$work/netifyd/etc/init.d/netifyd"
printf "config netifyd\n\toption enabled '1'\n" >"$work/netifyd/etc/config/netifyd"
echo "[netifyd]" >"$work/netifyd/etc/netifyd.conf"
echo fwa >"$work/fwa/usr/bin/fwa"

# What holds for both programs: install and upgrade are functions of each.
scenario() {
	start old
	add netifyd fwa
	echo '# mine' >>"$root/etc/config/netifyd"
	start_over old new
	upgrade
	has "fwa libc netifyd" "an upgrade with both feeds, the feed's package installed"
	add netifyd-go
	has "fwa libc netifyd-go" "netifyd-go over the feed's package"
	grep -qx '# mine' "$root/etc/config/netifyd" || fail "the configuration that was changed is lost"
	[ "$(head -c 4 "$root/usr/sbin/netifyd" | tail -c 3)" = ELF ] || fail "the program is not ours"
	service netifyd-go
	upgrade
	has "fwa libc netifyd-go" "an upgrade with both feeds, ours installed"
	add fwa
	has "fwa libc netifyd-go" "what needs netifyd, with ours installed"
	add netifyd || true
	[ "$(head -c 4 "$root/usr/sbin/netifyd" | tail -c 3)" = ELF ] || fail "the feed's package came over ours"
	if [ -e "$feed/$(tiny)" ]; then
		swap netifyd-go netifyd-go-tiny
		has "fwa libc netifyd-go-tiny" "the tiny package over the other"
		upgrade
		has "fwa libc netifyd-go-tiny" "an upgrade with the tiny package"
		start old new
		add netifyd-go-tiny fwa
		has "fwa libc netifyd-go-tiny" "the tiny package on a new system"
	fi
}

APK=${APK:-apk} OPKG=${OPKG:-opkg}
if command -v "$APK" >/dev/null && "$APK" --version | grep -q 'apk-tools 3'; then
	echo "== apk-tools 3: $feed"
	mkdir "$work/apk"
	pack() { "$APK" mkpkg --info "name:$1" --info "version:$2" --info "arch:$arch" --info "depends:$3" --files "$work/$1" --output "$work/apk/$1-$2.apk"; }
	pack libc 1.2.5-r4 ""
	pack netifyd 4.4.7-r2 libc
	pack fwa 1.0-r1 "libc netifyd"
	"$APK" mkndx --allow-untrusted --output "$work/apk/packages.adb" "$work"/apk/*.apk >/dev/null
	do_apk() { "$APK" --root "$root" --arch "$arch" --no-scripts --allow-untrusted --no-progress --no-logfile --no-cache "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }; }
	start_over() {
		: >"$root/etc/apk/repositories"
		for which in "$@"; do case $which in
			old) echo "$work/apk/packages.adb" ;;
			new) echo "$feed/packages.adb" ;;
			esac >>"$root/etc/apk/repositories"; done
	}
	start() {
		rm -rf "$root"
		mkdir -p "$root/etc/apk/keys" "$root/lib/apk/db" "$root/var/cache/apk" "$root/tmp"
		cp "$feed/../netifyd.pem" "$root/etc/apk/keys/"
		do_apk --initdb add
		start_over "$@"
	}
	add() { do_apk add "$@"; }
	upgrade() { do_apk upgrade; }
	# Who asked for one must say that he no longer wants it.
	swap() { do_apk add "$2" "!$1"; }
	installed() { "$APK" --root "$root" --arch "$arch" query --from installed --fields name '*' 2>/dev/null | sed -n 's/^Name: //p' | sort | tr '\n' ' ' | sed 's/ $//'; }
	# What the scripts start is in the package itself.
	service() { grep -qx /etc/init.d/netifyd "$root/lib/apk/packages/$1.list" || fail "the service of $1 is not in its list"; }
	tiny() { (cd "$feed" && ls netifyd-go-tiny-*.apk 2>/dev/null || echo none); }
	scenario
else
	echo "apk-tools 3 is not here: not tried with apk"
fi

if command -v "$OPKG" >/dev/null; then
	echo "== opkg: $feed"
	mkdir "$work/ipk"
	pack() {
		mkdir "$work/ipk/c"
		printf 'Package: %s\nVersion: %s\n%sArchitecture: %s\nInstalled-Size: 100\nDescription: stand-in\n' "$1" "$2" "${3:+Depends: $3
}" "$arch" >"$work/ipk/c/control"
		[ "$1" != netifyd ] || printf '/etc/config/netifyd\n/etc/netifyd.conf\n' >"$work/ipk/c/conffiles"
		(cd "$work/ipk/c" && tar czf ../control.tar.gz . && cd "$work/$1" && tar czf ../ipk/data.tar.gz . && cd ../ipk && echo 2.0 >debian-binary &&
			tar czf "$1_$2_$arch.ipk" ./debian-binary ./data.tar.gz ./control.tar.gz)
		{
			cat "$work/ipk/c/control"
			printf 'Filename: %s\nSize: %s\nSHA256sum: %s\n\n' "$1_$2_$arch.ipk" "$(stat -c %s "$work/ipk/$1_$2_$arch.ipk")" "$(sha256sum "$work/ipk/$1_$2_$arch.ipk" | cut -d' ' -f1)"
		} >>"$work/ipk/Packages"
		rm -rf "$work/ipk/c"
	}
	pack libc 1.2.5-r4 ""
	pack netifyd 4.4.7-r2 libc
	pack fwa 1.0-r1 "libc, netifyd"
	gzip -k "$work/ipk/Packages"
	do_opkg() { IPKG_INSTROOT=$root "$OPKG" --force-postinstall -o "$root" -f "$root/opkg.conf" "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }; }
	start_over() {
		printf 'dest root /\nlists_dir ext /var/opkg-lists\narch all 1\narch %s 10\n' "$arch" >"$root/opkg.conf"
		for which in "$@"; do case $which in
			old) echo "src/gz old file://$work/ipk" ;;
			new) echo "src/gz new file://$feed" ;;
			esac >>"$root/opkg.conf"; done
		do_opkg update
	}
	start() {
		rm -rf "$root"
		mkdir -p "$root/var/opkg-lists" "$root/tmp" "$root/usr/lib/opkg/info" "$root/var/lock" "$root/lib"
		# As OpenWrt's own: a script is told by its name what the list of its package starts and stops.
		cat >"$root/lib/functions.sh" <<-'END'
			services() { grep -s "^/etc/init.d/" "$IPKG_INSTROOT/usr/lib/opkg/info/$(basename "${2%.*}").list" >"$IPKG_INSTROOT/$1"; }
			default_postinst() { services started "$1"; }
			default_prerm() { services stopped "$1"; }
		END
		start_over "$@"
	}
	add() { do_opkg install "$@"; [ -z "${VERBOSE:-}" ] || cat "$work/said"; }
	swap() { do_opkg remove --force-depends "$1" && do_opkg install "$2"; }
	service() { grep -qx /etc/init.d/netifyd "$root/started" || fail "the service of $1 is not started"; }
	# opkg has no upgrade of everything: each is named, as scripts do it.
	upgrade() { for p in netifyd $(do_opkg list-upgradable; sed -n "s,^\([^ ]*\) - .* - .*,\1,p" "$work/said"); do do_opkg upgrade "$p"; done; }
	installed() { do_opkg list-installed; sed -n "s,^\([^ ]*\) - .*,\1,p" "$work/said" | sort | tr '\n' ' ' | sed 's/ $//'; }
	tiny() { (cd "$feed" && ls netifyd-go-tiny_*.ipk 2>/dev/null || echo none); }
	scenario
	# opkg forgets the files that both packages have: nothing of them may stay.
	start old
	add netifyd
	start_over new
	add netifyd-go
	do_opkg remove netifyd-go
	grep -qx /etc/init.d/netifyd "$root/stopped" || fail "the service is not stopped by the removal"
	left=$(find "$root/etc/init.d" "$root/usr/sbin" "$root/lib/upgrade" -name '*netifyd*' 2>/dev/null)
	[ -z "$left" ] || fail "the removal left $left"
else
	echo "opkg is not here: not tried with opkg"
fi
echo "the feeds leave each other alone"
