#!/bin/bash
# TLS in its versions and carriers, over TCP and over datagrams.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark openssl curl nginx-light gnutls-bin

s_server() { serve openssl s_server -accept "$1" -cert "$tmp/cert.pem" -key "$tmp/key.pem" -quiet "${@:2}"; }
web() {
	mkdir -p "$tmp/www" "$tmp/nginx"
	echo '<html><title>An example</title><p>It works.</html>' >"$tmp/www/index.html"
	cat >"$tmp/nginx.conf" <<-END
		daemon off; master_process off; pid $tmp/nginx.pid; error_log stderr;
		events {}
		http {
		access_log off;
		client_body_temp_path $tmp/nginx/a; proxy_temp_path $tmp/nginx/b; fastcgi_temp_path $tmp/nginx/c; uwsgi_temp_path $tmp/nginx/d; scgi_temp_path $tmp/nginx/e;
		server { listen ${1:-443} ssl ${2:-http2}; listen [::]:${1:-443} ssl ${2:-http2}; root $tmp/www; ssl_certificate $tmp/cert.pem; ssl_certificate_key $tmp/key.pem; ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; }
		}
	END
	serve nginx -e stderr -c "$tmp/nginx.conf"
	await tcp "${1:-443}"
}
tls13() {
	begin tls13
	certificate
	web
	client curl -s --cacert "$tmp/cert.pem" https://www.example.test/
	client curl -s -k --http1.1 https://server.example.test/
	client curl -s -k -6 https://server6.example.test/
	client curl -s -k "https://$s4/"
	finish 'tls.handshake.type == 2' 'curl to nginx over TLS 1.3: HTTP/2, HTTP/1.1, over IPv6, and with no SNI;' 'the certificate is an elliptic one.' 'tcp 443 HTTP/S'
}
tls12() {
	begin tls12
	certificate rsa
	web
	client curl -s --tls-max 1.2 --cacert "$tmp/cert.pem" https://www.example.test/
	client curl -s -k --tls-max 1.2 --no-alpn --ciphers AES128-SHA https://server.example.test/
	finish 'tls.handshake.type == 11' 'curl to nginx over TLS 1.2: once with HTTP/2, once without ALPN and with RSA key exchange;' 'the certificate is RSA with four names.' 'tcp 443 HTTP/S'
}
tls10() {
	begin tls10
	certificate rsa
	web
	printf 'openssl_conf=d\n[d]\nssl_conf=s\n[s]\nsystem_default=x\n[x]\nMinProtocol=TLSv1\nCipherString=ALL:@SECLEVEL=0\n' >"$tmp/old.cnf"
	printf 'GET / HTTP/1.0\r\n\r\n' >"$tmp/get"
	stop_pids "${pids[-1]}"
	OPENSSL_CONF=$tmp/old.cnf serve nginx -e stderr -c "$tmp/nginx.conf"
	await tcp 443
	local v
	for v in tls1 tls1_1; do
		in_c sh -c "OPENSSL_CONF=$tmp/old.cnf timeout 20 openssl s_client -$v -connect $s4:443 -servername server.example.test -quiet <$tmp/get" >"$tmp/client.out" 2>&1 || true
	done
	finish 'tls.handshake.type == 11' 'openssl s_client to nginx over TLS 1.0, then TLS 1.1,' 'where the certificate is in the clear.' 'tcp 443 HTTP/S'
}
tls_resumed() {
	begin tls-resumed
	certificate
	s_server 4433 -alpn test/1 -www
	await tcp 4433
	local v
	for v in tls1_2 tls1_3; do
		in_c sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -$v -connect $s4:4433 -servername server.example.test -alpn test/1,test/2 -sess_out $tmp/$v -ign_eof" >"$tmp/client.out" 2>&1 || true
		in_c sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 openssl s_client -$v -connect $s4:4433 -servername server.example.test -alpn test/1,test/2 -sess_in $tmp/$v -ign_eof" >"$tmp/client.out" 2>&1 || true
	done
	finish 'tls.handshake.type == 2' 'openssl s_client to s_server, TLS 1.2 and 1.3, each a full handshake and then a resumed one,' 'with ALPN of test/1.' 'tcp 4433 TLS'
}
tls_client_cert() {
	begin tls-client-cert
	certificate
	s_server 4433 -Verify 1 -tls1_2
	await tcp 4433
	in_c sh -c "echo hello | timeout 20 openssl s_client -connect $s4:4433 -servername server.example.test -cert $tmp/cert.pem -key $tmp/key.pem" >"$tmp/client.out" 2>&1 || true
	finish 'tls.handshake.type == 13' 'openssl s_client shows its own certificate to s_server,' 'over TLS 1.2.' 'tcp 4433 TLS'
}
tls_retry() {
	begin tls-hello-retry
	certificate
	s_server 4433 -tls1_3 -groups P-384
	await tcp 4433
	in_c sh -c "echo hello | timeout 20 openssl s_client -connect $s4:4433 -servername server.example.test" >"$tmp/client.out" 2>&1 || true
	finish 'tls.handshake.type == 2' 'openssl s_client to a TLS 1.3 s_server that wants another group:' 'Hello Retry Request, then a second hello.' 'tcp 4433 TLS'
}
tls_alert() {
	begin tls-refused
	certificate
	s_server 4433 -tls1_3
	await tcp 4433
	in_c sh -c "echo hello | timeout 20 openssl s_client -tls1_2 -connect $s4:4433 -servername server.example.test" >"$tmp/client.out" 2>&1 || true
	finish 'tls.alert_message' 'openssl s_client speaks TLS 1.2 to a server that only takes 1.3:' 'the hello is answered by an alert.' 'tcp 4433 TLS'
}
tls_split() {
	begin tls-split
	certificate
	web
	ip -n "$ns_c" route replace $s4/32 dev eth0 advmss 88 mtu lock 128
	ip -n "$ns_s" route replace $c4/32 dev eth0 advmss 88 mtu lock 128
	client curl -s -k https://www.example.test/
	client curl -s -k --tls-max 1.2 https://www.example.test/
	finish 'tls.handshake.type == 1' 'curl to nginx over a path of 128 bytes: the hellos of TLS 1.3 and 1.2 and the certificate' 'come in many small segments.' 'tcp 443 HTTP/S'
}
tls_records() {
	begin tls-records
	certificate rsa
	serve gnutls-serv --http --port 4433 --x509certfile "$tmp/cert.pem" --x509keyfile "$tmp/key.pem" --recordsize 600
	await tcp 4433
	in_c sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 gnutls-cli --insecure --recordsize 512 --priority NORMAL:-VERS-TLS1.3 -p 4433 --sni-hostname server.example.test $s4" >"$tmp/client.out" 2>&1 || true
	in_c sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 20 gnutls-cli --insecure --priority NORMAL -p 4433 --sni-hostname server.example.test $s4" >"$tmp/client.out" 2>&1 || true
	finish 'tls.handshake.type == 1' 'gnutls-cli to gnutls-serv, TLS 1.2 and 1.3,' 'with records of 512 and 600 bytes at most.' 'tcp 4433 TLS'
}
dtls() {
	begin dtls
	certificate
	s_server 4433 -dtls -alpn webrtc
	await udp 4433
	in_c sh -c "(echo hello; sleep 1) | timeout 20 openssl s_client -dtls -connect $s4:4433 -servername server.example.test -alpn webrtc,c-webrtc" >"$tmp/client.out" 2>&1 || true
	finish 'dtls.handshake.type == 2' 'openssl s_client to s_server over DTLS 1.2 with a cookie exchange' 'and ALPN.' 'udp 4433 DTLS'
}
dtls_fragments() {
	begin dtls-fragments
	certificate rsa
	s_server 4433 -dtls1_2 -mtu 256 -Verify 1
	await udp 4433
	in_c sh -c "(echo hello; sleep 1) | timeout 20 openssl s_client -dtls1_2 -mtu 256 -connect $s4:4433 -servername server.example.test -cert $tmp/cert.pem -key $tmp/key.pem" >"$tmp/client.out" 2>&1 || true
	finish 'dtls.handshake.type == 2' 'openssl s_client to s_server over DTLS 1.2 with datagrams of 256 bytes at most:' 'handshake messages come in fragments.' 'udp 4433 DTLS'
}
dtls_gnutls() {
	begin dtls-gnutls
	certificate
	serve gnutls-serv --udp --echo --port 4433 --x509certfile "$tmp/cert.pem" --x509keyfile "$tmp/key.pem"
	await udp 4433
	in_c sh -c "echo hello | timeout 20 gnutls-cli --udp --insecure -p 4433 --sni-hostname server.example.test $s4" >"$tmp/client.out" 2>&1 || true
	finish 'dtls.handshake.type == 2' 'gnutls-cli to gnutls-serv over DTLS,' 'with a cookie exchange.' 'udp 4433 DTLS'
}

attempt tls13 tls12 tls10 tls_resumed tls_client_cert tls_retry tls_alert tls_split tls_records dtls dtls_fragments dtls_gnutls
