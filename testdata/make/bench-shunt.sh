#!/bin/sh
# What elephants cost with and without the kernel's help (capture.shunt): one
# download of 1.5 GB over a veth pair without segmentation offload, in turn,
# three rounds. Prints the agent's processor time and what the kernel dropped.
#
#   bench-shunt.sh ./netifyd        as root; needs python3, curl, ethtool, jq
set -eu
agent=$(realpath "$1")
. "$(dirname "$0")/veth.sh"
ip -n $a addr add 10.77.0.1/24 dev lan0
ip -n $b addr add 10.77.0.2/24 dev far0
truncate -s 1500M "$dir/big"
(cd "$dir" && exec ip netns exec $b python3 -m http.server 8000 --bind 10.77.0.2 >/dev/null 2>&1) &
running=$!
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
