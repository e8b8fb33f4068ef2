#!/bin/bash
# QUIC, and TLS hellos that hide their names.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark chromium libnss3-tools

# quicpeer and echpeer are small programs around a real implementation.
build() { (cd "$make_dir/quicpeer" && go build -buildvcs=false -o "$tmp/quicpeer" .); }
quic_run() { # quic_run OPTIONS: server and client
	certificate
	build
	serve "$tmp/quicpeer" -serve :443 -cert "$tmp/cert.pem" -key "$tmp/key.pem" "$@"
	await udp 443
}
quic_v1() {
	begin quic-v1
	quic_run
	client "$tmp/quicpeer" https://server.example.test/
	client "$tmp/quicpeer" https://server6.example.test/
	finish quic 'quic-go to quic-go: HTTP/3 over QUIC version 1,' 'over IPv4 and IPv6.' 'udp 443 QUIC'
}
quic_v2() {
	begin quic-v2
	quic_run -v2
	client "$tmp/quicpeer" -v2 https://server.example.test/
	finish quic 'quic-go to quic-go: HTTP/3 over QUIC version 2' '(RFC 9369).' 'udp 443 QUIC'
}
quic_long() {
	begin quic-long-hello
	quic_run
	client "$tmp/quicpeer" -long https://server.example.test/
	client "$tmp/quicpeer" -long -v2 https://server.example.test/
	finish quic 'quic-go to quic-go with so many application protocols offered' 'that the hello takes several datagrams, in versions 1 and 2.' 'udp 443 QUIC'
}
quic_retry() {
	begin quic-retry
	quic_run -retry
	client "$tmp/quicpeer" https://server.example.test/
	finish quic 'quic-go to quic-go that demands a token first:' 'Retry, then a second Initial with other connection identifiers.' 'udp 443 QUIC'
}
quic_negotiate() {
	begin quic-version-negotiation
	quic_run -only1 -alpn test
	client "$tmp/quicpeer" -v2 -and1 -alpn test https://server.example.test:443/
	finish quic 'quic-go begins with version 2 at a server that only knows version 1:' 'Version Negotiation, then version 1.' 'udp 443 QUIC'
}
doq() {
	begin quic-doq
	certificate
	build
	serve "$tmp/quicpeer" -serve :853 -cert "$tmp/cert.pem" -key "$tmp/key.pem" -alpn doq
	await udp 853
	client "$tmp/quicpeer" -alpn doq https://server.example.test:853/
	finish 'udp.port == 853' 'quic-go to quic-go with the application protocol doq' 'of DNS over QUIC (RFC 9250), port 853.' 'udp 853 DoQ'
}
ech() {
	begin tls-ech
	certificate
	build
	serve "$tmp/quicpeer" -tls :443 -cert "$tmp/cert.pem" -key "$tmp/key.pem" -ech "$tmp/ech"
	await tcp 443
	client "$tmp/quicpeer" -tls server.example.test:443 -ech "$tmp/ech" -name hidden.example.test
	finish 'tls.handshake.type == 1' "crypto/tls of Go with Encrypted Client Hello: the outer name is public.example.test," 'the inner one is hidden, and the server accepts it.' 'tcp 443 HTTP/S'
}
chromium_run() {
	certificate
	serve openssl s_server -accept 443 -cert "$tmp/cert.pem" -key "$tmp/key.pem" -alpn http/1.1 -www -quiet
	await tcp 443
	try timeout 40 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$tmp/profile" --ignore-certificate-errors --disable-background-networking --disable-component-update --disable-sync --no-first-run --disable-extensions --dump-dom "$@" https://server.example.test/
}
ech_grease() {
	begin tls-chromium
	chromium_run
	also='tcp port 443'
	finish 'tls.handshake.type == 1' 'A Chromium browser without a window gets a page from openssl s_server:' 'GREASE values, a GREASE Encrypted Client Hello, extensions in random order, a large key share.' 'tcp 443 HTTP/S'
}

quic_chromium() {
	begin quic-chromium
	certificate
	build
	serve "$tmp/quicpeer" -serve :443 -cert "$tmp/cert.pem" -key "$tmp/key.pem"
	await udp 443
	local pin
	pin=$(openssl x509 -in "$tmp/cert.pem" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
	try timeout 40 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$tmp/profile" --disable-background-networking --disable-component-update --disable-sync --no-first-run --disable-extensions --enable-quic --origin-to-force-quic-on=server.example.test:443 --ignore-certificate-errors-spki-list="$pin" --dump-dom https://server.example.test/
	also='udp port 443'
	finish quic 'A Chromium browser without a window gets a page from quic-go over HTTP/3:' 'the hello is long, cut in pieces and shuffled.' 'udp 443 QUIC'
}
tls_firefox() {
	begin tls-firefox
	need firefox-esr
	certificate
	serve openssl s_server -accept 443 -cert "$tmp/cert.pem" -key "$tmp/key.pem" -alpn http/1.1 -www -quiet
	await tcp 443
	mkdir "$tmp/profile"
	printf 'user_pref("network.dns.echconfig.enabled", true);\nuser_pref("app.update.enabled", false);\nuser_pref("datareporting.policy.dataSubmissionEnabled", false);\nuser_pref("network.captive-portal-service.enabled", false);\nuser_pref("network.connectivity-service.enabled", false);\n' >"$tmp/profile/user.js"
	in_c env HOME="$tmp" timeout 40 firefox-esr --headless --profile "$tmp/profile" --screenshot "$tmp/shot.png" https://server.example.test/ >"$tmp/client.out" 2>&1 </dev/null &
	pids+=($!)
	seen 'tcp port 443 and tcp[13] & 8 != 0' 3 40
	also='tcp port 443'
	finish 'tls.handshake.type == 1' 'A Firefox browser without a window comes to openssl s_server' 'and does not trust its certificate.' 'tcp 443 HTTP/S'
}

attempt quic_v1 quic_v2 quic_long quic_retry quic_negotiate doq ech ech_grease quic_chromium tls_firefox
