#!/bin/bash
# Captures of small protocols: files, chat, things, and the doors of home gateways.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark git tftpd-hpa tftp-hpa libcoap3-bin ngircd ii prosody libnet-xmpp-perl \
	natpmpc miniupnpd miniupnpc cups-ipp-utils wsdd curl nftables

repository() {
	git -c init.defaultBranch=main init -q "$tmp/work"
	echo hello >"$tmp/work/hello"
	git -C "$tmp/work" add hello
	git -C "$tmp/work" -c user.name=A -c user.email=a@example.test commit -q -m hello
	git clone -q --bare "$tmp/work" "$tmp/project.git"
}
git_daemon() {
	begin git
	repository
	serve git daemon --export-all --base-path="$tmp" --listen=$s4 --port=9418 --reuseaddr
	await tcp 9418
	client git clone -q git://server.example.test/project.git "$tmp/clone"
	client git ls-remote git://$s4/project.git
	finish git 'git clones from git daemon by name' 'and lists references by address.' 'tcp 9418 Git'
}
tftp_transfer() {
	begin tftp
	mkdir "$tmp/boot"
	head -c 3000 /dev/urandom >"$tmp/boot/kernel"
	chmod 755 "$tmp/boot"; chmod 644 "$tmp/boot/kernel"
	serve in.tftpd -L -a $s4:69 -s "$tmp/boot"
	await udp 69
	client tftp -m binary $s4 -c get kernel "$tmp/one"
	client curl -s -o "$tmp/two" tftp://$s4/kernel
	cmp "$tmp/two" "$tmp/boot/kernel"
	finish tftp 'tftp-hpa and then curl, which asks for options, get a file of 3000 bytes from tftpd-hpa;' 'the blocks come from a port of their own.' 'udp 69 TFTP' 'udp * TFTP'
}
coap() {
	begin coap
	serve coap-server-notls -A $s4
	await udp 5683
	client coap-client-notls -m get coap://$s4/.well-known/core
	client coap-client-notls -m get -N coap://$s4/time
	client coap-client-notls -m put -e 3600 coap://$s4/time
	finish coap 'coap-client of libcoap discovers, reads and writes' 'at coap-server, confirmable and not.' 'udp 5683 CoAP'
}
coap_port() {
	begin coap-other-port
	serve coap-server-notls -A $s4 -p 5800
	await udp 5800
	client coap-client-notls -m get coap://$s4:5800/time
	finish 'udp.port == 5800' 'coap-client of libcoap reads the time' 'at port 5800.' 'udp 5800 CoAP'
}
irc() {
	begin irc
	printf '[Global]\nName = irc.example.test\nInfo = test\nListen = %s\nPorts = 6669\n[Options]\nIdent = no\nPAM = no\nDNS = no\n' $s4 >"$tmp/ngircd.conf"
	serve ngircd -n -f "$tmp/ngircd.conf"
	await tcp 6669
	peer ii -i "$tmp/irc" -s $s4 -p 6669 -n wiz -f 'Wizard'
	until_true test -p "$tmp/irc/$s4/in"
	echo '/j #tea hello' >"$tmp/irc/$s4/in"
	seen 'tcp src port 6669 and tcp[tcpflags] & tcp-push != 0' 3
	finish irc 'ii joins a channel at ngircd' 'on port 6669.' 'tcp 6669 IRC'
}
xmpp() {
	begin xmpp
	mkdir "$tmp/data"
	cat >"$tmp/prosody.cfg.lua" <<-END
		daemonize = false; pidfile = "$tmp/prosody.pid"; data_path = "$tmp/data"; interfaces = { "$s4" }
		run_as_root = true; authentication = "internal_plain"; allow_unencrypted_plain_auth = true; c2s_require_encryption = false
		modules_enabled = { "saslauth", "roster", "disco" }; modules_disabled = { "s2s", "tls" }; log = { { levels = { min = "error" }, to = "console" } }
		VirtualHost "example.test"
	END
	in_s prosodyctl --config "$tmp/prosody.cfg.lua" register tom example.test secret >/dev/null 2>&1
	serve prosody --config "$tmp/prosody.cfg.lua"
	await tcp 5222
	client perl -MNet::XMPP -e '
		my $c = Net::XMPP::Client->new();
		$c->Connect(hostname => "'$s4'", componentname => "example.test", port => 5222, tls => 0) or die "connect";
		my @r = $c->AuthSend(username => "tom", password => "secret", resource => "test");
		die "auth @r" if $r[0] ne "ok";
		$c->PresenceSend(); $c->Disconnect();'
	finish xmpp 'Net::XMPP signs in at prosody' 'and says that it is there.' 'tcp 5222 XMPP'
}
gateway() {
	cat >"$tmp/miniupnpd.conf" <<-END
		ext_ifname=lo
		ext_ip=203.0.113.7
		listening_ip=eth0
		port=5000
		enable_natpmp=yes
		enable_upnp=yes
		secure_mode=no
		uuid=00000000-0000-4000-8000-000000000001
		allow 1024-65535 10.9.0.0/24 1024-65535
		deny 0-65535 0.0.0.0/0 0-65535
	END
	in_s nft -f - <<-END
		table inet filter { chain forward { type filter hook forward priority 0; }; chain miniupnpd { }; chain prerouting_miniupnpd { }; chain postrouting_miniupnpd { } }
	END
	serve miniupnpd -d -f "$tmp/miniupnpd.conf" -P "$tmp/miniupnpd.pid"
	await udp 5351
}
natpmp() {
	begin natpmp
	gateway
	try natpmpc -g $s4 -a 40022 22 tcp 3600
	finish 'udp.port == 5351' 'natpmpc asks miniupnpd for its address' 'and to map a port.' 'udp 5351 NAT/PMP' 'udp * SSDP' 'tcp * HTTP'
}
upnp_soap() {
	begin soap
	gateway
	try upnpc -m eth0 -s
	also='tcp'
	finish http 'upnpc reads the description of miniupnpd, a gateway,' 'and asks for its state: SOAP over HTTP on port 5000.' 'tcp 5000 HTTP'
}
ipp() {
	begin ipp
	serve ippeveprinter -p 8631 -D file:///dev/null -n server.example.test -v Printer
	await tcp 8631
	cat >"$tmp/get.test" <<-'END'
		{ OPERATION Get-Printer-Attributes
		GROUP operation-attributes-tag
		ATTR charset attributes-charset utf-8
		ATTR naturalLanguage attributes-natural-language en
		ATTR uri printer-uri $uri
		ATTR keyword requested-attributes printer-name,printer-state }
	END
	client ipptool -t ipp://$s4:8631/ipp/print "$tmp/get.test"
	finish ipp 'ipptool asks ippeveprinter of CUPS for its attributes' 'on port 8631.' 'tcp 8631 IPP'
}
wsd() {
	begin wsd
	serve wsdd -i eth0 -n FILER -w OFFICE -4
	await udp 3702
	seen 'udp port 3702' 2
	peer wsdd -i eth0 -D -4 -n DESK -w OFFICE
	seen 'udp port 3702 and src host 10.9.0.1' 2
	also='udp'
	finish 'udp.port == 3702' 'wsdd announces a file server to the network,' 'another wsdd asks who is there.' 'udp 3702 WSD' 'udp * WSD'
}

attempt git_daemon tftp_transfer coap coap_port irc xmpp natpmp upnp_soap ipp wsd
