#!/bin/busybox sh
# shellcheck shell=dash
# The first program of the machine that qemu-system.sh starts: makes a pair of
# interfaces with a web server at the other end, runs the agent on this end,
# once for each configuration, and prints what it told to the console.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mkdir -p /var /run/netifyd /tmp/www /etc/netifyd
ln -sf /run /var/run
trap 'poweroff -f' EXIT

# until_true SECONDS COMMAND...
until_true() {
	left=$(($1 * 10)); shift
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || { echo "in vain: $*"; return 1; }
		usleep 100000
	done
}

network() {
	insmod /lib/veth.ko
	# No packet but those of traffic(): neither of IPv6 nor of ARP.
	[ ! -e /proc/sys/net/ipv6/conf/default/disable_ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	ip link set lo up
	ip link add v0 type veth # the kernel calls the other end veth0
	echo good >/tmp/www/index.html
	dd if=/dev/urandom of=/tmp/www/long bs=64k count=16 2>/dev/null
	# The name space ends with its web servers.
	unshare -n sh -c 'httpd -f -p 80 -h /tmp/www & httpd -f -p 8080 -h /tmp/www & echo >/tmp/ready; wait' &
	server=$!
	until_true 20 test -e /tmp/ready
	far=$(cat /sys/class/net/veth0/address)
	ip link set veth0 netns $server
	inside="nsenter --net=/proc/$server/ns/net"
	$inside sh -c '[ ! -e /proc/sys/net/ipv6/conf/veth0/disable_ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/veth0/disable_ipv6'
	$inside ip link set lo up
	$inside ip addr add 10.9.0.2/24 dev veth0
	$inside ip link set veth0 up
	ip addr add 10.9.0.1/24 dev v0
	ip link set v0 up
	arp -i v0 -s 10.9.0.2 "$far"
	$inside arp -i veth0 -s 10.9.0.1 "$(cat /sys/class/net/v0/address)"
	until_true 20 ping -q -c 1 -W 1 10.9.0.2 | grep -c '1 packets received'
}

# get PORT PATH: not with wget, which asks for the name of a service, what static programs do badly.
get() {
	printf 'GET /%s HTTP/1.1\r\nHost: router.example\r\nConnection: close\r\n\r\n' "$2" |
		timeout 30 nc 10.9.0.2 "$1" | grep -ca '^HTTP/1.1 200' >/dev/null || echo "no answer from port $1 to /$2"
}

traffic() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do get 80 "?$i"; done
	get 80 long
	get 8080 ''
	ping -q -c 3 -w 10 10.9.0.2 >/dev/null || echo "ping failed"
}

# crossed says how many packets v0 has sent and received.
crossed() { echo $(($(cat /sys/class/net/v0/statistics/rx_packets) + $(cat /sys/class/net/v0/statistics/tx_packets))); }

statuses() { [ "$(grep -c '"type":"agent_status"' /tmp/events)" -ge "$1" ]; }

# run NAME CAPTURE INTERFACE: one run of the agent; CAPTURE and INTERFACE are lines of its configuration.
run() {
	cat >/tmp/netifyd.toml <<-END
		[agent]
		update_interval = "2s"
		[capture]
		$2
		[[interface]]
		name = "v0"
		$3
		[[listen]]
		address = "127.0.0.1"
		port = 7150
	END
	echo "== $1 begin"
	: >/tmp/events
	netifyd -c /tmp/netifyd.toml -R run 2>&1 &
	agent=$!
	until_true 60 grep -q ':1BEE 00000000:0000 0A ' /proc/net/tcp # 7150, LISTEN
	tail -f /dev/null | nc 127.0.0.1 7150 >/tmp/events &
	until_true 60 statuses 1
	before=$(crossed)
	traffic
	# Two more: the second counts all that was before the first.
	until_true 60 statuses $(($(grep -c '"type":"agent_status"' /tmp/events) + 2))
	echo "rings $(grep -c 'socket:' /proc/$agent/maps)"
	echo "crossed $(($(crossed) - before))"
	echo "packet sockets $(($(wc -l </proc/net/packet) - 1))"
	kill $agent
	wait $agent
	echo "ended with $?"
	echo "== $1 events"
	cat /tmp/events
	echo "== $1 end"
}

echo
echo "kernel $(uname -r) $(uname -m), $(grep -c ^processor /proc/cpuinfo) processors"
netifyd version
network
run open 'shards = 2' ''
run filtered 'shards = 2' 'filter = "tcp port 80 or arp"'
run socket 'method = "socket"' ''
echo "== all done"
