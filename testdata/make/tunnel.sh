#!/bin/bash
# Tunnels that look like something else, and VPNs beside those of vpn.sh.
. "$(dirname "$0")/lib.sh"

iodine_net() { # a name server for tunnel names, and its client with these options
	printf 'secret\n' >"$tmp/pw"
	serve env IODINED_PASS=secret iodined -f -c -n $s4 -d dnss0 10.98.0.1/24 t.example.test
	await udp 53
	peer env IODINE_PASS=secret iodine -f -d dnsc0 "$@" $s4 t.example.test
	until_true grep -q 'Connection setup complete' "$tmp/peer.out"
	client ping -c 3 -i 0.2 10.98.0.1
}
iodine_dns() {
	begin iodine
	need iodine iputils-ping
	iodine_net -r -m 200
	also='udp'
	finish dns 'iodine carries a ping in the names and answers of DNS;' 'what it says is sound DNS.' 'udp 53 DNS'
}
iodine_raw() {
	begin iodine-raw
	need iodine iputils-ping
	iodine_net
	also='udp[8:2] = 0x10d1'
	finish 'udp.port == 53' 'iodine sends packets of its own between the ports of DNS, once it has logged in by DNS;' 'joined after that, there is no DNS in the flow.' 'udp 53 Unknown'
}
gateway() { # gateway WHOSE PORT PROTOCOL: openconnect and what a GlobalProtect gateway says of its ESP
	begin esp-udp-$2
	need openconnect socat
	certificate rsa
	cat >"$tmp/gateway.py" <<-END
		import http.server, ssl
		def key(n):
		    return "<bits>%d</bits><val>%s</val>" % (n * 8, bytes(range(n)).hex())
		config = ("<response status='success'><ip-address>10.94.0.2</ip-address><netmask>255.255.255.255</netmask><gw-address>$s4</gw-address>"
		    "<ssl-tunnel-url>/ssl-tunnel-connect.sslvpn</ssl-tunnel-url><mtu>1400</mtu><ipsec><udp-port>$2</udp-port><ipsec-mode>esp-tunnel</ipsec-mode>"
		    "<enc-algo>aes-128-cbc</enc-algo><hmac-algo>sha1</hmac-algo><c2s-spi>0x51a7c3d2</c2s-spi><s2c-spi>0xc8f1037e</s2c-spi>"
		    "<akey-s2c>" + key(20) + "</akey-s2c><ekey-s2c>" + key(16) + "</ekey-s2c><akey-c2s>" + key(20) + "</akey-c2s><ekey-c2s>" + key(16) + "</ekey-c2s></ipsec></response>")
		class Gateway(http.server.BaseHTTPRequestHandler):
		    protocol_version = "HTTP/1.1"
		    def do_POST(self):
		        self.rfile.read(int(self.headers.get("Content-Length", 0)))
		        b = (config if "getconfig" in self.path else "<response status='success'><hip-report-needed>no</hip-report-needed></response>").encode()
		        self.send_response(200)
		        self.send_header("Content-Type", "application/xml")
		        self.send_header("Content-Length", str(len(b)))
		        self.end_headers()
		        self.wfile.write(b)
		s = http.server.HTTPServer(("$s4", 443), Gateway)
		c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		c.load_cert_chain("$tmp/both.pem")
		s.socket = c.wrap_socket(s.socket, server_side=True)
		s.serve_forever()
	END
	serve python3 "$tmp/gateway.py"
	serve socat -u UDP-RECV:$2 /dev/null
	await tcp 443
	await udp $2
	local pin
	pin=pin-sha256:$(openssl x509 -in "$tmp/cert.pem" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
	peer openconnect --protocol=gp -C 'authcookie=0123&portal=gateway&user=someone' --servercert $pin -s /bin/true --interface=tun7 server.example.test
	seen "udp port $2" 3
	also='udp'
	finish "udp.port == $2" "openconnect tries the ESP in UDP of a gateway that does not answer," "on the port of $1." "udp $2 $3"
}
esp_gp() {
	gateway GlobalProtect 4501 IPSEC
}
esp_cisco() {
	gateway "Cisco's VPN client" 10000 Cisco/VPN
}
sstp() {
	begin sstp
	need sstp-client socat
	certificate rsa
	cat >"$tmp/server.py" <<-END
		import socket
		l = socket.create_server(("$s4", 80))
		c, _ = l.accept()
		b = b""
		while b"\r\n\r\n" not in b:
		    b += c.recv(4096)
		c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\nServer: Microsoft-HTTPAPI/2.0\r\nDate: Sat, 01 Jan 2022 00:00:00 GMT\r\n\r\n")
		c.recv(4096)
		# Call Connect Acknowledge: crypto binding request, SHA-256, a nonce.
		c.sendall(bytes.fromhex("1001" "0030" "0002" "0001" "0004" "0028" "000000" "02") + bytes(range(32)))
		c.recv(4096)
	END
	serve python3 "$tmp/server.py"
	await tcp 80
	peer socat OPENSSL-LISTEN:443,cert="$tmp/both.pem",verify=0,reuseaddr TCP:$s4:80
	await tcp 443 client
	try timeout 4 sstpc --log-stderr --log-level 4 --cert-warn --tls-ext --user someone --password secret 127.0.0.1 noauth nodetach
	also='tcp'
	finish http 'sstpc opens a tunnel through an edge device that ends TLS;' 'behind it SSTP is in the clear.' 'tcp 80 SSTP'
}
trojan_() {
	begin trojan
	need v2ray curl nginx-light
	printf '{"inbounds":[{"port":8443,"listen":"%s","protocol":"trojan","settings":{"clients":[{"password":"secret"}]}}],"outbounds":[{"protocol":"freedom"}]}' $s4 >"$tmp/s.json"
	printf '{"inbounds":[{"port":1080,"listen":"127.0.0.1","protocol":"socks","settings":{"udp":false}}],"outbounds":[{"protocol":"trojan","settings":{"servers":[{"address":"%s","port":8443,"password":"secret"}]}}]}' $s4 >"$tmp/c.json"
	serve python3 -m http.server -b 127.0.0.1 -d /usr/share/common-licenses 8000
	await tcp 8000
	serve v2ray -config "$tmp/s.json"
	await tcp 8443
	peer v2ray -config "$tmp/c.json"
	await tcp 1080 client
	client curl -s --socks5-hostname 127.0.0.1:1080 -r 0-200 http://localhost:8000/BSD
	also='tcp port 8443'
	finish 'tcp.port == 8443' 'curl gets a page through two v2ray that speak Trojan without TLS,' 'as behind a proxy that ends TLS.' 'tcp 8443 Trojan'
}
tor_link() {
	begin tor
	need tor
	local fp id
	mkdir -m 700 "$tmp/a" "$tmp/a/keys" "$tmp/b"
	(
		cd "$tmp/a"
		echo secret | tor-gencert --create-identity-key --passphrase-fd 0 -m 12 -a $s4:9030 -i keys/authority_identity_key -s keys/authority_signing_key -c keys/authority_certificate >"$tmp/gencert" 2>&1
	)
	fp=$(sed -n 's/^fingerprint //p' "$tmp/a/keys/authority_certificate")
	printf 'TestingTorNetwork 1\nContactInfo root@example.test\nAssumeReachable 1\nExitRelay 0\nSocksPort 0\n' >"$tmp/rc"
	{
		cat "$tmp/rc"
		printf 'DataDirectory %s/a\nAddress %s\nORPort %s:9001\nDirPort %s:9030\nAuthoritativeDirectory 1\nV3AuthoritativeDirectory 1\nNickname one\n' "$tmp" $s4 $s4 $s4
	} >"$tmp/a.rc"
	id=$(in_s tor -f "$tmp/a.rc" --list-fingerprint --DirAuthority "one orport=9001 v3ident=$fp $s4:9030 0000000000000000000000000000000000000000" 2>/dev/null | sed -n 's/^one //p' | tail -n 1 | tr -d ' ')
	echo "DirAuthority one orport=9001 v3ident=$fp $s4:9030 $id" | tee -a "$tmp/a.rc" >>"$tmp/rc"
	{
		cat "$tmp/rc"
		printf 'DataDirectory %s/b\nAddress %s\nORPort %s:9002\nNickname two\n' "$tmp" $c4 $c4
	} >"$tmp/b.rc"
	serve tor -f "$tmp/a.rc"
	await tcp 9001
	peer tor -f "$tmp/b.rc"
	seen 'tcp port 9002 and tcp[13] & 8 != 0' 5 90
	count=14
	also='tcp port 9002'
	finish tls 'A relay of Tor 0.4.9 connects to another' 'with TLS 1.3, which hides the certificate.' 'tcp 9002 Tor'
}

attempt tor_link iodine_dns iodine_raw esp_gp esp_cisco sstp trojan_
