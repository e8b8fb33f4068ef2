# shellcheck shell=bash
# Sourced by the scripts of this directory. It joins two network namespaces,
# client and server, by a veth pair, records what real programs say to each
# other over it, and takes everything away again, also after a failure:
#
#	. "$(dirname "$0")/lib.sh"
#	need nginx-light curl                   Debian packages
#	begin http-get                          testdata/http-get.pcap, from here on
#	serve nginx -g 'daemon off;'            a program in the server namespace, until the end
#	await tcp 80                            it listens
#	client curl http://10.9.0.2/            a program in the client namespace
#	finish 'http' 'curl gets a page' 'from nginx over HTTP/1.1' 'tcp 80 HTTP'
#
# finish takes a display filter of tshark that must find something, the two
# lines that say how the capture was made, and what every flow in it is.

set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive

make_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out_dir=${OUT:-$(dirname "$make_dir")}
ns_c=nfc$$
ns_s=nfs$$
c4=10.9.0.1 s4=10.9.0.2
c6=fd00:9::1 s6=fd00:9::2
max_bytes=${MAX_BYTES:-61440}

# Neighbour discovery, ARP, the joining of groups and closed ports are the same everywhere.
noise='not arp and not ether proto 0x88b5 and not (ip6 and ip6[6] = 0) and not (icmp6 and ip6[40] >= 130 and ip6[40] <= 137) and not igmp and not (icmp and icmp[0] = 3) and not (icmp6 and ip6[40] = 1)'

# need installs the Debian packages that are missing, without starting their services.
need() {
	local p missing=()
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
	done
	[ ${#missing[@]} = 0 ] && return
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod +x /usr/sbin/policy-rc.d
	fi
	apt-get -o DPkg::Lock::Timeout=900 install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

stop_pids() {
	local p
	for p in "$@"; do kill "$p" 2>/dev/null || true; done
	for p in "$@"; do
		for _ in $(seq 100); do
			kill -0 "$p" 2>/dev/null || break
			sleep 0.02
		done
		kill -9 "$p" 2>/dev/null || true
		wait "$p" 2>/dev/null || true
	done
}

# in_namespace lists what still runs there: daemons that detached themselves.
in_namespace() { ip netns pids "$1" 2>/dev/null || true; }

leave() {
	set +e
	stop_pids "${pids[@]}" $(in_namespace "$ns_c") $(in_namespace "$ns_s")
	pids=()
	ip netns del "$ns_c" 2>/dev/null
	ip netns del "$ns_s" 2>/dev/null
	rm -rf "/etc/netns/$ns_c" "/etc/netns/$ns_s"
	[ -n "${tmp:-}" ] && rm -rf "$tmp"
	tmp=
	set -e
}

# net makes both namespaces anew. Offloads are off, so that segments and
# checksums are those of a wire.
net() {
	local ns
	for ns in "$ns_c" "$ns_s"; do
		ip netns add "$ns"
		mkdir -p "/etc/netns/$ns"
		printf '127.0.0.1 localhost '"$(hostname)"'\n%s client.example.test client\n%s server.example.test server www.example.test\n%s server6.example.test\n' \
			$c4 $s4 $s6 >"/etc/netns/$ns/hosts"
		echo "nameserver $s4" >"/etc/netns/$ns/resolv.conf"
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.dad_transmits=0 \
			net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.accept_ra=0 net.ipv4.ping_group_range='0 2147483647'
		ip -n "$ns" link set lo up
	done
	ip -n "$ns_c" link add eth0 address 02:00:00:00:09:01 type veth peer name eth0 address 02:00:00:00:09:02 netns "$ns_s"
	for ns in "$ns_c" "$ns_s"; do
		ip netns exec "$ns" ethtool -K eth0 tso off gso off gro off tx off >/dev/null
		ip -n "$ns" link set eth0 up
	done
	ip -n "$ns_c" address add $c4/24 brd + dev eth0
	ip -n "$ns_c" address add $c6/64 dev eth0 nodad
	ip -n "$ns_s" address add $s4/24 brd + dev eth0
	ip -n "$ns_s" address add $s6/64 dev eth0 nodad
	ip -n "$ns_c" route add default via $s4
	ip -n "$ns_s" route add default via $c4
}

# begin makes the namespaces and records what passes between them.
begin() {
	name=$1
	pids=() marks=0
	tmp=$(mktemp -d -t netifyd-make.XXXXXX)
	chmod 755 "$tmp"
	trap leave EXIT
	net
	local line fifo=$tmp/tcpdump.err
	mkfifo "$fifo"
	ip netns exec "$ns_s" tcpdump -i eth0 -s 0 -U --immediate-mode -Z root -w "$tmp/raw.pcap" 2>"$fifo" &
	pids+=($!)
	exec 9<"$fifo"
	while read -r -u 9 line; do
		case $line in *"listening on"*) return ;; esac
	done
	echo "$name: tcpdump did not start" >&2
	return 1
}

in_c() { ip netns exec "$ns_c" "$@"; }
in_s() { ip netns exec "$ns_s" "$@"; }

# client runs a program to its end in the client namespace; its failure is one of the capture.
client() { in_c timeout 60 "$@" >"$tmp/client.out" 2>&1 </dev/null || { tail -n 12 "$tmp/client.out" "$tmp"/serve.out >&2 || true; echo "$name: failed: $*" >&2; return 1; }; }
# try is client for programs whose exit code says nothing.
try() { in_c timeout 60 "$@" >"$tmp/client.out" 2>&1 </dev/null || true; }

# serve and peer leave a program running, in the server and in the client namespace.
serve() { in_s "$@" >>"$tmp/serve.out" 2>&1 </dev/null & pids+=($!); }
peer() { in_c "$@" >>"$tmp/peer.out" 2>&1 </dev/null & pids+=($!); }

# await waits until somebody listens: await tcp|udp PORT [client].
await() {
	local ns=$ns_s
	[ "${3:-}" = client ] && ns=$ns_c
	local kind=-ltnH
	[ "$1" = udp ] && kind=-lunH
	for _ in $(seq 240); do
		[ -n "$(ip netns exec "$ns" ss $kind "sport = :$2")" ] && return
		sleep 0.05
	done
	tail -n 20 "$tmp"/serve.out "$tmp"/peer.out >&2 2>/dev/null || true
	echo "$name: nobody listens at $1 $2" >&2
	return 1
}

# seen waits until the capture holds a packet: seen PCAP-FILTER [COUNT [SECONDS]].
seen() {
	for _ in $(seq $((${3:-30} * 10))); do
		[ "$(tcpdump -nr "$tmp/raw.pcap" "$1" 2>/dev/null | wc -l)" -ge "${2:-1}" ] && return
		sleep 0.1
	done
	echo "$name: did not see $1" >&2
	return 1
}

# until_true waits for a command to succeed, 30 seconds at most.
until_true() {
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "$name: never true: $*" >&2
	return 1
}

# mark sends a frame that finish leaves out, to know that all before it was recorded.
mark() {
	in_c python3 -c 'import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
s.send(bytes.fromhex("ffffffffffff020000000901" "88b5") + b"end" * 16)'
	seen 'ether proto 0x88b5' $((++marks))
}

# finish FILTER LINE1 LINE2 FLOW... ends the capture begun last. The variable
# only, if set, is a filter for tcpdump in place of the one that leaves out noise.
finish() {
	local want=$1 l1=$2 l2=$3 f
	shift 3
	mark
	stop_pids "${pids[@]}"
	tcpdump -r "$tmp/raw.pcap" -w "$tmp/final.pcap" ${count:+-c $count} "${only:-$noise}${also:+ and ($also)}" 2>/dev/null
	count= only= also=
	{
		echo "$l1"
		echo "$l2"
		for f; do echo "flow $f"; done
	} >"$tmp/final.txt"
	if [ -n "${KEEP:-}" ]; then cp "$tmp/raw.pcap" "$KEEP/$name.raw.pcap"; fi
	if [ -z "$(tshark -nr "$tmp/final.pcap" -Y "$want" 2>/dev/null)" ]; then
		tshark -nr "$tmp/final.pcap" 2>/dev/null | head -n 15 >&2
		echo "$name: holds no $want" >&2
		return 1
	fi
	local size
	size=$(stat -c %s "$tmp/final.pcap")
	if [ "$size" -gt "$max_bytes" ]; then
		echo "$name: $size bytes, more than $max_bytes" >&2
		return 1
	fi
	python3 "$make_dir/flows.py" "$tmp/final.pcap" "$tmp/final.txt"
	mv "$tmp/final.pcap" "$out_dir/$name.pcap"
	mv "$tmp/final.txt" "$out_dir/$name.txt"
	chmod 644 "$out_dir/$name.pcap" "$out_dir/$name.txt"
	echo "$name: $size bytes"
	leave
}

# attempt runs one capture, a function, in a shell of its own: what cannot be
# made on this machine does not stop the others. With arguments to the script,
# only the captures named there are made.
attempt() {
	local f
	for f; do
		if [ -n "${ONLY:-}" ] && [[ " $ONLY " != *" $f "* ]]; then continue; fi
		set +e
		(
			set -e
			"$f"
		)
		[ $? = 0 ] || echo "$f: not made" >&2
		set -e
	done
}
ONLY="$*"

# certificate makes a self-signed certificate in $tmp: certificate [rsa|ec].
certificate() {
	local key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1)
	[ "${1:-ec}" = rsa ] && key=(-newkey rsa:2048)
	openssl req -x509 "${key[@]}" -nodes -keyout "$tmp/key.pem" -out "$tmp/cert.pem" -days 3650 \
		-subj "/C=NL/O=Example Organisation/CN=server.example.test" \
		-addext "subjectAltName=DNS:server.example.test,DNS:www.example.test,DNS:*.cdn.example.test,IP:$s4" 2>/dev/null
	chmod 644 "$tmp/key.pem" "$tmp/cert.pem"
	cat "$tmp/key.pem" "$tmp/cert.pem" >"$tmp/both.pem"
}
