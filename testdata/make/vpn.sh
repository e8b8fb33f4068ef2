#!/bin/bash
# Tunnels, routing and what lies beside TCP and UDP.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark openvpn wireguard-tools wireguard-go strongswan-starter strongswan-charon charon-systemd strongswan-swanctl libcharon-extra-plugins libstrongswan-extra-plugins iputils-ping frr bird2 keepalived openvswitch-switch

openvpn_keys() {
	certificate rsa
	openvpn --genkey secret "$tmp/static.key"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/ca.key" -out "$tmp/ca.pem" -days 3650 -subj /CN=ca.example.test 2>/dev/null
	local n
	for n in server client; do
		openssl req -newkey rsa:2048 -nodes -keyout "$tmp/$n.key" -out "$tmp/$n.csr" -subj /CN=$n.example.test 2>/dev/null
		openssl x509 -req -in "$tmp/$n.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial -days 3650 -out "$tmp/$n.pem" 2>/dev/null
	done
}
# openvpn_pair PROTO PORT OPTIONS: two peers, and a ping through them.
openvpn_pair() {
	local udp=$1 port=$2
	shift 2
	local sp=$udp cp=$udp
	[ "$udp" = tcp ] && sp=tcp-server cp=tcp-client
	local common="--dev tun --dev-type tun --verb 3 --nobind --ifconfig-noexec --route-noexec"
	serve openvpn --dev tun0 --dev-type tun --verb 3 --proto $sp --port $port --tls-server --dh none --ca "$tmp/ca.pem" --cert "$tmp/server.pem" --key "$tmp/server.key" --ifconfig 10.99.0.1 10.99.0.2 --keepalive 10 60 --writepid "$tmp/s.pid" "${@//ROLE/0}"
	await "$udp" $port
	peer openvpn --dev tun0 --dev-type tun --verb 3 --proto $cp --remote $s4 $port --nobind --tls-client --ca "$tmp/ca.pem" --cert "$tmp/client.pem" --key "$tmp/client.key" --ifconfig 10.99.0.2 10.99.0.1 --keepalive 10 60 "${@//ROLE/1}"
	until_true grep -q 'Initialization Sequence Completed' "$tmp/peer.out"
	until_true in_c ping -c 1 -W 1 10.99.0.1
	client ping -c 3 -i 0.2 10.99.0.1
}
openvpn_udp() {
	begin openvpn-udp
	openvpn_keys
	openvpn_pair udp 1194
	finish openvpn 'Two OpenVPN 2.6 peers over UDP with TLS and no key of control channel;' 'ping through the tunnel.' 'udp 1194 OpenVPN'
}
openvpn_tcp() {
	begin openvpn-tcp
	openvpn_keys
	openvpn_pair tcp 1194
	finish openvpn 'Two OpenVPN 2.6 peers over TCP with TLS;' 'ping through the tunnel.' 'tcp 1194 OpenVPN'
}
openvpn_auth() {
	begin openvpn-tls-auth
	openvpn_keys
	openvpn_pair udp 1194 --tls-auth "$tmp/static.key" ROLE --auth SHA256
	finish openvpn 'Two OpenVPN 2.6 peers over UDP with tls-auth (HMAC of SHA-256);' 'ping through the tunnel.' 'udp 1194 OpenVPN'
}
openvpn_auth_tcp() {
	begin openvpn-tls-auth-tcp
	openvpn_keys
	openvpn_pair tcp 443 --tls-auth "$tmp/static.key" ROLE
	finish 'tcp.port == 443' 'Two OpenVPN 2.6 peers over TCP port 443 with tls-auth (HMAC of SHA-1);' 'ping through the tunnel.' 'tcp 443 OpenVPN'
}
openvpn_crypt() {
	begin openvpn-tls-crypt
	openvpn_keys
	openvpn_pair udp 5194 --tls-crypt "$tmp/static.key"
	finish 'udp.port == 5194' 'Two OpenVPN 2.6 peers over UDP port 5194 with tls-crypt;' 'ping through the tunnel.' 'udp 5194 OpenVPN'
}
openvpn_static() {
	begin openvpn-static-key
	openvpn --genkey secret "$tmp/static.key"
	serve openvpn --dev tun0 --dev-type tun --proto udp --port 1194 --secret "$tmp/static.key" --cipher AES-256-CBC --ifconfig 10.99.0.1 10.99.0.2
	await udp 1194
	peer openvpn --dev tun0 --dev-type tun --proto udp --remote $s4 1194 --nobind --secret "$tmp/static.key" --cipher AES-256-CBC --ifconfig 10.99.0.2 10.99.0.1
	until_true in_c ping -c 1 -W 1 10.99.0.1
	client ping -c 3 -i 0.2 10.99.0.1
	also='udp'
	finish 'udp.port == 1194' 'Two OpenVPN 2.6 peers over UDP with a static key: nothing but ciphertext,' 'so that no one can tell.' 'udp 1194 Unknown'
}
wireguard() {
	begin wireguard
	local n
	for n in a b; do
		wg genkey >"$tmp/$n.key"
		wg pubkey <"$tmp/$n.key" >"$tmp/$n.pub"
	done
	serve env WG_PROCESS_FOREGROUND=1 wireguard-go -f wgs0
	peer env WG_PROCESS_FOREGROUND=1 wireguard-go -f wgc0
	until_true test -S /var/run/wireguard/wgs0.sock
	until_true test -S /var/run/wireguard/wgc0.sock
	in_s wg set wgs0 listen-port 51820 private-key "$tmp/a.key" peer "$(cat "$tmp/b.pub")" allowed-ips 10.99.0.2/32
	in_c wg set wgc0 listen-port 40000 private-key "$tmp/b.key" peer "$(cat "$tmp/a.pub")" allowed-ips 10.99.0.1/32 endpoint $s4:51820 persistent-keepalive 2
	ip -n "$ns_s" address add 10.99.0.1/24 dev wgs0
	ip -n "$ns_c" address add 10.99.0.2/24 dev wgc0
	ip -n "$ns_s" link set wgs0 up
	ip -n "$ns_c" link set wgc0 up
	client ping -c 3 -i 0.2 10.99.0.1
	seen 'udp port 51820 and length <= 74' 1
	finish wg 'Two wireguard-go peers: handshake, ping through the tunnel,' 'a keepalive.' 'udp 51820 WireGuard'
}
ike() { # ike NAME KEYEXCHANGE ENCAP
	cat >"$tmp/strongswan.conf" <<-END
		charon { load_modular = no
		  load = random nonce aes sha1 sha2 hmac kdf gmp curve25519 x509 pubkey pem openssl socket-default kernel-libipsec kernel-netlink vici updown stroke
		  install_routes = yes
		  port = 500
		  port_nat_t = 4500
		  filelog { stderr { default = 1 } }
		  plugins { vici { socket = unix://ROOT/vici }
		    kernel-libipsec { load = yes } }
		}
	END
	local w
	for w in s c; do
		mkdir -p "$tmp/$w/run"
		sed "s#ROOT#$tmp/$w#" "$tmp/strongswan.conf" >"$tmp/$w/strongswan.conf"
	done
	conn() { # conn LOCAL REMOTE VERSION
		cat <<-END
			connections { test { version = $3
			  local_addrs = $1
			  remote_addrs = $2
			  encap = yes
			  proposals = aes128-sha256-modp2048
			  local { auth = psk
			    id = $1 }
			  remote { auth = psk
			    id = $2 }
			  children { net { local_ts = $1/32
			    remote_ts = $2/32
			    esp_proposals = aes128-sha256 } } } }
			secrets { ike-1 { secret = "example" } }
		END
	}
	conn $s4 $c4 "$1" >"$tmp/s/swanctl.conf"
	conn $c4 $s4 "$1" >"$tmp/c/swanctl.conf"
	serve unshare -m sh -c "mount -t tmpfs none /run; STRONGSWAN_CONF=$tmp/s/strongswan.conf exec /usr/lib/ipsec/charon"
	peer unshare -m sh -c "mount -t tmpfs none /run; STRONGSWAN_CONF=$tmp/c/strongswan.conf exec /usr/lib/ipsec/charon"
	until_true test -S "$tmp/s/vici"
	until_true test -S "$tmp/c/vici"
	in_s swanctl --load-all --uri "unix://$tmp/s/vici" --file "$tmp/s/swanctl.conf" >"$tmp/load" 2>&1
	in_c swanctl --load-all --uri "unix://$tmp/c/vici" --file "$tmp/c/swanctl.conf" >>"$tmp/load" 2>&1
	try swanctl --initiate --child net --uri "unix://$tmp/c/vici"
	try ping -c 3 -i 0.2 $s4
	try swanctl --terminate --ike test --uri "unix://$tmp/c/vici"
}
ikev2() {
	begin ikev2
	ike 2
	also='udp'
	finish isakmp 'strongSwan makes an IKEv2 connection with a shared key, ESP in UDP, and ends it.' 'The first exchange is on port 500, the others on 4500.' 'udp 500 IPSEC' 'udp 4500 IPSEC'
}
ikev1() {
	begin ikev1
	ike 1
	also='udp'
	finish isakmp 'strongSwan makes an IKEv1 connection with a shared key, ESP in UDP, and ends it.' 'It begins on port 500 and moves to 4500.' 'udp 500 IPSEC' 'udp 4500 IPSEC'
}
ping_() {
	begin icmp
	only='icmp'
	client ping -c 3 -i 0.2 $s4
	client ping -c 1 -s 1200 $s4
	try dig +tries=1 +time=1 @$s4 www.example.test
	finish icmp 'ping, with 56 and with 1200 bytes;' 'then the closed port of a DNS server.' 'ip1 - ICMP'
}
ping6() {
	begin icmpv6
	only='icmp6 and not ip6[6] = 0 and not (ip6[40] >= 130 and ip6[40] <= 132)'
	ip -n "$ns_c" -6 neigh flush all
	client ping -6 -c 3 -i 0.2 $s6
	try ping -6 -c 2 -i 0.2 -I eth0 ff02::1
	finish icmpv6 'ping over IPv6 with neighbour discovery,' 'and to all nodes.' 'ip58 - ICMPv6' 
}
igmp() {
	begin igmp
	in_s sysctl -qw net.ipv4.conf.eth0.force_igmp_version=2
	cat >"$tmp/join.py" <<-END
		import socket, sys, time
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(sys.argv[1]) + socket.inet_aton(sys.argv[2]))
		time.sleep(60)
	END
	serve python3 "$tmp/join.py" 239.1.2.3 $s4
	local joined=${pids[-1]}
	peer python3 "$tmp/join.py" 239.1.2.4 $c4
	seen 'igmp and src host 10.9.0.2'
	seen 'igmp and src host 10.9.0.1'
	kill "$joined" "${pids[-1]}"
	seen igmp 4 10
	only=igmp
	finish igmp 'The kernel of Linux joins and leaves multicast groups for programs,' 'with IGMPv2 on one side and IGMPv3 on the other.' 'ip2 - IGMP'
}
vrrp() {
	begin vrrp
	local w a p
	for w in "s 150" "c 100"; do
		set -- $w
		printf 'global_defs { \n router_id %s\n script_user root\n}\nvrrp_instance one {\n interface eth0\n virtual_router_id 51\n priority %s\n advert_int 1\n virtual_ipaddress { \n 10.9.0.250/24\n }\n}\nvrrp_instance two {\n interface eth0\n version 3\n virtual_router_id 52\n priority %s\n advert_int 1\n virtual_ipaddress {\n fd00:9::250/64\n }\n}\n' $1 $2 $2 >"$tmp/$1.conf"
	done
	serve keepalived -n -l -P -f "$tmp/s.conf" -p "$tmp/s.pid" -r "$tmp/s2.pid"
	seen 'ip proto 112' 3
	seen 'ip6 proto 112' 2
	only='proto 112'
	finish vrrp 'keepalived announces itself as master of an IPv4 address (VRRP version 2)' 'and of an IPv6 address (version 3).' 'ip112 - VRRP'
}
ospf() {
	begin ospf
	local w i
	for w in s c; do
		mkdir -p "$tmp/$w"
		i=1
		[ $w = s ] && i=2
		printf 'router id 10.9.0.%s;\nprotocol device {}\nprotocol direct { ipv4; ipv6; interface "lo"; }\nprotocol ospf v2 { ipv4 { import all; export all; }; area 0 { interface "eth0" { hello 1; dead 4; wait 2; type ptp; }; interface "lo" { stub; }; }; }\nprotocol ospf v3 { ipv6 { import all; export all; }; area 0 { interface "eth0" { hello 1; dead 4; wait 2; type ptp; }; }; }\n' $i >"$tmp/$w/bird.conf"
	done
	serve bird -f -c "$tmp/s/bird.conf" -s "$tmp/s/ctl"
	peer bird -f -c "$tmp/c/bird.conf" -s "$tmp/c/ctl"
	seen 'ip proto 89 and ip[21] = 4' 2
	seen 'ip6 proto 89' 4
	only='proto 89'
	finish ospf 'Two BIRD routers meet over OSPF version 2' 'and version 3.' 'ip89 - OSPF'
}
bgp() {
	begin bgp
	printf 'router id %s;\nprotocol device {}\nprotocol static { ipv4; route 192.0.2.0/24 blackhole; }\nprotocol bgp { local %s as 65001; neighbor %s as 65002; ipv4 { import all; export all; }; }\n' $s4 $s4 $c4 >"$tmp/s.conf"
	printf 'router id %s;\nprotocol device {}\nprotocol bgp { local %s as 65002; neighbor %s as 65001; ipv4 { import all; export all; }; }\n' $c4 $c4 $s4 >"$tmp/c.conf"
	serve bird -f -c "$tmp/s.conf" -s "$tmp/sctl"
	peer bird -f -c "$tmp/c.conf" -s "$tmp/cctl"
	until_true sh -c "birdc -s $tmp/sctl show protocols | grep -q Established" || cat "$tmp"/*.out
	seen "tcp port 179" 12
	also='tcp'
	finish bgp 'Two BIRD routers exchange a route' 'over BGP.' 'tcp 179 BGP'
}
bfd() {
	begin bfd
	local w
	printf 'router id %s;\nprotocol device {}\nprotocol bfd { interface "eth0" { min rx interval 100 ms; min tx interval 100 ms; }; neighbor %s dev "eth0"; }\n' $s4 $c4 >"$tmp/s.conf"
	printf 'router id %s;\nprotocol device {}\nprotocol bfd { interface "eth0" { min rx interval 100 ms; min tx interval 100 ms; }; neighbor %s dev "eth0"; }\n' $c4 $s4 >"$tmp/c.conf"
	serve bird -f -c "$tmp/s.conf" -s "$tmp/sctl"
	peer bird -f -c "$tmp/c.conf" -s "$tmp/cctl"
	seen 'udp port 3784' 12 30
	also='udp'
	finish bfd 'Two BIRD routers watch each other' 'with BFD.' 'udp 3784 BFD'
}
rip() {
	begin rip
	printf 'router id %s;\nprotocol device {}\nprotocol static { ipv4; route 192.0.2.0/24 blackhole; }\nprotocol rip { ipv4 { import all; export all; }; interface "eth0" { update time 2; }; }\n' $s4 >"$tmp/s.conf"
	printf 'router id %s;\nprotocol device {}\nprotocol rip { ipv4 { import all; export all; }; interface "eth0" { update time 2; }; }\n' $c4 >"$tmp/c.conf"
	serve bird -f -c "$tmp/s.conf" -s "$tmp/sctl"
	peer bird -f -c "$tmp/c.conf" -s "$tmp/cctl"
	seen 'udp port 520' 5 30
	also='udp'
	finish rip 'Two BIRD routers exchange a route' 'over RIP version 2.' 'udp 520 RIP'
}

attempt openvpn_udp openvpn_tcp openvpn_auth openvpn_auth_tcp openvpn_crypt openvpn_static wireguard ikev2 ikev1 ping_ ping6 igmp vrrp ospf bgp bfd rip
