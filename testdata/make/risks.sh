#!/bin/bash
# What is wrong with a connection: servers that are bad in one way each.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark openssl gnutls-bin

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

# openssl_day is a time as openssl ca takes it.
openssl_day() { date -u -d "$1" +%y%m%d%H%M%SZ; }

# openssl_leaf NAME FROM TO [DIGEST [BITS [HOST]]]: a certificate for NAME.example.test, or for HOST.
openssl_leaf() {
	local host=${6:-$1.example.test}
	openssl req -newkey "rsa:${5:-2048}" -nodes -keyout "$tmp/$1.key" -out "$tmp/$1.csr" -subj "/CN=$host" -addext "subjectAltName=DNS:$host" 2>/dev/null
	openssl ca -batch -config "$tmp/ca.cnf" -in "$tmp/$1.csr" -out "$tmp/$1.pem" -startdate "$(openssl_day "$2")" -enddate "$(openssl_day "$3")" -md "${4:-sha256}" -notext 2>/dev/null
}

# only_server runs a program as the server of port 443, which its end leaves free for the next one.
only_server() {
	ip netns exec "$ns_s" "$@" >>"$tmp/serve.out" 2>&1 </dev/null &
	server_pid=$!
	await tcp 443
}

# openssl_try NAME CERTIFICATE SERVER-ARGUMENTS -- CLIENT-ARGUMENTS: one server of port 443, and one client that asks it for NAME.example.test.
openssl_try() {
	local name=(-servername "$1.example.test") cert=$2 server=()
	[ "$1" = no-name ] && name=(-noservername)
	shift 2
	while [ "$1" != -- ]; do server+=("$1"); shift; done
	shift
	[ "$cert" = none ] && server+=(-nocert) || server+=(-cert "$tmp/$cert.pem" -key "$tmp/$cert.key")
	only_server openssl s_server -accept 443 -quiet "${server[@]}"
	(sleep 0.3; echo) | in_c timeout 5 openssl s_client -connect "$s4:443" "${name[@]}" -CAfile "$tmp/ca.pem" "$@" >"$tmp/client.out" 2>&1 || true
	stop_pids "$server_pid"
}

# gnutls_try NAME PRIORITY: the same by GnuTLS, which has the suites that OpenSSL has left out.
gnutls_try() {
	only_server env GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null gnutls-serv -p 443 --http -q --x509keyfile "$tmp/good.key" --x509certfile "$tmp/good.pem" --priority "$2" --alpn http/1.1
	(sleep 0.3; echo) | in_c env GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null timeout 5 gnutls-cli --no-ca-verification --sni-hostname "$1.example.test" --alpn http/1.1 --priority "$2" -p 443 $s4 >"$tmp/client.out" 2>&1 || true
	stop_pids "$server_pid"
}

badssl_openssl() {
	max_bytes=102400
	begin badssl-openssl
	mkdir "$tmp/db"
	: >"$tmp/db/index.txt"
	echo 1000 >"$tmp/db/serial"
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/db/index.txt\nserial=%s/db/serial\nnew_certs_dir=%s/db\ncertificate=%s/ca.pem\nprivate_key=%s/ca.key\npolicy=p\nunique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n' \
		"$tmp" "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/ca.cnf"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/ca.key" -out "$tmp/ca.pem" -days 900 -subj "/CN=Example Authority" 2>/dev/null
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/self.key" -out "$tmp/self.pem" -days 80 -subj "/CN=self.example.test" -addext "subjectAltName=DNS:*.example.test" 2>/dev/null
	openssl_leaf good '-10 days' '+80 days' sha256 2048 '*.example.test'
	openssl_leaf expired '-100 days' '-10 days'
	openssl_leaf not-yet-valid '+5 days' '+90 days'
	openssl_leaf ends-soon '-80 days' '+3 days'
	openssl_leaf wrong-host '-10 days' '+80 days' sha256 2048 other.example.org
	openssl_leaf too-long '-10 days' '+800 days'
	openssl_leaf sha1 '-10 days' '+80 days' sha1
	openssl_leaf rsa1024 '-10 days' '+80 days' sha256 1024
	local web=(-alpn http/1.1) old=(-cipher 'ALL:COMPLEMENTOFALL:@SECLEVEL=0')
	openssl_try good good -tls1_2 "${web[@]}" -- "${web[@]}"
	openssl_try good13 good "${web[@]}" -- "${web[@]}"
	for cert in expired not-yet-valid ends-soon wrong-host too-long self; do openssl_try $cert $cert -tls1_2 "${web[@]}" -- "${web[@]}"; done
	for cert in sha1 rsa1024; do openssl_try $cert $cert -tls1_2 "${old[@]}" "${web[@]}" -- "${old[@]}" "${web[@]}"; done
	openssl_try tls10 good -tls1 "${old[@]}" "${web[@]}" -- -tls1 "${old[@]}" "${web[@]}"
	openssl_try tls11 good -tls1_1 "${old[@]}" "${web[@]}" -- -tls1_1 "${old[@]}" "${web[@]}"
	openssl_try null good -tls1_2 -cipher NULL-SHA256:@SECLEVEL=0 "${web[@]}" -- -tls1_2 -cipher NULL-SHA256:@SECLEVEL=0 "${web[@]}"
	openssl_try anonymous none -tls1_2 -cipher ADH-AES128-SHA256:@SECLEVEL=0 "${web[@]}" -- -tls1_2 -cipher ADH-AES128-SHA256:@SECLEVEL=0 "${web[@]}"
	openssl_try no-name good -tls1_2 "${web[@]}" -- "${web[@]}"
	openssl_try no-alpn good -tls1_2 --
	openssl_try no-alpn13 good --
	openssl_try odd-alpn good -tls1_2 -alpn c2-7 -- -alpn c2-7
	openssl_try distrusted self -tls1_2 "${web[@]}" -- -verify_return_error "${web[@]}"
	openssl_try refused good -tls1_3 "${web[@]}" -- -tls1_2 "${web[@]}"
	openssl_try client-certificate good -tls1_2 -verify 1 "${web[@]}" -- -cert "$tmp/good.pem" -key "$tmp/good.key" "${web[@]}"
	gnutls_try 3des 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+3DES-CBC'
	gnutls_try rc4 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+ARCFOUR-128'
	finish 'tls.handshake.type == 11' 'openssl s_client asks s_server for a name, gnutls-cli gnutls-serv for those whose suites OpenSSL has left out;' \
		'the server is wrong in the way that the name says.' 'tcp 443 HTTP/S'
}

attempt badssl badssl_openssl
