#!/bin/sh
# bench-resident.sh for programs that this kernel does not run: the same in a
# small machine of qemu-system-x86_64, whose kernel, Debian's for clouds, has
# 32-bit programs. An emulator is slow: the first PACKETS (600000) come
# at RATE a second (10000), so that it ends before two minutes have passed, when the
# agent gives back what is not in use.
#
#   resident-guest.sh FOLDER FILE NAME...     FOLDER/netifyd-NAME must have been built
#
# Kernel and busybox are fetched by apt-get into FOLDER/guest and unpacked there.
# Needs Debian, qemu-system-x86, cpio, tcpreplay. AROUND, bytes, is what the
# kernel maps around a page of a file that is used (65536): with 4096 the figures
# are what is used. THP=always gives huge pages to whoever has room for one.
set -eu
out=$(cd "${1:?usage: resident-guest.sh FOLDER FILE NAME...}" && pwd) file=$(realpath "$2")
shift 2
work=$out/guest
if ! [ -e "$work/fetched" ]; then
	mkdir -p "$work/deb"
	kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[^: ]*\).*/\1/p')
	(cd "$work/deb" && apt-get -qq -o APT::Sandbox::User=root download "$kernel" busybox-static)
	for deb in "$work"/deb/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
	: >"$work/fetched"
fi
tree=$work/tree
rm -rf "$tree"
mkdir -p "$tree/bin" "$tree/dev" "$tree/proc" "$tree/sys" "$tree/tmp" "$tree/etc"
cp "$work/root/bin/busybox" "$tree/bin/"
find "$work/root/lib/modules" -name veth.ko -exec cp '{}' "$tree/" ';'
tcpreplay=$(command -v tcpreplay)
for f in $(ldd "$tcpreplay" | grep -o '/[^ ]*') "$tcpreplay"; do
	mkdir -p "$tree$(dirname "$f")"
	cp -L "$f" "$tree$f"
done
for name in "$@"; do cp "$out/netifyd-$name" "$tree/bin/"; done
ln "$file" "$tree/mix.pcap" 2>/dev/null || cp "$file" "$tree/mix.pcap"
cat >"$tree/init" <<SCRIPT
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t debugfs debug /sys/kernel/debug
trap 'poweroff -f' EXIT
echo ${AROUND:-65536} >/sys/kernel/debug/fault_around_bytes
echo ${THP:-madvise} >/sys/kernel/mm/transparent_hugepage/enabled
insmod /veth.ko
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
ip link set lo up
ip link add lan0 type veth # the kernel calls the other end veth0
for end in lan0 veth0; do ip link set \$end mtu 9000 up; done
printf '[agent]\nvolatile_dir = "/tmp/n"\n[[listen]]\npath = "/tmp/n/s.sock"\n' >/tmp/netifyd.toml
for name in $*; do
	netifyd-\$name -c /tmp/netifyd.toml -I lan0 2>/tmp/log &
	until [ -s /tmp/n/netifyd.pid ]; do usleep 100000; done
	pid=\$(cat /tmp/n/netifyd.pid)
	$tcpreplay -q -K -L ${PACKETS:-600000} -p ${RATE:-10000} -i veth0 /mix.pcap >/tmp/replay 2>&1 || cat /tmp/replay
	sleep 16 # the next status
	for w in flows flows_evicted received dropped; do echo "\$(grep -o "\"\$w\": *[0-9]*" /tmp/n/status.json | head -1)"; done | tr '\n' ' '
	awk -v n=\$name '{ v[\$1] = \$2 / 1024 }
		END { printf "\n%-6s in a guest, resident %.1f MiB: %.1f of its own, %.1f of program and ring\n", n, v["Rss:"], v["Anonymous:"], v["Rss:"] - v["Anonymous:"] }' /proc/\$pid/smaps_rollup
	[ -z "${MAPS:-}" ] || awk '/^[0-9a-f]+-[0-9a-f]+ / { m = \$0 } /^Rss:/ && \$2 { print \$2, m }' /proc/\$pid/smaps
	kill \$pid
	wait
done
SCRIPT
chmod 755 "$tree/init"
(cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/initrd"
timeout -k 5 "${LIMIT:-900}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -kernel "$work"/root/boot/vmlinuz-* -initrd "$work/initrd" \
	-append 'console=ttyS0 quiet panic=-1' -nographic -monitor none -nic none -no-reboot </dev/null 2>&1 | tr -d '\r' | sed -un '/^"\|^[0-9a-z-]* *in a guest\|^[0-9]* [0-9a-f]*-\|anic\|rror/p'
