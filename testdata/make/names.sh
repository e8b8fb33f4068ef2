#!/bin/bash
# Names, addresses and discovery: DNS, mDNS, LLMNR, NetBIOS, DHCP, SSDP.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark dnsmasq-base bind9-dnsutils knot-dnsutils unbound avahi-daemon avahi-utils dbus-daemon \
	samba smbclient isc-dhcp-client udhcpc gupnp-tools xvfb xauth minissdpd miniupnpc

dnsmasq_conf() {
	cat >"$tmp/dnsmasq.conf" <<-END
		no-resolv
		no-hosts
		keep-in-foreground
		user=root
		pid-file=$tmp/dnsmasq.pid
		local=/example.test/
		host-record=www.example.test,$s4,$s6,300
		host-record=plain.example.test,192.0.2.7,600
		cname=alias.example.test,www.example.test,60
		mx-host=example.test,mail.example.test,10
		txt-record=example.test,"v=spf1 -all","another text"
		srv-host=_sip._udp.example.test,server.example.test,5060,1,2
		ptr-record=2.0.9.10.in-addr.arpa,www.example.test
		caa-record=example.test,0,issue,ca.example.test
		${1:-}
	END
	serve dnsmasq -C "$tmp/dnsmasq.conf"
	await udp "${2:-53}"
}
dns() {
	begin dns
	dnsmasq_conf
	local q
	for q in www.example.test "www.example.test AAAA" "plain.example.test" "alias.example.test A" "example.test MX" "example.test TXT" \
		"_sip._udp.example.test SRV" "-x $s4" "nothing.example.test" "www.example.test HTTPS" "example.test CAA" "WwW.eXaMpLe.TeSt +noedns +nocookie" "example.test ANY +notcp"; do
		client dig +tries=1 +time=2 @$s4 $q
	done
	client dig @$s6 www.example.test AAAA +dnssec
	finish dns 'dig asks dnsmasq for A, AAAA, CNAME, MX, TXT, SRV, PTR, CAA, HTTPS, ANY and a name that is not,' 'over IPv4 and IPv6, with EDNS and without.' 'udp 53 DNS'
}
dns_tcp() {
	begin dns-tcp
	dnsmasq_conf
	client dig +tcp @$s4 www.example.test
	client dig +tcp @$s6 example.test TXT
	client kdig +tcp +keepopen @$s4 www.example.test A plain.example.test A nothing.example.test AAAA
	finish dns 'dig and kdig ask dnsmasq over TCP,' 'one question, and several on one connection.' 'tcp 53 DNS'
}
dns_port() {
	begin dns-other-port
	dnsmasq_conf port=5300 5300
	client dig -p 5300 @$s4 alias.example.test
	client dig -p 5300 +tcp @$s4 alias.example.test
	finish dns 'dig asks dnsmasq on port 5300,' 'over UDP and TCP.' 'udp 5300 DNS' 'tcp 5300 DNS'
}
dot() {
	begin dot
	certificate
	cat >"$tmp/unbound.conf" <<-END
		server:
		  interface: $s4@853
		  interface: $s4@443
		  tls-port: 853
		  https-port: 443
		  tls-service-key: $tmp/key.pem
		  tls-service-pem: $tmp/cert.pem
		  access-control: 0.0.0.0/0 allow
		  chroot: ""
		  username: ""
		  directory: $tmp
		  pidfile: ""
		  do-daemonize: no
		  use-syslog: no
		  module-config: "iterator"
		  local-zone: "example.test." static
		  local-data: "www.example.test. 300 IN A 192.0.2.7"
		remote-control:
		  control-enable: no
	END
	serve unbound -d -c "$tmp/unbound.conf"
	await tcp 853
	client kdig +tls +tls-sni=server.example.test @$s4 www.example.test
	client kdig +tls +keepopen @$s4 www.example.test A nothing.example.test A
	finish tls 'kdig asks unbound over TLS,' 'with a server name and without.' 'tcp 853 DoT'
}
doh() {
	begin doh
	certificate
	cat >"$tmp/unbound.conf" <<-END
		server:
		  interface: $s4@443
		  https-port: 443
		  tls-service-key: $tmp/key.pem
		  tls-service-pem: $tmp/cert.pem
		  access-control: 0.0.0.0/0 allow
		  chroot: ""
		  username: ""
		  directory: $tmp
		  pidfile: ""
		  do-daemonize: no
		  use-syslog: no
		  module-config: "iterator"
		  local-data: "www.example.test. 300 IN A 192.0.2.7"
		remote-control:
		  control-enable: no
	END
	serve unbound -d -c "$tmp/unbound.conf"
	await tcp 443
	client kdig +https +tls-sni=server.example.test @$s4 www.example.test
	finish tls 'kdig asks unbound over HTTPS; to an onlooker' 'it is HTTP/2 over TLS like any other.' 'tcp 443 HTTP/S'
}
avahi() { # avahi serve|peer HOST
	mkdir -p "$tmp/$2/services" "$tmp/$2/run"
	cat >"$tmp/$2/avahi-daemon.conf" <<-END
		[server]
		host-name=$2
		domain-name=local
		use-ipv4=yes
		use-ipv6=yes
		enable-dbus=$3
		allow-interfaces=eth0
		[publish]
		publish-hinfo=yes
		publish-workstation=yes
	END
	cat >"$tmp/$2/services/web.service" <<-END
		<service-group><name>Pages of $2</name>
		<service><type>_http._tcp</type><port>80</port><txt-record>path=/index.html</txt-record></service>
		<service><type>_ipp._tcp</type><port>631</port><txt-record>ty=A Printer Model 5</txt-record></service></service-group>
	END
	"$1" unshare -m sh -c "mount --bind $tmp/$2/services /etc/avahi/services; mount -t tmpfs none /run; mkdir -p /run/dbus /run/avahi-daemon; exec dbus-run-session -- sh -c 'exec avahi-daemon --no-chroot --no-drop-root --no-rlimits -f $tmp/$2/avahi-daemon.conf'"
}
mdns() {
	begin mdns
	avahi serve laserwriter no
	avahi peer desktop no
	seen 'src host 10.9.0.2 and udp port 5353' 3
	seen 'src host 10.9.0.1 and udp port 5353' 3
	try dig -p 5353 @224.0.0.251 laserwriter.local +noedns +time=2 +tries=1
	try dig -p 5353 @224.0.0.251 -t PTR _ipp._tcp.local +time=2 +tries=1
	finish mdns 'Two avahi daemons announce hosts, a web server and a printer;' 'dig asks them from a port of its own (RFC 6762 section 6.7).' 'udp 5353 MDNS' 'udp * MDNS'
}
netbios() {
	begin netbios
	mkdir -p "$tmp"/{smb,lock,run,cache,private}
	printf '[global]\nworkgroup=OFFICE\nnetbios name=FILER\nserver string=a file server\ninterfaces=eth0\nbind interfaces only=yes\nlock directory=%s/lock\nstate directory=%s/smb\ncache directory=%s/cache\npid directory=%s/run\nprivate dir=%s/private\nlog file=%s/log\nlocal master=yes\nos level=65\n' "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/smb.conf"
	serve nmbd -F --no-process-group -s "$tmp/smb.conf"
	await udp 137
	seen 'udp port 138' 2 90
	printf '[global]\nworkgroup=OFFICE\nnetbios name=DESK\ninterfaces=eth0\n' >"$tmp/c.conf"
	try nmblookup -s "$tmp/c.conf" FILER
	try nmblookup -s "$tmp/c.conf" -A $s4
	try nmblookup -s "$tmp/c.conf" NOBODY
	finish nbns 'nmbd of Samba registers its names and announces itself; nmblookup finds it by name,' 'asks for its node status, and for a name that nobody has.' 'udp 137 NETBIOS' 'udp 138 NETBIOS' 'udp * NETBIOS'
}
dhcp() {
	begin dhcp
	dnsmasq_conf "dhcp-range=10.9.0.50,10.9.0.60,255.255.255.0,1h
		dhcp-option=option:domain-name,example.test
		dhcp-option=option:ntp-server,$s4
		no-ping"
	client udhcpc -i eth0 -n -q -f -s /bin/true -x hostname:kitchen -V 'udhcp 1.35'
	printf 'send host-name "workstation";\nsend vendor-class-identifier "MSFT 5.0";\nrequest subnet-mask, routers, domain-name-servers, domain-name, netbios-name-servers, interface-mtu, ntp-servers;\n' >"$tmp/dhclient.conf"
	client dhclient -4 -1 -d -nw -cf "$tmp/dhclient.conf" -lf "$tmp/leases" -pf "$tmp/dhclient.pid" -sf /bin/true --no-pid eth0 &
	local d=$!
	pids+=($d)
	seen 'udp port 67 and src host 10.9.0.2' 4
	seen 'udp port 68' 8
	finish dhcp 'udhcpc and then dhclient (as workstation, vendor class MSFT 5.0)' 'get an address from dnsmasq.' 'udp 67 DHCP' 'udp 68 DHCP'
}
dhcpv6() {
	begin dhcpv6
	dnsmasq_conf "dhcp-range=fd00:9::100,fd00:9::1ff,64,1h
		dhcp-option=option6:domain-search,example.test
		enable-ra" 547
	ip -n "$ns_c" -6 address show dev eth0 | grep -q fe80 || ip -n "$ns_c" address add fe80::1/64 dev eth0 nodad
	ip -n "$ns_s" -6 address show dev eth0 | grep -q fe80 || ip -n "$ns_s" address add fe80::2/64 dev eth0 nodad
	printf 'send dhcp6.fqdn.fqdn "laptop";\n' >"$tmp/dhclient.conf"
	peer dhclient -6 -1 -d -cf "$tmp/dhclient.conf" -lf "$tmp/leases" -pf "$tmp/dhclient.pid" -sf /bin/true --no-pid eth0
	seen 'udp port 547' 4
	finish dhcpv6 'dhclient -6 gets an address from dnsmasq:' 'Solicit, Advertise, Request, Reply.' 'udp 547 DHCPv6' 'udp 546 DHCPv6'
}
ssdp() {
	begin ssdp
	cat >"$tmp/device.xml" <<-END
	END
	serve xvfb-run -a gupnp-network-light -i eth0
	seen 'udp port 1900' 4 20
	try timeout 8 gssdp-discover -i eth0 -n 4
	finish ssdp 'gupnp-network-light announces itself,' 'gssdp-discover searches for all devices.' 'udp 1900 SSDP' 'udp * SSDP'
}
upnp() {
	begin upnp
	serve xvfb-run -a gupnp-network-light -i eth0
	seen 'udp port 1900' 1 20
	try upnpc -s
	also='udp'
	finish ssdp 'upnpc of miniupnp searches for gateways' 'where only a light answers.' 'udp 1900 SSDP' 'udp * SSDP'
}

attempt dns dns_tcp dns_port dot doh mdns netbios dhcp dhcpv6 ssdp upnp
