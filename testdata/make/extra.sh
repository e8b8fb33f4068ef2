#!/bin/bash
# Protocols that are met less often.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark

llmnr() {
	begin llmnr
	(cd "$tmp" && apt-get -qq download systemd-resolved >/dev/null 2>&1 && dpkg-deb -x systemd-resolved_*.deb x)
	local bin
	bin=$(find "$tmp/x" -name systemd-resolved -type f -perm /1 | head -n 1)
	(cat /etc/passwd; echo 'systemd-resolve:x:994:994::/:/usr/sbin/nologin') >"$tmp/passwd"
	(cat /etc/group; echo 'systemd-resolve:x:994:') >"$tmp/group"
	printf '[Resolve]\nLLMNR=yes\nMulticastDNS=no\nDNSStubListener=no\nDNS=\nFallbackDNS=\n' >"$tmp/resolved.conf"
	serve unshare -m -u sh -c "hostname printer; mount --bind $tmp/passwd /etc/passwd; mount --bind $tmp/group /etc/group; mkdir -p /etc/systemd; touch /etc/systemd/resolved.conf; mount --bind $tmp/resolved.conf /etc/systemd/resolved.conf; mount -t tmpfs none /run; mkdir -p /run/systemd/resolve; chown 994:994 /run/systemd/resolve; exec $bin"
	await udp 5355
	try dig -p 5355 @224.0.0.252 printer A +noedns +norecurse +time=1 +tries=2
	try dig -p 5355 @224.0.0.252 printer AAAA +noedns +norecurse +time=1 +tries=1
	try dig -p 5355 @224.0.0.252 nobody A +noedns +norecurse +time=1 +tries=2
	try dig +tcp -p 5355 @$s4 printer A +noedns +norecurse +time=1 +tries=1
	only='port 5355 and not igmp'
	finish llmnr 'dig sends questions to the group of LLMNR; systemd-resolved, whose host is named printer,' 'answers two of them, and one over TCP.' 'udp 5355 LLMNR' 'tcp 5355 LLMNR' 'udp * LLMNR'
}
# ovs starts Open vSwitch with its datapath in user space: ovs serve|peer ADDRESS REMOTE INNER TYPE OPTIONS
ovs() {
	local d=$tmp/$1 run=in_s ns=$ns_s
	[ "$1" = peer ] && run=in_c ns=$ns_c
	mkdir -p "$d"
	ovsdb-tool create "$d/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	"$1" env OVS_RUNDIR="$d" ovsdb-server --remote=punix:"$d/db.sock" --unixctl="$d/ovsdb.ctl" "$d/conf.db"
	until_true test -S "$d/db.sock"
	export OVS_RUNDIR=$d
	local v="ovs-vsctl --db=unix:$d/db.sock"
	$run $v --no-wait init
	"$1" env OVS_RUNDIR="$d" ovs-vswitchd --disable-system --unixctl="$d/vsw.ctl" unix:"$d/db.sock"
	$run timeout 20 $v add-br phy -- set bridge phy datapath_type=netdev other_config:hwaddr=$6 -- add-port phy eth0
	ip -n "$ns" address flush dev eth0 scope global
	ip -n "$ns" address add "$2/24" dev phy
	ip -n "$ns" link set phy up
	$run timeout 20 $v add-br inner -- set bridge inner datapath_type=netdev -- add-port inner tun -- set interface tun type=$5 options:remote_ip=$3 options:key=${7:-77}
	ip -n "$ns" address add "$4/24" dev inner
	ip -n "$ns" link set inner mtu 1400 up
}
tunnel() { # tunnel TYPE
	ovs serve $s4 $c4 10.98.0.2 "$1" 02:00:00:00:09:02
	ovs peer $c4 $s4 10.98.0.1 "$1" 02:00:00:00:09:01
	until_true in_c ping -c 1 -W 1 $s4
	until_true in_c ping -c 1 -W 1 10.98.0.2
	client ping -c 2 -i 0.2 10.98.0.2
	unset OVS_RUNDIR
}
gre() {
	begin gre
	need openvswitch-switch
	tunnel gre
	only='proto 47'
	finish gre 'Two Open vSwitch join bridges by GRE with a key;' 'ping goes through.' 'ip47 - GRE'
}
vxlan() {
	begin vxlan
	need openvswitch-switch
	tunnel vxlan
	only='udp port 4789'
	finish vxlan 'Two Open vSwitch join bridges by VXLAN;' 'ping goes through.' 'udp 4789 VXLAN'
}
openflow() {
	begin openflow
	need openvswitch-switch openvswitch-testcontroller
	local d=$tmp/peer
	mkdir -p "$d"
	serve ovs-testcontroller ptcp:6653:$s4 --unixctl="$tmp/ctl"
	await tcp 6653
	ovsdb-tool create "$d/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	peer env OVS_RUNDIR="$d" ovsdb-server --remote=punix:"$d/db.sock" --unixctl="$d/ovsdb.ctl" "$d/conf.db"
	until_true test -S "$d/db.sock"
	in_c ovs-vsctl --db=unix:$d/db.sock --no-wait init
	peer env OVS_RUNDIR="$d" ovs-vswitchd --disable-system --unixctl="$d/vsw.ctl" unix:"$d/db.sock"
	in_c timeout 20 ovs-vsctl --db=unix:$d/db.sock add-br inner -- set bridge inner datapath_type=netdev -- set-controller inner tcp:$s4:6653
	seen 'tcp port 6653 and tcp[13] & 8 != 0' 8
	also=tcp
	finish "tcp.port == 6653" 'Open vSwitch connects to its test controller' 'over OpenFlow.' 'tcp 6653 OpenFlow'
}
simple() {
	begin inetd-simple
	need openbsd-inetd netcat-openbsd
	printf 'echo stream tcp nowait root internal\ndaytime stream tcp nowait root internal\ndiscard stream tcp nowait root internal\ntime stream tcp nowait root internal\n' >"$tmp/inetd.conf"
	serve inetd -i "$tmp/inetd.conf"
	await tcp 7
	in_c sh -c "echo 'some words to say again' | nc -q 1 $s4 7" >/dev/null
	in_c sh -c "timeout 3 nc -d $s4 13" >/dev/null
	in_c sh -c "timeout 3 nc -d $s4 37" >/dev/null
	finish 'tcp.port == 13' 'nc talks to the echo, daytime and time services of inetd;' 'the four bytes of time have no name.' 'tcp 7 Echo' 'tcp 13 Daytime' 'tcp 37 Unknown'
}
chargen() {
	begin chargen
	printf 'chargen dgram udp wait root internal\n' >"$tmp/inetd.conf"
	serve inetd -i "$tmp/inetd.conf"
	await udp 19
	in_c sh -c "echo x | nc -u -w 1 $s4 19" >/dev/null
	finish 'udp.port == 19' 'nc asks the chargen service of inetd' 'over UDP.' 'udp 19 Chargen'
}
finger() {
	begin finger
	need finger fingerd
	printf 'finger stream tcp nowait root /usr/sbin/in.fingerd in.fingerd\n' >"$tmp/inetd.conf"
	serve inetd -i "$tmp/inetd.conf"
	await tcp 79
	try finger root@$s4
	try finger -l nobody@$s4
	finish 'tcp.port == 79' 'finger asks fingerd' 'about two users.' 'tcp 79 Finger'
}
ident() {
	begin ident
	need oidentd
	serve oidentd -i -a $s4 -u root -g root
	await tcp 113
	in_c sh -c "(printf '22, 40000\r\n'; sleep 1) | nc -q 1 $s4 113" >/dev/null
	finish 'tcp.port == 113' 'nc asks oidentd' 'whose a connection is.' 'tcp 113 Ident'
}
gopher() {
	begin gopher
	need gophernicus
	mkdir "$tmp/g"
	seq 30 >"$tmp/g/numbers.txt"
	chmod -R a+rX "$tmp"
	local d
	d=$(command -v gophernicus || echo /usr/sbin/gophernicus)
	printf 'gopher stream tcp nowait nobody %s gophernicus -h server.example.test -r %s/g\n' "$d" "$tmp" >"$tmp/inetd.conf"
	serve inetd -i "$tmp/inetd.conf"
	await tcp 70
	client curl -s gopher://$s4/
	client curl -s gopher://$s4/0/numbers.txt
	finish 'tcp.port == 70' 'curl reads a menu' 'and a text from gophernicus.' 'tcp 70 Gopher'
}
radio() {
	mkdir -p "$tmp/log"
	chmod 777 "$tmp/log"
	printf '<icecast><authentication><source-password>secret</source-password><admin-password>secret</admin-password><admin-user>admin</admin-user></authentication><hostname>server.example.test</hostname><listen-socket><port>8000</port><shoutcast-mount>/tone.mp3</shoutcast-mount></listen-socket><paths><basedir>/usr/share/icecast2</basedir><logdir>%s/log</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths><security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security></icecast>' "$tmp" >"$tmp/icecast.xml"
	serve icecast2 -c "$tmp/icecast.xml"
	await tcp 8000
}
icecast() {
	begin icecast
	need icecast2 ffmpeg
	radio
	serve ffmpeg -hide_banner -loglevel error -re -f lavfi -i 'sine=frequency=440:duration=20' -c:a libmp3lame -b:a 16k -content_type audio/mpeg -legacy_icecast 0 -f mp3 icecast://source:secret@127.0.0.1:8000/tone.mp3
	until_true in_s sh -c "curl -s http://127.0.0.1:8000/status-json.xsl | grep -q tone"
	try timeout 3 curl -s -H 'Icy-MetaData: 1' -o /dev/null http://server.example.test:8000/tone.mp3
	finish http 'curl listens to a tone on icecast, which ffmpeg feeds' 'on the same machine.' 'tcp 8000 IceCast'
}
icecast_source() {
	begin icecast-source
	need icecast2 ffmpeg ezstream
	radio
	local tone="-hide_banner -loglevel error -f lavfi -i sine=frequency=440:duration=1"
	client ffmpeg $tone -c:a libmp3lame -b:a 16k -content_type audio/mpeg -legacy_icecast 1 -f mp3 icecast://source:secret@$s4:8000/old.mp3
	client ffmpeg $tone -c:a libmp3lame -b:a 16k -content_type audio/mpeg -ice_name tone -f mp3 icecast://source:secret@$s4:8000/new.mp3
	ffmpeg $tone -c:a libvorbis "$tmp/tone.ogg"
	printf '<ezstream><servers><server><hostname>%s</hostname><port>8000</port><password>secret</password><reconnect_attempts>1</reconnect_attempts></server></servers><streams><stream><mountpoint>/ez.ogg</mountpoint><format>Ogg</format><stream_name>tone</stream_name></stream></streams><intakes><intake><type>file</type><filename>%s/tone.ogg</filename><stream_once>yes</stream_once></intake></intakes></ezstream>' $s4 "$tmp" >"$tmp/ez.xml"
	chmod 640 "$tmp/ez.xml"
	try ezstream -c "$tmp/ez.xml"
	finish http 'ffmpeg feeds icecast with the method SOURCE, then with PUT,' 'ezstream with that of libshout.' 'tcp 8000 IceCast'
}
shoutcast() {
	begin shoutcast
	need icecast2 liquidsoap
	radio
	printf 'settings.init.allow_root.set(true)\noutput.shoutcast(host="%s", port=8000, password="secret", name="tone", %%mp3(bitrate=32), fallible=true, on_stop=shutdown, sine(duration=1., 440.))\n' $s4 >"$tmp/tone.liq"
	try timeout 12 liquidsoap "$tmp/tone.liq"
	finish 'tcp.port == 8001' 'liquidsoap feeds icecast as a source of SHOUTcast 1: a password on a line, OK2, headers, MP3;' 'it tells the title to the port below.' 'tcp 8001 ShoutCast' 'tcp 8000 IceCast'
}
nbd() {
	begin nbd
	need nbdkit libnbd-bin
	serve nbdkit -f -i $s4 -p 10809 memory 1M
	await tcp 10809
	try nbdinfo nbd://$s4
	try nbdcopy --request-size=4096 nbd://$s4 null:
	count=60
	finish 'tcp.port == 10809' 'nbdinfo and nbdcopy of libnbd read a disk in memory' 'from nbdkit.' 'tcp 10809 NBD'
}
ninep() {
	begin 9p
	need diod
	mkdir "$tmp/d"
	seq 50 >"$tmp/d/numbers"
	serve diod -f -n -N -S -e "$tmp/d" -l $s4:564 -L stderr
	await tcp 564
	try diodls -s $s4 -p 564 -a "$tmp/d" /
	try diodcat -s $s4 -p 564 -a "$tmp/d" numbers
	finish 'tcp.port == 564' 'diodls and diodcat read files' 'from diod.' 'tcp 564 9P'
}
modbus() {
	begin modbus
	need python3-pymodbus python3-serial python3-serial-asyncio
	cat >"$tmp/server.py" <<-END
		from pymodbus.server import StartTcpServer
		from pymodbus.datastore import ModbusSlaveContext, ModbusServerContext, ModbusSequentialDataBlock as B
		s = ModbusSlaveContext(di=B(0, [1] * 99), co=B(0, [0] * 99), hr=B(0, [17] * 99), ir=B(0, [18] * 99))
		StartTcpServer(context=ModbusServerContext(slaves=s, single=True), address=("$s4", 502))
	END
	serve /usr/bin/python3 "$tmp/server.py"
	await tcp 502
	cat >"$tmp/client.py" <<-END
		from pymodbus.client import ModbusTcpClient
		c = ModbusTcpClient("$s4", port=502)
		c.connect()
		c.read_holding_registers(1, 8, slave=1)
		c.read_coils(1, 5, slave=1)
		c.write_register(2, 99, slave=1)
		c.write_registers(4, [1, 2, 3], slave=1)
		c.read_input_registers(300, 2, slave=1)
		c.close()
	END
	client /usr/bin/python3 "$tmp/client.py"
	finish mbtcp 'pymodbus reads and writes registers and coils of pymodbus,' 'and one that is not there.' 'tcp 502 Modbus'
}
natpmp() {
	begin natpmp
	need natpmpc netcat-openbsd
	serve nc -u -l $s4 5351
	await udp 5351
	peer natpmpc -g $s4 -a 0 8080 tcp 60
	seen 'udp port 5351' 2
	also=udp
	finish 'udp.port == 5351' 'natpmpc asks a gateway' 'that does not answer.' 'udp 5351 NAT/PMP'
}
gearman() {
	begin gearman
	need gearman-job-server gearman-tools
	serve gearmand -L $s4 -p 4730 -u root -l "$tmp/log"
	await tcp 4730
	peer gearman -h $s4 -p 4730 -w -f upper -- tr a-z A-Z
	seen 'tcp port 4730 and tcp[13] & 8 != 0' 3
	client gearman -h $s4 -p 4730 -f upper 'some words'
	try gearadmin -h $s4 --status
	finish 'tcp.port == 4730' 'gearman works and asks for work at gearmand;' 'gearadmin asks for its state in text.' 'tcp 4730 Gearman'
}
beanstalkd() {
	begin beanstalkd
	need beanstalkd netcat-openbsd
	serve beanstalkd -l $s4 -p 11300
	await tcp 11300
	in_c sh -c "(printf 'use work\r\nput 1 0 60 5\r\nhello\r\n'; sleep 1; printf 'watch work\r\nreserve\r\n'; sleep 1; printf 'delete 1\r\nstats\r\nquit\r\n') | nc -q 1 $s4 11300" >/dev/null
	finish 'tcp.port == 11300' 'nc puts a job on beanstalkd, takes it' 'and deletes it.' 'tcp 11300 Beanstalkd'
}
iscsi() {
	begin iscsi
	need tgt libiscsi-bin
	truncate -s 1M "$tmp/disk"
	serve tgtd -f --iscsi portal=$s4:3260
	await tcp 3260
	in_s tgtadm --lld iscsi --mode target --op new --tid 1 -T iqn.2024-01.test.example:disk >/dev/null
	in_s tgtadm --lld iscsi --mode logicalunit --op new --tid 1 --lun 1 -b "$tmp/disk" >/dev/null
	in_s tgtadm --lld iscsi --mode target --op bind --tid 1 -I ALL >/dev/null
	try iscsi-ls -s iscsi://$s4/
	try iscsi-inq iscsi://$s4/iqn.2024-01.test.example:disk/1
	finish iscsi 'iscsi-ls and iscsi-inq of libiscsi ask tgtd' 'for its disks.' 'tcp 3260 iSCSI'
}
srt() {
	begin srt
	need srt-tools ffmpeg
	serve srt-live-transmit srt://$s4:9000?mode=listener file://con
	await udp 9000
	in_c sh -c "head -c 6000 /dev/urandom | timeout 10 srt-live-transmit file://con srt://$s4:9000" >/dev/null 2>&1 || true
	count=40
	finish 'udp.port == 9000' 'srt-live-transmit sends some bytes' 'to another.' 'udp 9000 SRT'
}
nrpe() {
	begin nrpe
	need nagios-nrpe-server nagios-nrpe-plugin
	printf 'server_port=5666\nserver_address=%s\nnrpe_user=nobody\nnrpe_group=nogroup\nallowed_hosts=%s\ndebug=0\ncommand[check]=/bin/echo fine\npid_file=%s/pid\n' $s4 $c4 "$tmp" >"$tmp/nrpe.cfg"
	serve nrpe -n -f -c "$tmp/nrpe.cfg"
	await tcp 5666
	try /usr/lib/nagios/plugins/check_nrpe -n -H $s4 -c check
	try /usr/lib/nagios/plugins/check_nrpe -n -2 -H $s4 -c check
	finish 'tcp.port == 5666' 'check_nrpe asks nrpe for a check without TLS,' 'in packets of version 4 and 2.' 'tcp 5666 NRPE'
}
ptp() {
	begin ptp
	need linuxptp
	serve ptp4l -i eth0 -S -4 -m --priority1=10 --logSyncInterval=-2 --logAnnounceInterval=-1
	peer ptp4l -i eth0 -S -4 -m -s --clockClass=255 --free_running=1
	seen 'udp port 319' 10 30
	seen 'udp port 320' 6 30
	also=udp
	finish ptp 'Two ptp4l of linuxptp keep time together' 'over UDP.' 'udp 319 PTPv2' 'udp 320 PTPv2'
}
zmq() {
	begin zmq
	need python3-zmq
	cat >"$tmp/rep.py" <<-END
		import zmq
		s = zmq.Context().socket(zmq.REP)
		s.bind("tcp://$s4:5555")
		while True:
		    s.send(s.recv())
	END
	serve /usr/bin/python3 "$tmp/rep.py"
	await tcp 5555
	cat >"$tmp/req.py" <<-END
		import zmq
		s = zmq.Context().socket(zmq.REQ)
		s.connect("tcp://$s4:5555")
		for m in (b"hello", b"x" * 300):
		    s.send(m)
		    s.recv()
	END
	client /usr/bin/python3 "$tmp/req.py"
	finish 'tcp.port == 5555' 'Two sockets of ZeroMQ, request and reply,' 'without security.' 'tcp 5555 ZMQ'
}
netflow() {
	begin netflow
	need openvswitch-switch
	ovs peer $c4 $s4 10.98.0.1 vxlan 02:00:00:00:09:01
	until_true in_c ping -c 1 -W 1 $s4
	in_c timeout 20 ovs-vsctl --db=unix:"$tmp/peer/db.sock" \
		-- set bridge phy netflow=@n -- --id=@n create netflow targets="\"$s4:2055\"" active-timeout=1 \
		-- set bridge phy sflow=@s -- --id=@s create sflow agent=phy targets="\"$s4:6343\"" sampling=1 polling=1 header=128 \
		-- set bridge phy ipfix=@i -- --id=@i create ipfix targets="\"$s4:4739\"" sampling=1 cache_active_timeout=1 >/dev/null
	client ping -c 4 -i 0.5 $s4
	unset OVS_RUNDIR
	seen 'udp dst port 6343' 2
	seen 'udp dst port 2055' 1
	seen 'udp dst port 4739' 1
	also='udp and (port 2055 or port 6343 or port 4739)' count=40
	finish 'udp.port == 2055' 'Open vSwitch tells of its flows as NetFlow 5,' 'sFlow 5 and IPFIX.' 'udp 2055 NetFlow' 'udp 4739 NetFlow' 'udp 6343 SFlow'
}
haproxy() {
	begin haproxy
	need haproxy curl
	serve python3 -m http.server -b $s4 8082
	await tcp 8082
	printf 'defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\nfrontend f\n bind %s:8080\n default_backend b\nbackend b\n server s %s:8082 send-proxy-v2\nfrontend g\n bind %s:8083 accept-proxy\n http-request return status 200 content-type text/plain string fine\n' $c4 $s4 $s4 >"$tmp/ha.cfg"
	serve haproxy -f <(sed "s/bind $c4:8080/bind 127.0.0.1:8080/" "$tmp/ha.cfg") -db
	await tcp 8083
	client curl -s --haproxy-protocol http://$s4:8083/
	printf 'defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\nfrontend f\n bind 127.0.0.1:8080\n default_backend b\nbackend b\n server s %s:8083 send-proxy-v2\n' $s4 >"$tmp/hc.cfg"
	peer haproxy -f "$tmp/hc.cfg" -db
	await tcp 8080 client
	client curl -s http://127.0.0.1:8080/
	finish 'tcp.port == 8083' 'curl, and haproxy for another curl, tell haproxy who asks with the PROXY protocol,' 'versions 1 and 2; HTTP follows.' 'tcp 8083 HAProxy'
}
carp() {
	begin carp
	need ucarp
	serve ucarp -i eth0 -s $s4 -v 7 -p secret -a 10.9.0.251 -u /bin/true -d /bin/true -P
	seen 'ip proto 112' 3 20
	only='proto 112'
	finish 'ip.proto == 112' 'ucarp announces itself' 'as master of an address.' 'ip112 - CARP'
}
xdmcp() {
	begin xdmcp
	need xdm xvfb
	mkdir -p "$tmp/xdm"
	printf 'DisplayManager.requestPort: 177\nDisplayManager.servers: %s/none\nDisplayManager.accessFile: %s/access\nDisplayManager.errorLogFile: %s/log\nDisplayManager.pidFile: %s/pid\nDisplayManager.authDir: %s/xdm\n' "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/xdm.conf"
	echo '*' >"$tmp/access"
	: >"$tmp/none"
	serve xdm -nodaemon -config "$tmp/xdm.conf"
	await udp 177
	peer Xvfb :31 -query $s4 -from $c4 -listen tcp -once
	seen 'udp port 177' 4 20
	also=udp
	finish xdmcp 'Xvfb asks xdm' 'for a login.' 'udp 177 XDMCP'
}
gtp() {
	begin gtp-echo
	need osmo-ggsn
	printf 'ggsn ggsn0\n gtp state-dir %s\n gtp bind-ip %s\n apn internet\n  tun-device tun4\n  type-support v4\n  ip prefix dynamic 10.96.0.0/24\n  ip ifconfig 10.96.0.0/24\n  no shutdown\n default-apn internet\n no shutdown ggsn\n' "$tmp" $s4 >"$tmp/ggsn.cfg"
	serve osmo-ggsn -c "$tmp/ggsn.cfg"
	await udp 2123
	need osmo-sgsn
	peer sgsnemu --listen $c4 --remote $s4 --timelimit 8 --contexts 1 --apn internet --imsi 001010000000001 --msisdn 15550100 --statedir "$tmp/s" --createif
	seen 'udp port 2123' 4 20
	also=udp
	finish gtp 'sgsnemu asks osmo-ggsn' 'for a context.' 'udp 2123 GTP/C'
}
diameter() {
	begin diameter
	need freediameter
	certificate
	local n
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/ca.key" -out "$tmp/ca.pem" -days 3650 -subj /CN=ca.example.test 2>/dev/null
	for n in s c; do
		openssl req -newkey rsa:2048 -nodes -keyout "$tmp/$n.key" -out "$tmp/$n.csr" -subj /CN=$n.example.test 2>/dev/null
		openssl x509 -req -in "$tmp/$n.csr" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" -CAcreateserial -days 3650 -out "$tmp/$n.pem" 2>/dev/null
	done
	local w
	for w in s c; do
		local me=$w.example.test it=s.example.test at=$s4 my=$c4
		[ $w = s ] && it=c.example.test at=$c4 my=$s4
		printf 'Identity = "%s";\nRealm = "example.test";\nPort = 3868;\nSecPort = 0;\nNo_SCTP;\nListenOn = "%s";\nTLS_Cred = "%s.pem", "%s.key";\nTLS_CA = "%s/ca.pem";\nTLS_DH_Bits = 1024;\nConnectPeer = "%s" { ConnectTo = "%s"; No_TLS; No_IPv6; };\n' $me $my "$tmp/$w" "$tmp/$w" "$tmp" $it $at >"$tmp/$w.conf"
	done
	serve freeDiameterd -c "$tmp/s.conf"
	await tcp 3868
	peer freeDiameterd -c "$tmp/c.conf"
	seen 'tcp port 3868 and tcp[13] & 8 != 0' 2 40
	also=tcp
	finish diameter 'Two freeDiameter' 'exchange their capabilities.' 'tcp 3868 Diameter'
}
syncthing() {
	begin syncthing
	need syncthing
	mkdir -p "$tmp/s" "$tmp/c"
	command syncthing generate --home="$tmp/s" --no-default-folder >"$tmp/gen" 2>&1
	sed -i 's#<globalAnnounceEnabled>true#<globalAnnounceEnabled>false#; s#<relaysEnabled>true#<relaysEnabled>false#; s#<natEnabled>true#<natEnabled>false#; s#<crashReportingEnabled>true#<crashReportingEnabled>false#; s#<urAccepted>0#<urAccepted>-1#' "$tmp/s/config.xml"
	serve env HOME="$tmp/s" STNOUPGRADE=1 syncthing serve --home="$tmp/s" --no-browser --gui-address=127.0.0.1:8384
	seen 'udp port 21027' 1 60
	also='udp port 21027'
	finish 'udp.port == 21027' 'syncthing announces itself' 'on the local network.' 'udp 21027 Syncthing'
}
shadowsocks() {
	begin shadowsocks
	need shadowsocks-libev curl
	serve python3 -m http.server -b $s4 8082
	serve ss-server -s $s4 -p 8388 -k secret -m aes-256-gcm
	await tcp 8388
	await tcp 8082
	peer ss-local -s $s4 -p 8388 -l 1080 -b 127.0.0.1 -k secret -m aes-256-gcm
	await tcp 1080 client
	client curl -s --socks5 127.0.0.1 http://$s4:8082/ -o /dev/null
	finish 'tcp.port == 8388' 'curl gets a page through shadowsocks with AES-256-GCM: random bytes from the first on,' 'and meant to have no name.' 'tcp 8388 Unknown'
}
mpegts() {
	begin mpegts
	need ffmpeg
	peer ffmpeg -hide_banner -loglevel error -re -f lavfi -i 'testsrc=size=64x48:rate=5:duration=3' -c:v mpeg2video -b:v 30k -r 25 -f mpegts "udp://$s4:1234?pkt_size=1316"
	seen 'udp port 1234' 15
	count=20
	also='udp'
	finish 'udp.port == 1234' 'ffmpeg sends a test picture as MPEG transport stream' 'over UDP.' 'udp 1234 MPEGTS'
}
sap() {
	begin sap
	need ffmpeg
	peer ffmpeg -hide_banner -loglevel error -re -f lavfi -i 'sine=frequency=440:duration=12' -ar 8000 -ac 1 -c:a pcm_mulaw -f sap "sap://239.255.1.1:5004?announce_port=9875&ttl=1"
	seen 'udp port 9875' 2
	also='udp port 9875'
	finish sap 'ffmpeg announces a tone' 'with SAP.' 'udp 9875 SAP'
}
webdav() {
	begin webdav
	need nginx-light libnginx-mod-http-dav-ext curl
	mkdir -p "$tmp/www" "$tmp/nginx"
	chmod 777 "$tmp/www"
	printf 'daemon off; master_process off; user root; pid %s/pid; error_log stderr; load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so; events {}\nhttp { access_log off; client_body_temp_path %s/nginx/a; proxy_temp_path %s/nginx/b; fastcgi_temp_path %s/nginx/c; uwsgi_temp_path %s/nginx/d; scgi_temp_path %s/nginx/e;\nserver { listen 80; root %s/www; dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS; } }\n' "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/nginx.conf"
	serve nginx -e stderr -c "$tmp/nginx.conf"
	await tcp 80
	client curl -s -X MKCOL http://www.example.test/folder/
	client curl -s -X PROPFIND -H 'Depth: 1' http://www.example.test/
	client curl -s -X MOVE -H 'Destination: http://www.example.test/other/' http://www.example.test/folder/
	finish http 'curl makes, lists and moves a folder' 'of nginx with WebDAV.' 'tcp 80 WebDAV'
}
fastcgi() {
	begin fastcgi
	need nginx-light fcgiwrap
	mkdir -p "$tmp/nginx"
	printf '#!/bin/sh\nprintf "Content-Type: text/plain\\n\\nfine\\n"\n' >"$tmp/a.cgi"
	chmod 755 "$tmp/a.cgi"
	serve fcgiwrap -s tcp:$s4:9000
	await tcp 9000
	printf 'daemon off; master_process off; pid %s/pid; error_log stderr; events {}\nhttp { access_log off; client_body_temp_path %s/nginx/a; proxy_temp_path %s/nginx/b; fastcgi_temp_path %s/nginx/c; uwsgi_temp_path %s/nginx/d; scgi_temp_path %s/nginx/e;\nserver { listen 127.0.0.1:80; location / { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME %s/a.cgi; fastcgi_pass %s:9000; } } }\n' "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" $s4 >"$tmp/nginx.conf"
	peer nginx -e stderr -c "$tmp/nginx.conf"
	await tcp 80 client
	client curl -s http://127.0.0.1/page
	finish 'tcp.port == 9000' 'nginx asks fcgiwrap' 'to run a script.' 'tcp 9000 FastCGI'
}

wsd() {
	begin wsd
	need wsdd
	serve wsdd -i eth0 -n FILER -w OFFICE
	seen 'udp port 3702' 4 20
	also='udp'
	finish 'udp.port == 3702' 'wsdd announces a machine' 'by WS-Discovery.' 'udp 3702 WSD' 
}
tds() {
	begin tds
	need freetds-bin
	serve nc -l -k $s4 1433
	await tcp 1433
	in_c sh -c "TDSVER=7.4 timeout 3 tsql -H $s4 -p 1433 -U someone -P secret" >/dev/null 2>&1 </dev/null || true
	in_c sh -c "TDSVER=4.2 timeout 3 tsql -H $s4 -p 1433 -U someone -P secret" >/dev/null 2>&1 </dev/null || true
	finish 'tcp.port == 1433' 'tsql of FreeTDS begins a login with TDS 7.4 and one with 4.2' 'at a server that does not answer.' 'tcp 1433 MSSQL/TDS'
}
ipmi() {
	begin ipmi
	need openipmi ipmitool
	serve nc -u -l $s4 623
	await udp 623
	try timeout 4 ipmitool -I lanplus -H $s4 -U admin -P secret -N 1 -R 1 mc info
	also=udp
	finish rmcp 'ipmitool asks a machine that does not answer' 'what it can do.' 'udp 623 RMCP'
}
ajp() {
	begin ajp
	need apache2-bin
	printf 'ServerRoot /usr/lib/apache2\nServerName x\nPidFile %s/pid\nErrorLog %s/err\nListen 127.0.0.1:80\nLoadModule mpm_event_module modules/mod_mpm_event.so\nLoadModule authz_core_module modules/mod_authz_core.so\nLoadModule proxy_module modules/mod_proxy.so\nLoadModule proxy_ajp_module modules/mod_proxy_ajp.so\nProxyPass / ajp://%s:8009/\n' "$tmp" "$tmp" $s4 >"$tmp/a.conf"
	serve nc -l -k $s4 8009
	await tcp 8009
	peer unshare -m sh -c "mount -t tmpfs none /run; mkdir -p /run/apache2; exec apache2 -X -f $tmp/a.conf"
	await tcp 80 client
	try timeout 3 curl -s http://127.0.0.1/page
	finish ajp13 'Apache asks a Tomcat that does not answer' 'for a page.' 'tcp 8009 AJP'
}
cassandra() {
	begin cassandra
	need python3-cassandra
	serve nc -l -k $s4 9042
	await tcp 9042
	cat >"$tmp/c.py" <<-END
		from cassandra.cluster import Cluster
		try:
		    Cluster(["$s4"], protocol_version=4, connect_timeout=2).connect()
		except Exception as e:
		    print(e)
	END
	try timeout 8 /usr/bin/python3 "$tmp/c.py"
	finish 'tcp.port == 9042' "The Python driver of Cassandra asks for options" 'at a server that does not answer.' 'tcp 9042 Cassandra'
}
kafka() {
	begin kafka
	need python3-kafka
	serve nc -l -k $s4 9092
	await tcp 9092
	cat >"$tmp/c.py" <<-END
		from kafka import KafkaConsumer
		try:
		    KafkaConsumer("topic", bootstrap_servers="$s4:9092", client_id="reader", api_version_auto_timeout_ms=2000)
		except Exception as e:
		    print(e)
	END
	try timeout 8 /usr/bin/python3 "$tmp/c.py"
	finish 'tcp.port == 9092' 'The Python client of Kafka asks for versions' 'at a server that does not answer.' 'tcp 9092 Kafka'
}
grpc() {
	begin grpc
	need etcd-server etcd-client
	serve etcd --data-dir "$tmp/etcd" --listen-client-urls http://$s4:2379 --advertise-client-urls http://$s4:2379 --listen-peer-urls http://127.0.0.1:2380
	await tcp 2379
	client env ETCDCTL_API=3 etcdctl --endpoints http://$s4:2379 put key value
	client env ETCDCTL_API=3 etcdctl --endpoints http://$s4:2379 get key
	finish 'tcp.port == 2379' 'etcdctl writes and reads a key of etcd: gRPC' 'over HTTP/2 without TLS.' 'tcp 2379 HTTP/2'
}
zookeeper() {
	begin zookeeper
	need zookeeperd
	mkdir "$tmp/zk"
	printf 'tickTime=2000\ndataDir=%s/zk\nclientPort=2181\nclientPortAddress=%s\nadmin.enableServer=false\n' "$tmp" $s4 >"$tmp/zoo.cfg"
	serve /usr/share/zookeeper/bin/zkServer.sh start-foreground "$tmp/zoo.cfg"
	await tcp 2181
	in_c sh -c "printf 'ls /\ncreate /node text\nget /node\nquit\n' | timeout 30 /usr/share/zookeeper/bin/zkCli.sh -server $s4:2181" >"$tmp/client.out" 2>&1 || true
	finish 'tcp.port == 2181' 'The command line of ZooKeeper lists, makes and reads' 'a node.' 'tcp 2181 ZooKeeper'
}
dropbear() {
	begin ssh-dropbear
	need dropbear openssh-client
	dropbearkey -t ecdsa -f "$tmp/key" >/dev/null 2>&1
	serve dropbear -F -E -r "$tmp/key" -p $s4:22 -P "$tmp/pid"
	await tcp 22
	try timeout 5 ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes root@$s4 true
	in_c sh -c "echo | DROPBEAR_PASSWORD=x timeout 5 dbclient -y -y root@$s4 true" >/dev/null 2>&1 || true
	finish ssh 'OpenSSH and dbclient come to Dropbear' 'and are refused.' 'tcp 22 SSH'
}
knx() {
	begin knx
	need knxd knxd-tools
	serve knxd -e 1.1.1 -E 1.1.2:8 -D -T -R -S -i6720 -b dummy:
	await udp 3671
	peer knxd -e 1.2.1 -E 1.2.2:8 -u"$tmp/knx.sock" -b ipt:$s4
	seen 'udp port 3671' 2 10
	also=udp
	finish kip 'knxd joins knxd' 'through a tunnel.' 'udp 3671 KNXnet/IP'
}
spice() {
	begin spice
	need qemu-system-x86 spice-client-gtk xvfb xauth
	serve qemu-system-x86_64 -M microvm -m 16 -nodefaults -display none -vga none -spice addr=$s4,port=5930,disable-ticketing=on -S
	await tcp 5930
	try timeout 5 xvfb-run -a spicy -h $s4 -p 5930
	count=60
	finish 'tcp.port == 5930' 'spicy connects to a halted machine' 'of QEMU.' 'tcp 5930 SPICE'
}
anyconnect() {
	begin openconnect
	need ocserv openconnect
	certificate rsa
	printf 'auth = "plain[passwd=%s/pw]"\ntcp-port = 443\nudp-port = 443\nrun-as-user = root\nrun-as-group = root\nsocket-file = %s/sock\nserver-cert = %s/cert.pem\nserver-key = %s/key.pem\nisolate-workers = false\nmax-clients = 4\ndevice = vpns\nipv4-network = 10.95.0.0/24\ndpd = 90\nmobile-dpd = 90\ncookie-timeout = 300\npid-file = %s/pid\n' "$tmp" "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/ocserv.conf"
	printf 'secret\nsecret\n' | ocpasswd -c "$tmp/pw" someone >/dev/null 2>&1
	serve ocserv -f -c "$tmp/ocserv.conf"
	await tcp 443
	local pin
	pin=pin-sha256:$(openssl x509 -in "$tmp/cert.pem" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
	in_c sh -c "echo secret | timeout 8 openconnect --user=someone --passwd-on-stdin --servercert $pin -s /bin/true --interface=tun7 server.example.test" >"$tmp/client.out" 2>&1 || true
	also='port 443'
	finish tls 'openconnect logs in to ocserv over HTTPS' 'and goes on over DTLS.' 'tcp 443 HTTP/S' 'udp 443 DTLS'
}

attempt llmnr gre vxlan openflow simple chargen finger ident gopher icecast icecast_source shoutcast nbd ninep modbus natpmp gearman beanstalkd iscsi srt nrpe ptp zmq netflow haproxy carp xdmcp gtp diameter syncthing shadowsocks mpegts sap webdav fastcgi wsd tds ipmi ajp cassandra kafka grpc zookeeper dropbear knx spice anyconnect
