#!/bin/sh
# What stays in memory while the flow table is full: a capture is replayed over a
# veth pair at 118 000 packets/s to an agent with its defaults, as it is packed,
# without clients. Prints resident memory, the table and what was lost. A kernel
# that runs no 32-bit programs has them run in an emulated machine, for minutes
# (resident-guest.sh; GUEST='386 amd64' has both there). The flows are those of the
# next status, up to 15 s later.
#
#   bench-resident.sh FILE [ROUNDS]      as root; needs tcpreplay, ethtool, jq
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
file=$(realpath "$1") rounds=${2:-3}
mtu=9000
. "$(dirname "$0")/veth.sh"
(cd "$root/cross" && ${GO:-go} run . -out "$dir" build amd64 386)
names='amd64 386'
"$dir/netifyd-386" version >/dev/null 2>&1 || names=amd64
printf '[agent]\nvolatile_dir = "%s"\n[[listen]]\npath = "%s/s.sock"\n' "$dir" "$dir" >"$dir/netifyd.toml"
for round in $(seq "$rounds"); do
	for name in $names; do
		rm -f "$dir/netifyd.pid"
		ip netns exec $a "$dir/netifyd-$name" -c "$dir/netifyd.toml" -I lan0 2>"$dir/log" &
		until [ -s "$dir/netifyd.pid" ]; do sleep 0.1; done
		pid=$(cat "$dir/netifyd.pid") running=$pid
		ip netns exec $b tcpreplay -q -K -p 118000 -i far0 "$file" >/dev/null 2>&1
		sleep 16 # the next status
		awk -v n=$name -v s="$(jq -r '"\(.flows) flows, \(.flows_evicted) evicted, \(.capture.received) packets, \(.capture.dropped) lost"' "$dir/status.json")" \
			'{ v[$1] = $2 / 1024 } END { printf "%-6s resident %.1f MiB: %.1f of its own, %.1f of program and ring; %s\n", n, v["Rss:"], v["Anonymous:"], v["Rss:"] - v["Anonymous:"], s }' "/proc/$pid/smaps_rollup"
		kill "$pid"
		wait $! || true
		running=
	done
done
[ "$names" = 'amd64 386' ] || sh "$root/testdata/make/resident-guest.sh" "$dir" "$file" ${GUEST:-386}
