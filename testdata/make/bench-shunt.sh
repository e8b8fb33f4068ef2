#!/bin/sh
# What elephants cost with and without the kernel's help (capture.shunt): one
# download of 1.5 GB over a veth pair without segmentation offload, in turn,
# three rounds. Prints the agent's processor time and what the kernel dropped.
#
#   bench-shunt.sh ./netifyd        as root; needs python3, curl, ethtool, jq
set -eu
agent=$(realpath "$1")
dir=$(mktemp -d)
a=nda$$ b=ndb$$
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	ip netns del $a 2>/dev/null || true
	ip netns del $b 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT INT TERM
ip netns add $a
ip netns add $b
ip -n $a link add lan0 type veth peer name far0 netns $b
plug() {
	ip netns exec "$1" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
	ip -n "$1" addr add "$3/24" dev "$2"
	ip -n "$1" link set "$2" up
	ip netns exec "$1" ethtool -K "$2" gro off tso off gso off tx off >/dev/null
}
plug $a lan0 10.77.0.1
plug $b far0 10.77.0.2
truncate -s 1500M "$dir/big"
(cd "$dir" && exec ip netns exec $b python3 -m http.server 8000 --bind 10.77.0.2 >/dev/null 2>&1) &
server=$!
until ip netns exec $a curl -s -o /dev/null -I http://10.77.0.2:8000/; do sleep 0.1; done
for round in 1 2 3; do
	for shunt in true false; do
		printf '[agent]\nupdate_interval = 1\nvolatile_dir = "%s"\n[capture]\nshunt = %s\n[[listen]]\npath = "%s/s.sock"\n' \
			"$dir" $shunt "$dir" >"$dir/netifyd.toml"
		ip netns exec $a "$agent" -c "$dir/netifyd.toml" -I lan0 2>/dev/null &
		until [ -s "$dir/netifyd.pid" ]; do sleep 0.1; done
		pid=$(cat "$dir/netifyd.pid")
		ip netns exec $a curl -s -o /dev/null http://10.77.0.2:8000/big
		sleep 1.2 # the next status
		awk -v r=$round -v s=$shunt '{ printf "round %d, shunt %s: user %d ms, system %d ms, ", r, s, $14 * 10, $15 * 10 }' "/proc/$pid/stat"
		jq -c .capture "$dir/status.json"
		kill "$pid"
		wait $! || true
	done
done
