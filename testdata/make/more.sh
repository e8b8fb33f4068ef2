#!/bin/bash
# Other services: files, chat, news, printing, proxies, monitoring.
. "$(dirname "$0")/lib.sh"
need python3-graypy ethtool tcpdump tshark curl rpcbind nfs-ganesha nfs-ganesha-vfs tftpd-hpa tftp-hpa rsync git ngircd prosody leafnode whois microsocks dante-server munin-node \
	zabbix-agent collectd-core libcoap3-bin cups cups-client cups-ipp-utils tinc ffmpeg libnginx-mod-rtmp nginx-light mumble-server iperf iperf3 netcat-openbsd xl2tpd pptpd pptp-linux

tftp() {
	begin tftp
	mkdir "$tmp/tftp"
	seq 600 >"$tmp/tftp/numbers"
	chmod -R a+rX "$tmp/tftp"
	serve in.tftpd -L --ipv4 -a $s4:69 -s "$tmp/tftp"
	await udp 69
	client tftp -m binary $s4 -c get numbers "$tmp/got"
	try tftp -m ascii $s4 -c get missing "$tmp/got"
	client curl -s -o "$tmp/got" tftp://$s4/numbers
	finish tftp 'tftp and curl read a file from tftpd, curl with options;' 'a file is missing. The server answers from ports of its own.' 'udp 69 TFTP' 'udp * TFTP'
}
rpc() {
	begin rpc-portmap
	serve rpcbind -f -w -h $s4
	await udp 111
	client rpcinfo -T udp $s4 100000 4
	client rpcinfo -p $s4
	try rpcinfo -T tcp $s4 100003
	finish portmap 'rpcinfo asks rpcbind which programs there are,' 'over UDP and TCP.' 'udp 111 RPC' 'tcp 111 RPC'
}
rsync_() {
	begin rsync
	mkdir "$tmp/files"
	seq 100 >"$tmp/files/a"
	printf 'use chroot=no\nuid=root\ngid=root\npid file=%s/pid\nlog file=%s/log\n[files]\npath=%s/files\ncomment=some files\n' "$tmp" "$tmp" "$tmp" >"$tmp/rsyncd.conf"
	serve rsync --daemon --no-detach --address=$s4 --config="$tmp/rsyncd.conf"
	await tcp 873
	client rsync rsync://$s4/
	client rsync -av rsync://$s4/files/ "$tmp/copy/"
	try rsync rsync://$s4/nothing/
	finish rsync 'rsync lists the modules of a daemon, copies one,' 'and asks for one that is not there.' 'tcp 873 RSYNC'
}
git_() {
	begin git
	mkdir "$tmp/repo"
	(
		cd "$tmp/repo"
		export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.test GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.test HOME=$tmp
		git init -q -b main .
		seq 50 >file
		git add file
		git commit -qm first
		git config --global --add safe.directory '*'
	)
	serve env HOME="$tmp" git daemon --export-all --base-path="$tmp" --listen=$s4 --reuseaddr
	await tcp 9418
	client git -c protocol.version=2 ls-remote git://server.example.test/repo
	client git -c protocol.version=0 clone -q git://server.example.test/repo "$tmp/clone"
	try git ls-remote git://server.example.test/nothing
	finish 'tcp.port == 9418' 'git lists and clones from git daemon with versions 2 and 0 of the protocol;' 'a repository is missing.' 'tcp 9418 Git'
}
irc() {
	begin irc
	printf '[Global]\nName = irc.example.test\nInfo = chat\nAdminEMail = a@example.test\nPidFile = %s/pid\nListen = %s\nServerUID = root\nServerGID = root\nMotdPhrase = Hello\n[Options]\nIdent = no\nDNS = no\nPAM = no\n' "$tmp" $s4 >"$tmp/ngircd.conf"
	serve ngircd -n -f "$tmp/ngircd.conf"
	await tcp 6667
	in_c sh -c "(printf 'NICK guest\r\nUSER guest 0 * :A Guest\r\n'; sleep 1; printf 'JOIN #talk\r\nPRIVMSG #talk :hello there\r\nWHO #talk\r\nQUIT :bye\r\n'; sleep 1) | timeout 10 nc -q 1 $s4 6667" >/dev/null
	in_c sh -c "(printf 'CAP LS 302\r\nPASS secret\r\nNICK other\r\nUSER other 8 * :Other\r\n'; sleep 1; printf 'CAP END\r\nQUIT\r\n'; sleep 1) | timeout 10 nc -q 1 $s4 6667" >/dev/null
	finish irc 'nc speaks IRC to ngircd: log in, join, talk, leave;' 'the second with capabilities and a password.' 'tcp 6667 IRC'
}
xmpp() {
	begin xmpp
	certificate
	mkdir -p "$tmp/data"
	cat >"$tmp/prosody.cfg.lua" <<-END
		run_as_root = true
		daemonize = false
		data_path = "$tmp/data"
		modules_enabled = { "roster", "saslauth", "tls", "disco", "ping" }
		allow_unencrypted_plain_auth = true
		c2s_require_encryption = false
		interfaces = { "$s4" }
		log = { info = "*console" }
		ssl = { key = "$tmp/key.pem", certificate = "$tmp/cert.pem" }
		VirtualHost "example.test"
		authentication = "anonymous"
	END
	serve prosody --root --config "$tmp/prosody.cfg.lua" -F
	await tcp 5222
	in_c sh -c "(printf '<?xml version=\"1.0\"?><stream:stream to=\"example.test\" xmlns=\"jabber:client\" xmlns:stream=\"http://etherx.jabber.org/streams\" version=\"1.0\">'; sleep 1; printf '<auth xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\" mechanism=\"ANONYMOUS\"/>'; sleep 1; printf '</stream:stream>'; sleep 1) | timeout 10 nc -q 1 $s4 5222" >/dev/null
	finish xmpp 'nc opens a stream of XMPP at Prosody' 'and logs in as nobody.' 'tcp 5222 XMPP'
}
xmpp_tls() {
	begin xmpp-starttls
	certificate
	mkdir -p "$tmp/data"
	printf 'run_as_root = true\ndaemonize = false\ndata_path = "%s/data"\nmodules_enabled = { "roster", "saslauth", "tls" }\nc2s_require_encryption = true\ninterfaces = { "%s" }\nlog = { info = "*console" }\nssl = { key = "%s/key.pem", certificate = "%s/cert.pem" }\nVirtualHost "example.test"\nauthentication = "anonymous"\n' "$tmp" $s4 "$tmp" "$tmp" >"$tmp/prosody.cfg.lua"
	serve prosody --root --config "$tmp/prosody.cfg.lua" -F
	await tcp 5222
	in_c sh -c "(sleep 2) | timeout 10 openssl s_client -connect $s4:5222 -starttls xmpp -xmpphost example.test" >/dev/null 2>&1 || true
	finish xmpp 'openssl s_client asks Prosody for TLS' 'in a stream of XMPP.' 'tcp 5222 XMPP/S'
}
nntp() {
	begin nntp
	mkdir -p "$tmp"/news/{leaf.node,failed.postings,interesting.groups,out.going,temp.files,message.id}
	chown -R news:news "$tmp/news"
	printf 'server = news.example.test\nexpire = 20\nhostname = server.example.test\n' >"$tmp/leafnode.conf"
	chown news:news "$tmp/leafnode.conf"
	printf 'leafnode.test y\n' >"$tmp/news/leaf.node/none"
	printf '119 stream tcp nowait news /usr/sbin/leafnode leafnode -F %s/leafnode.conf\n' "$tmp" >"$tmp/inetd.conf"
	serve unshare -m sh -c "mkdir -p /var/spool/news; mount --bind $tmp/news /var/spool/news; exec inetd -i $tmp/inetd.conf"
	await tcp 119
	in_c sh -c "(sleep 1; printf 'MODE READER\r\n'; sleep 1; printf 'LIST\r\nGROUP leafnode.test\r\nDATE\r\nQUIT\r\n'; sleep 1) | timeout 10 nc -q 1 $s4 119" >"$tmp/client.out" 2>&1 || true
	finish nntp 'nc speaks NNTP to leafnode:' 'MODE READER, LIST, GROUP, DATE, QUIT.' 'tcp 119 NNTP'
}
socks() {
	begin socks
	nginx_dir=$tmp/www
	mkdir "$nginx_dir"
	echo hello >"$nginx_dir/index.html"
	serve python3 -m http.server -b $s4 -d "$nginx_dir" 8081
	await tcp 8081
	cat >"$tmp/danted.conf" <<-END
		logoutput: stderr
		internal: $s4 port = 1080
		external: $s4
		clientmethod: none
		socksmethod: none username
		user.privileged: root
		user.unprivileged: nobody
		client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
		socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
	END
	serve danted -N 1 -f "$tmp/danted.conf" -p "$tmp/pid"
	await tcp 1080
	client curl -s --socks5 $s4 http://$s4:8081/
	client curl -s --socks5-hostname $s4 http://server.example.test:8081/
	client curl -s --socks4 $s4 http://$s4:8081/
	finish socks 'curl gets pages through Dante with SOCKS 5, 5 with a name, and 4;' 'HTTP runs inside.' 'tcp 1080 SOCKS'
}
socks_login() {
	begin socks-login
	mkdir "$tmp/www"
	echo hello >"$tmp/www/index.html"
	serve python3 -m http.server -b $s4 -d "$tmp/www" 8081
	serve microsocks -i $s4 -p 1080 -u someone -P secret
	await tcp 1080
	await tcp 8081
	client curl -s --socks5 someone:secret@$s4 http://$s4:8081/
	try curl -s --socks5 someone:wrong@$s4 http://$s4:8081/
	finish socks 'curl gets a page through microsocks after it logs in (RFC 1929);' 'then with a wrong password.' 'tcp 1080 SOCKS'
}
munin() {
	begin munin
	mkdir -p "$tmp/plugins" "$tmp/conf"
	printf '#!/bin/sh\nif [ "$1" = config ]; then echo graph_title Load; echo load.label load; else echo load.value 0.5; fi\n' >"$tmp/plugins/load"
	chmod 755 "$tmp/plugins/load"
	printf 'log_file %s/log\npid_file %s/pid\nbackground 0\nsetsid 0\nuser root\ngroup root\nhost_name server.example.test\nallow ^.*$\nhost %s\nport 4949\n' "$tmp" "$tmp" $s4 >"$tmp/node.conf"
	serve munin-node --config "$tmp/node.conf"
	await tcp 4949
	in_c sh -c "(sleep 4; printf 'cap multigraph\nlist\n'; sleep 1; printf 'version\nnodes\nquit\n'; sleep 1) | timeout 10 nc -q 1 $s4 4949" >/dev/null
	finish 'tcp.port == 4949' 'nc asks munin-node for its capabilities, plugins,' 'version and nodes.' 'tcp 4949 Munin'
}
zabbix() {
	begin zabbix
	printf 'PidFile=%s/pid\nLogType=console\nServer=%s\nServerActive=%s\nHostname=machine\nListenIP=%s\nAllowRoot=1\n' "$tmp" $c4 $c4 $s4 >"$tmp/agentd.conf"
	serve zabbix_agentd -f -c "$tmp/agentd.conf"
	await tcp 10050
	in_c sh -c "printf 'ZBXD\1\12\0\0\0\0\0\0\0agent.ping' | timeout 5 nc -q 2 $s4 10050" >/dev/null || true
	if command -v zabbix_get >/dev/null; then client zabbix_get -s $s4 -k system.hostname; fi
	also='port 10050'
	finish 'tcp.port == 10050' 'The agent of Zabbix is asked' 'for agent.ping.' 'tcp 10050 Zabbix'
}
collectd() {
	begin collectd
	printf 'FQDNLookup false\nHostname "machine"\nInterval 1\nBaseDir "%s"\nPIDFile "%s/pid"\nLoadPlugin load\nLoadPlugin memory\nLoadPlugin network\n<Plugin network>\nServer "%s" "25826"\n</Plugin>\n' "$tmp" "$tmp" $s4 >"$tmp/collectd.conf"
	peer collectd -f -C "$tmp/collectd.conf"
	seen 'udp port 25826' 2 60
	also='not icmp'
	finish collectd 'collectd sends values of its machine' 'to another.' 'udp 25826 Collectd'
}
graphite() {
	begin graphite
	serve nc -lk $s4 2003
	serve nc -lu $s4 2003
	await tcp 2003
	await udp 2003
	printf 'FQDNLookup false\nHostname "machine"\nInterval 1\nBaseDir "%s"\nPIDFile "%s/pid"\nLoadPlugin load\nLoadPlugin write_graphite\n<Plugin write_graphite>\n<Node tcp>\nHost "%s"\nPort "2003"\nProtocol "tcp"\n</Node>\n<Node udp>\nHost "%s"\nPort "2003"\nProtocol "udp"\nReconnectInterval 0\n</Node>\n</Plugin>\n' "$tmp" "$tmp" $s4 $s4 >"$tmp/collectd.conf"
	peer collectd -f -C "$tmp/collectd.conf"
	seen 'tcp dst port 2003 and tcp[13] & 8 != 0' 1 60
	finish 'tcp.port == 2003' 'collectd writes values of its machine in the form of Graphite,' 'over TCP and UDP.' 'tcp 2003 Graphite' 'udp 2003 Graphite'
}
gelf() {
	begin gelf
	serve nc -lk $s4 12201
	serve nc -lu $s4 12201
	await tcp 12201
	await udp 12201
	client /usr/bin/python3 -c "
import graypy, logging
log = logging.getLogger('test')
log.addHandler(graypy.GELFTCPHandler('$s4', 12201))
log.addHandler(graypy.GELFUDPHandler('$s4', 12201, compress=False))
log.error('the first message')
log.error('the second message')
zipped = logging.getLogger('zipped')
zipped.addHandler(graypy.GELFUDPHandler('$s4', 12201))
for i in range(4):
    zipped.error('message %d', i)
pieces = logging.getLogger('pieces')
pieces.addHandler(graypy.GELFUDPHandler('$s4', 12201, compress=False))
pieces.error('long ' * 600)
"
	finish 'tcp.port == 12201' 'graypy logs over TCP and over UDP: plain,' 'compressed, and in pieces.' 'tcp 12201 GELF' 'udp 12201 GELF'
}
coap() {
	begin coap
	serve coap-server-notls -A $s4 -p 5683
	await udp 5683
	client coap-client-notls -m get coap://$s4/.well-known/core
	client coap-client-notls -m get coap://$s4/time
	client coap-client-notls -N -m put -e 'some text' coap://$s4/example_data
	try coap-client-notls -m get coap://$s4/nothing
	also='udp'
	finish coap 'coap-client of libcoap asks coap-server for its resources and the time,' 'stores some text, and asks for what is not there.' 'udp 5683 COAP'
}
ipp() {
	begin ipp
	mkdir -p "$tmp/spool" "$tmp/cache" "$tmp/state" "$tmp/root/ppd"
	cp -r /etc/cups/. "$tmp/root/" 2>/dev/null || true
	printf 'Listen %s:631\nBrowsing Off\nDefaultAuthType None\nServerAlias *\nWebInterface No\n<Location />\nOrder allow,deny\nAllow all\n</Location>\n<Policy default>\n<Limit All>\nOrder allow,deny\nAllow all\n</Limit>\n</Policy>\n' $s4 >"$tmp/root/cupsd.conf"
	printf 'ServerRoot %s/root\nRequestRoot %s/spool\nCacheDir %s/cache\nStateDir %s/state\nAccessLog stderr\nErrorLog stderr\nPageLog %s/page\nFileDevice Yes\nSystemGroup root\n' "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/root/cups-files.conf"
	serve cupsd -f -c "$tmp/root/cupsd.conf" -s "$tmp/root/cups-files.conf"
	await tcp 631
	try lpadmin -h $s4:631 -p paper -E -v file:///dev/null -m raw
	try lpstat -h $s4:631 -t
	try ipptool -tv ipp://$s4:631/printers/paper get-jobs.test
	finish 'tcp.port == 631' 'The tools of CUPS make a queue, and ask for its state and jobs' 'from cupsd.' 'tcp 631 IPP'
}
rtmp() {
	begin rtmp
	mkdir -p "$tmp/nginx"
	cat >"$tmp/nginx.conf" <<-END
		daemon off; master_process off; pid $tmp/nginx.pid; error_log stderr;
		load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
		events {}
		rtmp { server { listen 1935; application live { live on; } } }
	END
	serve nginx -e stderr -c "$tmp/nginx.conf"
	await tcp 1935
	client ffmpeg -hide_banner -loglevel error -re -f lavfi -i testsrc=size=64x48:rate=5:duration=2 -c:v flv -b:v 20k -f flv rtmp://server.example.test/live/picture
	finish rtmpt 'ffmpeg sends a test picture over RTMP' 'to nginx.' 'tcp 1935 RTMP'
}
rtsp() {
	begin rtsp
	peer ffmpeg -hide_banner -loglevel error -rtsp_flags listen -timeout 20 -i rtsp://$c4:8554/live -f null -
	await tcp 8554 client
	in_s timeout 20 ffmpeg -hide_banner -loglevel error -re -f lavfi -i testsrc=size=64x48:rate=5:duration=2 -c:v mpeg4 -b:v 20k -f rtsp -rtsp_transport tcp rtsp://$c4:8554/live >"$tmp/client.out" 2>&1 </dev/null || true
	finish rtsp 'ffmpeg announces and records a test picture to another ffmpeg with RTSP,' 'RTP interleaved on the same connection.' 'tcp 8554 RTSP'
}
l2tp() {
	begin l2tp
	printf '[global]\nlisten-addr = %s\nport = 1701\n[lns default]\nip range = 10.98.0.2-10.98.0.9\nlocal ip = 10.98.0.1\n' $s4 >"$tmp/s.conf"
	printf '[global]\nlisten-addr = %s\nport = 1701\n[lac test]\nlns = %s\nautodial = yes\n' $c4 $s4 >"$tmp/c.conf"
	: >"$tmp/secrets"
	serve unshare -m sh -c "mount -t tmpfs none /run; mkdir /run/xl2tpd; exec xl2tpd -D -c $tmp/s.conf -s $tmp/secrets -p $tmp/s.pid -C $tmp/s.ctl"
	await udp 1701
	peer unshare -m sh -c "mount -t tmpfs none /run; mkdir /run/xl2tpd; exec xl2tpd -D -c $tmp/c.conf -s $tmp/secrets -p $tmp/c.pid -C $tmp/c.ctl"
	seen 'udp port 1701' 8
	also='udp'
	finish l2tp 'Two xl2tpd set up a tunnel and a session;' 'PPP inside does not come up.' 'udp 1701 L2TP'
}
mumble() {
	begin mumble
	mkdir -m 777 "$tmp/db"
	printf 'database=%s/db/db.sqlite\nport=64738\nhost=%s\nlogfile=\nbonjour=false\n' "$tmp" $s4 >"$tmp/murmur.ini"
	serve murmurd -fg -ini "$tmp/murmur.ini"
	await udp 64738
	in_c sh -c "(sleep 1) | timeout 10 openssl s_client -connect $s4:64738" >/dev/null 2>&1 || true
	finish 'tcp.port == 64738' 'openssl s_client opens the TLS connection' 'of a Mumble server.' 'tcp 64738 TLS'
}
tinc_() {
	begin tinc
	local w
	for w in s c; do
		mkdir -p "$tmp/$w/net/hosts"
		printf 'Name = %s\nAddressFamily = ipv4\nDeviceType = dummy\nProcessPriority = normal\n' $w >"$tmp/$w/net/tinc.conf"
		openssl genrsa -traditional -out "$tmp/$w/net/rsa_key.priv" 2048 2>/dev/null
	done
	echo 'ConnectTo = s' >>"$tmp/c/net/tinc.conf"
	(echo "Address = $s4"; echo 'Subnet = 10.97.0.1/32'; openssl rsa -in "$tmp/s/net/rsa_key.priv" -RSAPublicKey_out 2>/dev/null) >"$tmp/s/net/hosts/s"
	(echo 'Subnet = 10.97.0.2/32'; openssl rsa -in "$tmp/c/net/rsa_key.priv" -RSAPublicKey_out 2>/dev/null) >"$tmp/c/net/hosts/c"
	cp "$tmp/s/net/hosts/s" "$tmp/c/net/hosts/"
	cp "$tmp/c/net/hosts/c" "$tmp/s/net/hosts/"
	serve tincd -D -d2 -c "$tmp/s/net" --pidfile="$tmp/s.pid"
	await tcp 655
	peer tincd -D -d2 -c "$tmp/c/net" --pidfile="$tmp/c.pid"
	seen 'tcp port 655 and tcp[tcpflags] & tcp-push != 0' 10 20
	also='tcp'
	finish 'tcp.port == 655' 'Two tincd 1.0 meet: identities, keys,' 'and what is encrypted after.' 'tcp 655 TINC'
}
whois_() {
	begin whois
	printf '43 stream tcp nowait root /bin/sh sh -c "read q; printf \\"domain: example.test\\r\\nholder: somebody\\r\\n\\""\n' >"$tmp/inetd.conf"
	serve inetd -i "$tmp/inetd.conf"
	await tcp 43
	try whois -h $s4 example.test
	finish whois 'whois asks a server behind inetd' 'that answers two lines.' 'tcp 43 Whois/DAS'
}
iperf_() {
	begin iperf3
	serve iperf3 -s -B $s4
	await tcp 5201
	client iperf3 -c $s4 -n 8K -l 1K
	MAX_BYTES=90000
	finish 'tcp.port == 5201' 'iperf3 measures with 8 KB;' 'nobody says what it is.' 'tcp 5201 Unknown'
}
nuttcp_() {
	begin nuttcp
	need nuttcp
	serve nuttcp -S --nofork
	await tcp 5000
	client nuttcp -n4K -l1K $s4
	finish 'tcp.port == 5000' 'nuttcp measures with 4 KB; it begins with HELO as SMTP does,' 'and nobody says what it is.' 'tcp * Unknown'
}
unknown() {
	begin unknown
	serve nc -l -k $s4 7777
	await tcp 7777
	head -c 3000 /dev/urandom >"$tmp/random"
	in_c sh -c "nc -q 1 $s4 7777 <$tmp/random"
	seq 1000 | gzip -c >"$tmp/numbers.gz"
	in_c sh -c "nc -q 1 $s4 7777 <$tmp/numbers.gz"
	seq 300 | openssl enc -aes-256-ctr -pbkdf2 -pass pass:secret -out "$tmp/enc"
	tail -c +17 "$tmp/enc" >"$tmp/enc2"
	in_c sh -c "nc -q 1 $s4 7777 <$tmp/enc2"
	in_c sh -c "echo 'some words that nobody knows' | nc -q 1 $s4 7777"
	serve nc -l -k -u $s4 7778
	await udp 7778
	head -c 900 /dev/urandom >"$tmp/random"
	in_c sh -c "nc -u -q 1 -w 1 $s4 7778 <$tmp/random" || true
	also='not icmp'
	finish 'tcp.port == 7777' 'nc carries random bytes, a gzip file, ciphertext and a line of text over TCP,' 'and random bytes over UDP: nothing that has a name.' 'tcp 7777 Unknown' 'udp 7778 Unknown'
}

attempt tftp rpc rsync_ git_ irc xmpp xmpp_tls nntp socks socks_login munin zabbix collectd graphite gelf coap ipp rtmp rtsp l2tp mumble tinc_ whois_ iperf_ nuttcp_ unknown
