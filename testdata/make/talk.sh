#!/bin/bash
# Voice, screens and shared folders.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark coturn sip-tester samba smbclient freerdp2-shadow-x11 freerdp2-x11 xrdp xvfb xauth tigervnc-standalone-server tigervnc-viewer tigervnc-scraping-server mosquitto mosquitto-clients ffmpeg

turn_server() {
	certificate
	serve turnserver -n --listening-ip=$s4 --relay-ip=$s4 --listening-port=3478 --tls-listening-port=5349 --cert="$tmp/cert.pem" --pkey="$tmp/key.pem" --user=someone:secret --realm=example.test --lt-cred-mech --no-cli --log-file=stdout --simple-log --pidfile="$tmp/pid" --userdb="$tmp/db" --min-port=49200 --max-port=49300 --allow-loopback-peers
	await udp 3478
	await tcp 3478
}
stun() {
	begin stun
	turn_server
	try turnutils_stunclient $s4
	try turnutils_natdiscovery -m -f $s4
	also='not icmp'
	finish stun 'The tools of coturn ask its server for their address with STUN,' 'and for the kind of translation between them.' 'udp 3478 STUN' 
}
turn() {
	begin turn
	turn_server
	try timeout 20 turnutils_uclient -n 3 -m 1 -u someone -w secret -e $c4 -y -c $s4
	try timeout 20 turnutils_uclient -t -n 3 -m 1 -u someone -w secret -e $c4 -y -c $s4
	also='not icmp and port 3478'
	finish stun 'turnutils_uclient of coturn allocates a relay and sends through it over UDP,' 'then over TCP: TURN is carried by STUN.' 'udp 3478 STUN' 'tcp 3478 STUN'
}
sip() {
	begin sip
	serve sipp -sn uas -i $s4 -p 5060 -rtp_echo -nostdin
	await udp 5060
	try sipp -sn uac -i $c4 -p 5060 -m 1 -nostdin $s4:5060 -s service
	finish sip 'sipp calls sipp over UDP: INVITE, 180, 200, ACK, BYE,' 'with a session description.' 'udp 5060 SIP'
}
sip_tcp() {
	begin sip-tcp
	serve sipp -sn uas -i $s4 -p 5070 -t t1 -nostdin
	await tcp 5070
	try sipp -sn uac -i $c4 -p 5071 -t t1 -m 1 -nostdin $s4:5070 -s service
	also='tcp'
	finish 'tcp.port == 5070' 'sipp calls sipp over TCP' 'on port 5070.' 'tcp 5070 SIP'
}
rtp() {
	begin rtp
	peer ffmpeg -hide_banner -loglevel error -re -f lavfi -i 'sine=frequency=440:duration=2' -ar 8000 -ac 1 -c:a pcm_mulaw -f rtp "rtp://$s4:40000?localport=40010&pkt_size=172"
	seen 'udp port 40000' 60
	seen 'udp port 40001' 1
	count=66
	also='udp and (dst port 40000 or dst port 40001)'
	finish 'udp.port == 40000' 'ffmpeg sends a tone as PCMU over RTP, with RTCP reports on the next port;' 'no signalling comes before.' 'udp 40000 RTP' 'udp 40001 RTCP'
}
rtp_video() {
	begin rtp-video
	peer ffmpeg -hide_banner -loglevel error -re -f lavfi -i 'testsrc=size=160x120:rate=10:duration=5' -c:v mpeg4 -b:v 60k -f rtp "rtp://$s4:40020?localport=40030&pkt_size=1000"
	seen 'udp port 40020' 30
	seen 'udp port 40021' 1
	count=40
	also='udp and (dst port 40020 or dst port 40021)'
	finish 'udp.port == 40020' 'ffmpeg sends a test picture as MPEG-4 with a dynamic payload type over RTP,' 'with RTCP reports on the next port.' 'udp 40020 RTP' 'udp 40021 RTCP'
}
sip_call() {
	begin sip-call
	local pcap
	mkdir "$tmp/sipp"
	cp /usr/share/sip-tester/*.pcap "$tmp/sipp/" 2>/dev/null || true
	ffmpeg -hide_banner -loglevel error -f lavfi -i 'sine=frequency=300:duration=1' -ar 8000 -ac 1 -f alaw "$tmp/sipp/tone.alaw"
	sipp -sd uac >"$tmp/sipp/uac.xml" 2>/dev/null || true
	python3 - "$tmp/sipp/uac.xml" <<-END
		import sys
		name = sys.argv[1]
		x = open(name).read()
		x = x.replace("m=audio [media_port] RTP/AVP 0", "m=audio [auto_media_port] RTP/AVP 8").replace("a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000")
		play = '<nop><action><exec rtp_stream="$tmp/sipp/tone.alaw,1,8"/></action></nop>\n<pause milliseconds="900"/>\n'
		at = x.index('<pause/>') if '<pause/>' in x else x.index("<pause")
		x = x[:at] + play + x[at:]
		open(name, "w").write(x)
	END
	in_s sh -c "cd $tmp/sipp && exec sipp -sn uas -i $s4 -p 5060 -rtp_echo -nostdin" >>"$tmp/serve.out" 2>&1 </dev/null &
	pids+=($!)
	await udp 5060
	in_c sh -c "cd $tmp/sipp && timeout 20 sipp -sf uac.xml -i $c4 -p 5060 -m 1 -nostdin $s4:5060 -s service" >"$tmp/client.out" 2>&1 || true
	finish sip 'sipp calls sipp and sends a tone as PCMA over RTP,' 'which the other side echoes.' 'udp 5060 SIP' 'udp * RTP'
}
samba_server() { # samba_server OPTIONS
	mkdir -p "$tmp"/{share,lock,run,cache,private,smb}
	echo 'a file' >"$tmp/share/read.me"
	chmod 777 "$tmp/share"
	cat >"$tmp/smb.conf" <<-END
		[global]
		workgroup = OFFICE
		netbios name = FILER
		interfaces = eth0 lo
		lock directory = $tmp/lock
		state directory = $tmp/smb
		cache directory = $tmp/cache
		pid directory = $tmp/run
		private dir = $tmp/private
		ncalrpc dir = $tmp/run
		log file = $tmp/log
		map to guest = Bad User
		guest account = root
		server min protocol = NT1
		client min protocol = NT1
		load printers = no
		disable spoolss = yes
		${1:-}
		[share]
		path = $tmp/share
		guest ok = yes
		read only = no
	END
	serve smbd -F -s "$tmp/smb.conf"
	await tcp 445
}
smb3() {
	begin smb3
	samba_server
	client smbclient -s "$tmp/smb.conf" -N //$s4/share -c 'ls; get read.me /dev/null'
	client smbclient -s "$tmp/smb.conf" -N -m SMB2_02 //$s4/share -c ls
	finish smb2 'smbclient lists and reads a share of Samba with SMB 3.1.1,' 'then with SMB 2.0.2.' 'tcp 445 SMBv23'
}
smb1() {
	begin smb1
	samba_server
	client smbclient -s "$tmp/smb.conf" -N -m NT1 //$s4/share -c 'ls; get read.me /dev/null'
	finish smb 'smbclient lists and reads a share of Samba with SMB 1' '(NT LM 0.12), on port 445.' 'tcp 445 SMBv1'
}
smb_session() {
	begin smb-netbios-session
	samba_server 'smb ports = 445 139'
	await tcp 139
	try smbclient -s "$tmp/smb.conf" -N -m NT1 -p 139 //FILER/share -I $s4 -c ls
	also='tcp'
	finish 'tcp.port == 139' 'smbclient lists a share of Samba with SMB 1' 'in a NetBIOS session on port 139.' 'tcp 139 SMBv1'
}
mqtt() {
	begin mqtt
	certificate
	printf 'listener 1883\nallow_anonymous true\nlistener 8883\ncertfile %s/cert.pem\nkeyfile %s/key.pem\npersistence false\n' "$tmp" "$tmp" >"$tmp/m.conf"
	serve mosquitto -c "$tmp/m.conf"
	await tcp 1883
	await tcp 8883
	peer mosquitto_sub -h $s4 -t 'house/#' -C 2 -i sensor-display -V mqttv5
	seen 'tcp port 1883 and tcp[tcpflags] & tcp-push != 0' 4
	client mosquitto_pub -h $s4 -t house/kitchen -m 21.5 -q 1 -i thermometer
	client mosquitto_pub -h $s4 -t house/cellar -m 12.0 -V mqttv31 -u someone -P secret
	client mosquitto_pub -h server.example.test -p 8883 --cafile "$tmp/cert.pem" -t house/hall -m 19
	finish mqtt 'The clients of mosquitto publish and subscribe through its broker with MQTT 3.1, 3.1.1 and 5,' 'and once over TLS.' 'tcp 1883 MQTT' 'tcp 8883 MQTT/S'
}
rdp() {
	begin rdp
	certificate rsa
	serve xvfb-run -a -s '-screen 0 320x240x24' freerdp-shadow-cli /port:3389 -auth /sec:tls
	await tcp 3389
	try timeout 6 xvfb-run -a xfreerdp /v:$s4 /u:someone /p:secret /cert:ignore /sec:tls /size:320x240 +auth-only
	try timeout 6 xvfb-run -a xfreerdp /v:$s4 /u:someone /p:secret /cert:ignore /sec:rdp /size:320x240
	finish 'tcp.port == 3389' 'xfreerdp connects to freerdp-shadow: X.224 negotiation with a cookie, then TLS,' 'or the security of RDP itself.' 'tcp 3389 RDP'
}
rdp_xrdp() {
	begin rdp-xrdp
	certificate rsa
	cp -r /etc/xrdp "$tmp/xrdp"
	sed -i "s#^port=.*#port=3389#; s#^certificate=.*#certificate=$tmp/cert.pem#; s#^key_file=.*#key_file=$tmp/key.pem#; s#^LogFile=.*#LogFile=$tmp/xrdp.log#" "$tmp/xrdp/xrdp.ini"
	serve xrdp -n -c "$tmp/xrdp/xrdp.ini"
	await tcp 3389
	try timeout 6 xvfb-run -a xfreerdp /v:$s4 /u:someone /p:secret /cert:ignore /sec:tls /size:160x120 /bpp:8 +auth-only
	try timeout 6 xvfb-run -a xfreerdp /v:$s4 /u:someone /p:secret /cert:ignore /sec:nla /size:160x120
	count=60
	finish 'tcp.port == 3389' 'xfreerdp connects to xrdp' 'with TLS.' 'tcp 3389 RDP'
}
vnc() {
	begin vnc
	serve Xvnc :7 -geometry 160x120 -depth 16 -SecurityTypes None -rfbport 5907 -interface $s4 -localhost=0
	await tcp 5907
	try timeout 3 xvfb-run -a xtigervncviewer -Shared $s4::5907
	finish vnc 'The viewer of TigerVNC shows a small screen of Xvnc,' 'without a password.' 'tcp 5907 VNC'
}
vnc_refused() {
	begin vnc-password
	printf 'secret\nsecret\n\n' | vncpasswd "$tmp/passwd" >/dev/null 2>&1 || true
	serve Xvnc :8 -geometry 160x120 -depth 16 -SecurityTypes VncAuth,TLSVnc -PasswordFile "$tmp/passwd" -rfbport 5900 -interface $s4 -localhost=0
	await tcp 5900
	try timeout 3 xvfb-run -a xtigervncviewer -Shared -PasswordFile "$tmp/passwd" -SecurityTypes VncAuth $s4::5900
	finish vnc 'The viewer of TigerVNC shows a small screen of Xvnc' 'after a password.' 'tcp 5900 VNC'
}

attempt stun turn sip sip_tcp rtp rtp_video sip_call smb3 smb1 smb_session mqtt rdp rdp_xrdp vnc vnc_refused
