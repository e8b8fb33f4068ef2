#!/bin/sh
# Runs the agent on kernels of other processors, as the first and only program
# of a small machine in qemu-system: rings, fanout and filters are then those
# of that kernel, which the emulators of programs (make smoke) do not have.
#
#   sh cross/qemu-system.sh FOLDER [mipsle] [arm64]
#
# FOLDER/netifyd-mipsle and FOLDER/netifyd-arm64 must have been built. Kernel
# and busybox are Debian 12's, fetched by apt-get into FOLDER/qemu-system with
# lists of its own, unpacked there and not installed. Needs qemu-system-mips
# and qemu-system-arm. RELEASE and MIRROR choose other Debians.
#
# Big-endian MIPS is not here: Debian gave that port up after release 10, so
# there is no kernel for malta of that order to fetch; the script says so. Its
# binary is held by make smoke alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${1:?usage: qemu-system.sh FOLDER [mipsle] [arm64]}" && pwd)
shift
[ $# -gt 0 ] || set -- mipsle arm64
release=${RELEASE:-bookworm} mirror=${MIRROR:-http://deb.debian.org/debian}
limit=${LIMIT:-240} # seconds a machine may take; a boot takes 10 to 60 where nothing helps the emulator
work=$out/qemu-system
mkdir -p "$work"
fail() { echo "FAILED: $*" >&2; exit 1; }

# fetch ARCH PACKAGE...: the packages lie unpacked in $work/ARCH.
aptget() {
	program=$1; shift
	timeout 300 "$program" -qq -o "Dir::State=$work/apt" -o "Dir::State::status=$work/apt/status" -o "Dir::Cache=$work/apt/cache" \
		-o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root \
		-o APT::Architectures::=mipsel -o APT::Architectures::=arm64 "$@"
}
lists() {
	[ ! -e "$work/apt/fetched" ] || return 0
	mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
	: >"$work/apt/status"
	echo "deb [arch=mipsel,arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$work/apt/sources.list"
	aptget apt-get update || fail "no lists from $mirror"
	: >"$work/apt/fetched"
}
fetch() {
	arch=$1 meta=$2
	[ ! -e "$work/$arch/fetched" ] || return 0
	lists
	kernel=$(aptget apt-cache depends "$meta:$arch" | sed -n 's/^ *Depends: \(linux-image-[^: ]*\).*/\1/p')
	[ -n "$kernel" ] || fail "$release has no $meta for $arch"
	mkdir -p "$work/$arch/deb"
	(cd "$work/$arch/deb" && aptget apt-get download "$kernel:$arch" "busybox-static:$arch") || fail "no packages from $mirror"
	for deb in "$work/$arch/deb"/*.deb; do dpkg-deb -x "$deb" "$work/$arch/root"; done
	: >"$work/$arch/fetched"
}

# initramfs ARCH BINARY: writes $work/ARCH/initrd.gz.
initramfs() {
	tree=$work/$1/initramfs
	rm -rf "$tree"
	mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp" "$tree/run" "$tree/etc" "$tree/lib" "$tree/www"
	ln -s ../run "$tree/tmp/run"
	cp "$work/$1/root/bin/busybox" "$2" "$tree/bin/"
	mv "$tree/bin/$(basename "$2")" "$tree/bin/netifyd"
	find "$work/$1/root/lib/modules" -name veth.ko -exec cp '{}' "$tree/lib/" ';'
	cp "$here/qemu-system-init.sh" "$tree/init"
	chmod 755 "$tree/init"
	(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$work/$1/initrd.gz"
}

# events RUN: what a client of that run was told; says RUN: what the agent said of itself and what the kernel showed.
events() { sed -n "/^== $1 events/,/^== $1 end/p" "$log" | grep '^{' || :; }
says() { sed -n "/^== $1 begin/,/^== $1 events/p" "$log"; }
# has RUN TEXT WHAT / hasnot RUN TEXT WHAT
has() { events "$1" | grep -q "$2" || fail "$name, run $1: $3 (see $log)"; }
hasnot() { ! events "$1" | grep -q "$2" || fail "$name, run $1: $3 (see $log)"; }

check() {
	name=$1 log=$2
	grep '^kernel ' "$log" || :
	grep -q '^== all done' "$log" || fail "$name: the machine did not come to its end within $limit s (see $log)"
	for run in open filtered socket; do
		has $run '"detected_protocol_name":"HTTP"' "no flow of HTTP"
		has $run '"host_server_name":"router.example"' "no host name"
		capture=$(events $run | grep '"type":"agent_status"' | tail -1 | grep -o '"capture":{[^}]*}') || fail "$name, run $run: no agent_status with capture"
		case $capture in *'"dropped":0'*) ;; *) fail "$name, run $run: $capture" ;; esac
		received=$(echo "$capture" | sed 's/.*"received":\([0-9]*\).*/\1/')
		[ "$received" -gt 0 ] || fail "$name, run $run: $capture"
		rings=$(says $run | sed -n 's/^rings //p') method=$rings' rings'
		if says $run | grep -q 'refused a ring'; then
			method="no ring, which the kernel refused"
		elif [ $run = socket ]; then
			[ "$rings" = 0 ] || fail "$name, run $run: $rings rings, not 0 (see $log)"
		else
			[ "$rings" = 2 ] || fail "$name, run $run: $rings rings, not one for each of 2 shards (see $log)"
		fi
		crossed=$(says $run | sed -n 's/^crossed //p')
		raw=$(events $run | grep '"type":"agent_status"' | grep -o '"raw":[0-9]*' | awk -F: '{ n += $2 } END { print n + 0 }')
		[ $run = filtered ] || [ "$raw" = "$crossed" ] || fail "$name, run $run: $crossed packets crossed the interface, $raw were counted (see $log)"
		echo "$name, run $run: $method, $crossed packets crossed, $raw counted, $(events $run | grep '"type":"flow"' | grep -o '"digest":"[^"]*"' | sort -u | wc -l) flows, $capture"
		says $run | grep -E '(refused|not left to the kernel|in vain|no answer|failed)' | sed 's/^netifyd: /  /' || :
	done
	has open '"ip_protocol":1,' "no flow of ICMP"
	has open '_port":8080,' "no flow of port 8080"
	hasnot filtered '"ip_protocol":1,' "the filter lets ICMP through"
	hasnot filtered '_port":8080,' "the filter lets port 8080 through"
}

machine() {
	case $1 in
	mipsle)
		fetch mipsel linux-image-4kc-malta
		arch=mipsel
		set -- mipsle qemu-system-mipsel -M malta -cpu 24Kc -m 256
		tty=ttyS0
		;;
	arm64)
		fetch arm64 linux-image-arm64
		arch=arm64
		set -- arm64 qemu-system-aarch64 -M virt -cpu cortex-a53 -smp 2 -m 512
		tty=ttyAMA0
		;;
	*) fail "no machine for $1: mipsle and arm64 are here. Debian has no kernel for big-endian MIPS since release 11" ;;
	esac
	target=$1; shift
	command -v "$1" >/dev/null || fail "$1 is not here: apt-get install qemu-system-mips qemu-system-arm"
	[ -x "$out/netifyd-$target" ] || fail "$out/netifyd-$target is not here: make cross TARGET=$target"
	initramfs $arch "$out/netifyd-$target"
	log=$work/$target.log
	image=$(find "$work/$arch/root/boot" -name 'vmlinu*' | head -1)
	started=$(date +%s)
	timeout -k 5 "$limit" "$@" -kernel "$image" -initrd "$work/$arch/initrd.gz" -append "console=$tty quiet panic=-1" \
		-nographic -monitor none -nic none -no-reboot </dev/null 2>&1 | tr -d '\r' >"$log" || :
	echo "$target: $* ended after $(($(date +%s) - started)) s"
	check "$target" "$log"
}

for tool in cpio apt-get dpkg-deb; do command -v $tool >/dev/null || fail "$tool is not here"; done
for target in "$@"; do machine "$target"; done
echo "mips, big-endian: not run, $release has no kernel of that order"
