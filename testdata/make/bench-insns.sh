#!/bin/sh
# Instructions a packet of netifyd replay -q, compiled as it is packed, on mipsle, arm and amd64, and of
# tcpdump -r FILE -w /dev/null on amd64: what a program executes on FILE less
# what it executes on a capture without packets, by the packets. They are
# counted in emulation, so the numbers are the same on any machine but for
# what the runtime does by the clock: medians of three runs. Instructions of
# the kernel are not counted. Where no FILE is given, two captures are written
# out of testdata.
# usage: bench-insns.sh [FILE...]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
skip() { echo "bench-insns: skipped: $1"; exit 0; }
cc=$(command -v "${CC:-cc}") || skip "a C compiler is needed for the plugin that counts (Debian: gcc, libc6-dev)"
for q in qemu-mipsel qemu-arm qemu-x86_64; do
	command -v $q >/dev/null || skip "$q is not here (Debian: qemu-user; the programs of qemu-user-static take no plugins)"
	$q -h 2>&1 | grep -q -- -plugin || skip "this $q takes no plugins (Debian's qemu-user does, qemu-user-static does not)"
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
"$cc" -O2 -shared -fPIC -o "$dir/insns.so" "$root/testdata/make/insns.c"
printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000\000\000\004\000\001\000\000\000' >"$dir/empty.pcap"
if [ $# = 0 ]; then
	(cd "$root" && ${GO:-go} build -o "$dir/benchcap" ./testdata/make/benchcap)
	"$dir/benchcap" write "$root/testdata" "$dir" 12 >/dev/null
	set -- "$dir/mix.pcap" "$dir/elephant.pcap"
fi
# Name in cross/targets.tsv, emulator and processor.
cat >"$dir/programs" <<'END'
mipsle qemu-mipsel 24Kc
arm5 qemu-arm arm926
arm7 qemu-arm cortex-a7
END
(cd "$root/cross" && ${GO:-go} run . -out "$dir" build mipsle arm5 arm7 amd64)

# count EMULATOR PROCESSOR PROGRAM...: the median of three; what the program says is in said.
count() {
	emulator=$1 cpu=$2
	shift 2
	: >"$dir/counts"
	for _ in 1 2 3; do
		GOMAXPROCS=1 "$emulator" -cpu "$cpu" -plugin "$dir/insns.so,out=$dir/count" "$@" >"$dir/said" 2>&1 </dev/null || {
			cat "$dir/said" >&2
			return 1
		}
		cat "$dir/count" >>"$dir/counts"
	done
	sort -n "$dir/counts" | sed -n 2p
}
# row PROGRAM START ALL FLOOR: a line of the table, FLOOR being what tcpdump executes on a packet, or nothing.
row() {
	awk -v file="$capture" -v program="$1" -v start="$2" -v all="$3" -v floor="${4:-0}" -v n="$packets" 'BEGIN {
		each = (all - start) / n
		printf "%-12s %9d  %-34s %8.0f %10s %14.1f\n", file, n, program, each, floor + 0 ? sprintf("%.2f", each / floor) : "", start / 1e6
	}'
}
printf '%-12s %9s  %-34s %8s %10s %14s\n' capture packets program a-packet ": tcpdump" "start, million"
for file; do
	capture=$(basename "$file" .pcap) floor=
	amd64=$(count qemu-x86_64 max "$dir/netifyd-amd64" replay -q "$file")
	packets=$(awk '/ packets, / { print $2; exit }' "$dir/said")
	# Another machine than an Intel one cannot run Intel's tcpdump.
	if [ "$(uname -m)" = x86_64 ] && tcpdump=$(command -v tcpdump); then
		start=$(count qemu-x86_64 max "$tcpdump" -r "$dir/empty.pcap" -w /dev/null)
		all=$(count qemu-x86_64 max "$tcpdump" -r "$file" -w /dev/null)
		floor=$(((all - start) / packets))
		row "amd64: tcpdump -w /dev/null" "$start" "$all"
	fi
	start=$(count qemu-x86_64 max "$dir/netifyd-amd64" replay -q "$dir/empty.pcap")
	row "amd64: netifyd replay -q" "$start" "$amd64" "$floor"
	while read -r name emulator cpu; do
		start=$(count "$emulator" "$cpu" "$dir/netifyd-$name" replay -q "$dir/empty.pcap")
		all=$(count "$emulator" "$cpu" "$dir/netifyd-$name" replay -q "$file")
		row "$name: netifyd replay -q" "$start" "$all"
	done <"$dir/programs"
done

# The rooms beside the corridor, with full tables, on mipsle: what 60 rounds of
# BenchmarkRooms execute more than 10 do. "touch" is a part of "harvest" and of "least" that is not the agent's.
(cd "$root" && GOOS=linux GOARCH=mipsle GOMIPS=softfloat CGO_ENABLED=0 ${GO:-go} test -c -o "$dir/rooms" ./core/engine)
rounds() {
	count qemu-mipsel 24Kc "$dir/rooms" -test.run '^$' -test.bench "Rooms/^$1\$" -test.benchtime "$2x"
}
printf '\n%-12s %22s\n' room "instructions, mipsle"
for room in touch least harvest flows overview; do
	few=$(rounds $room 10) many=$(rounds $room 60)
	printf '%-12s %22d\n' $room $(((many - few) / 50))
done
