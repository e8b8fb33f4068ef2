# shellcheck shell=sh
# To be read in by a script: a veth pair in two name spaces, lan0 in $a and far0
# in $b, $mtu bytes (1500), without IPv6 and segmentation offload, and a folder $dir. All of it,
# and the processes in $running, go with the script.
dir=$(mktemp -d)
a=nba$$ b=nbb$$
running=
cleanup() {
	for p in $running; do kill "$p" 2>/dev/null || true; done
	ip netns del $a 2>/dev/null || true
	ip netns del $b 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
ip netns add $a
ip netns add $b
ip -n $a link add lan0 type veth peer name far0 netns $b
for end in "$a lan0" "$b far0"; do
	ip netns exec "${end% *}" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'
	ip -n "${end% *}" link set "${end#* }" mtu "${mtu:-1500}" up
	ip netns exec "${end% *}" ethtool -K "${end#* }" gro off tso off gso off tx off >/dev/null
done
