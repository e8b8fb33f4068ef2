#!/bin/bash
# What is wrong with a connection: servers that are bad in one way each.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark openssl

badssl() {
	max_bytes=81920
	begin badssl
	(cd "$make_dir/badpeer" && go build -buildvcs=false -o "$tmp/badpeer" .)
	serve "$tmp/badpeer" -serve :443 -ech "$tmp/ech"
	await tcp 443
	client "$tmp/badpeer" -ech "$tmp/ech" "$s4:443"
	# A suite without encryption is one that crypto/tls does not have.
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/ca.key" -out "$tmp/ca.pem" -days 900 -subj "/CN=Example Authority" 2>/dev/null
	openssl req -newkey rsa:2048 -nodes -keyout "$tmp/null.key" -out "$tmp/null.csr" -subj "/CN=null.example.test" 2>/dev/null
	openssl x509 -req -in "$tmp/null.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial -days 90 -out "$tmp/null.pem" \
		-extfile <(echo subjectAltName=DNS:null.example.test) 2>/dev/null
	serve openssl s_server -accept 8443 -cert "$tmp/null.pem" -key "$tmp/null.key" -quiet -tls1_2 -cipher 'NULL:@SECLEVEL=0' -alpn http/1.1 -www
	await tcp 8443
	in_c sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -tls1_2 -cipher 'NULL:@SECLEVEL=0' -alpn http/1.1 -connect $s4:8443 -servername null.example.test -quiet" >"$tmp/client.out" 2>&1 || true
	finish 'tls.handshake.type == 11' 'badpeer (crypto/tls) asks for names at a server of its own that is wrong in the way the name says;' \
		'null: openssl s_client and s_server with a suite that does not encrypt.' 'tcp 443 HTTP/S' 'tcp 8443 HTTP/S'
}

attempt badssl
