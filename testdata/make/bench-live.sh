#!/bin/sh
# What is lost on a line at full rate: a capture is replayed over a veth pair as
# fast as tcpreplay sends, to the agent and to tcpdump -w /dev/null in turn,
# each with a ring of 2 MiB. Prints rate, share lost and processor time.
#
#   bench-live.sh ./netifyd FILE [ROUNDS]      as root; needs tcpreplay, tcpdump, ethtool, jq
set -eu
agent=$(realpath "$1") file=$(realpath "$2") rounds=${3:-5}
mtu=9000
. "$(dirname "$0")/veth.sh"
# replay sends the capture and leaves packets and packets a second in $sent and $rate.
replay() {
	ip netns exec $b tcpreplay -q -K -t -i far0 "$file" >"$dir/replay" 2>&1
	sent=$(awk '/^Actual:/ { print $2 }' "$dir/replay")
	rate=$(awk '/^Rated:/ { for (i = 1; i < NF; i++) if ($(i + 1) == "pps") print int($i) }' "$dir/replay")
}
# row NAME RECEIVED LOST TICKS
row() {
	awk -v n="$1" -v got="$2" -v lost="$3" -v t="$4" -v sent="$sent" -v rate="$rate" \
		'BEGIN { printf "%-8s %7d packets/s, %d sent, %d received, %d lost (%.3f %%), user and system %d ms\n", n, rate, sent, got, lost, 100 * lost / sent, t * 10 }'
}
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
for round in $(seq "$rounds"); do
	printf '[agent]\nupdate_interval = 1\nvolatile_dir = "%s"\n[capture]\nshunt = false\n[[listen]]\npath = "%s/s.sock"\n' "$dir" "$dir" >"$dir/netifyd.toml"
	rm -f "$dir/netifyd.pid"
	ip netns exec $a "$agent" -c "$dir/netifyd.toml" -I lan0 2>"$dir/log" &
	until [ -s "$dir/netifyd.pid" ]; do sleep 0.1; done
	pid=$(cat "$dir/netifyd.pid")
	replay
	sleep 1.2 # the next status
	row netifyd "$(jq .capture.received "$dir/status.json")" "$(jq .capture.dropped "$dir/status.json")" "$(ticks "$pid")"
	kill "$pid"
	wait $! || true

	ip netns exec $a tcpdump -i lan0 -B 2048 -w /dev/null 2>"$dir/dump" &
	until grep -q listening "$dir/dump"; do sleep 0.1; done
	pid=$(ip netns pids $a)
	replay
	sleep 1.2
	t=$(ticks "$pid")
	kill "$pid"
	wait $! || true
	row tcpdump "$(awk '/packets captured/ { print $1 }' "$dir/dump")" "$(awk '/dropped by kernel/ { print $1 }' "$dir/dump")" "$t"
done
