#!/bin/bash
# Logins, time, and the management of machines.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark openssh-server openssh-client chrony snmpd snmp rsyslog bsdutils telnetd inetutils-telnet openbsd-inetd expect \
	slapd ldap-utils krb5-kdc krb5-admin-server krb5-user freeradius freeradius-utils

ssh_server() {
	mkdir -p /run/sshd
	local t
	for t in ed25519 ecdsa rsa; do ssh-keygen -q -t $t -N '' -f "$tmp/host_$t"; done
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/id"
	cp "$tmp/id.pub" "$tmp/authorized"
	cat >"$tmp/sshd_config" <<-END
		Port ${1:-22}
		HostKey $tmp/host_ed25519
		HostKey $tmp/host_ecdsa
		HostKey $tmp/host_rsa
		AuthorizedKeysFile $tmp/authorized
		StrictModes no
		UsePAM no
		PidFile $tmp/sshd.pid
		PermitRootLogin yes
	END
	serve /usr/sbin/sshd -D -e -f "$tmp/sshd_config"
	await tcp "${1:-22}"
}
ssh_opt="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
ssh() {
	begin ssh
	ssh_server
	client ssh -i "$tmp/id" $ssh_opt root@server.example.test echo hello
	try ssh -i "$tmp/id" $ssh_opt -o Ciphers=aes256-ctr -o MACs=hmac-sha2-256 -o KexAlgorithms=ecdh-sha2-nistp256 -6 root@server6.example.test true
	finish ssh 'OpenSSH: a command over IPv4; another over IPv6' 'with fewer algorithms offered.' 'tcp 22 SSH'
}
ssh_port() {
	begin ssh-other-port
	ssh_server 2222
	try ssh-keyscan -p 2222 -t rsa,ed25519 $s4
	finish 'tcp.port == 2222' 'ssh-keyscan asks OpenSSH on port 2222' 'for its keys.' 'tcp 2222 SSH'
}
ntp() {
	begin ntp
	printf 'local stratum 8\nallow\npidfile %s/chronyd.pid\ncmdport 0\nbindcmdaddress /\ndriftfile %s/drift\nuser root\n' "$tmp" "$tmp" >"$tmp/chrony.conf"
	serve unshare -m sh -c "mount -t tmpfs none /run; exec chronyd -x -d -f $tmp/chrony.conf"
	await udp 123
	client unshare -m sh -c "mount -t tmpfs none /run; exec chronyd -Q -t 20 'server $s4 iburst maxsamples 4' 'user root' 'pidfile $tmp/q.pid'"
	client unshare -m sh -c "mount -t tmpfs none /run; exec chronyd -Q -t 20 'server $s6 iburst maxsamples 1 version 3' 'user root' 'pidfile $tmp/q.pid'"
	finish ntp 'chronyd asks another chronyd for the time, in version 4 over IPv4' 'and in version 3 over IPv6.' 'udp 123 NTP'
}
ntp_interleaved() {
	begin ntp-interleaved
	printf 'local stratum 8\nallow\npidfile %s/chronyd.pid\ncmdport 0\nbindcmdaddress /\ndriftfile %s/drift\nuser root\n' "$tmp" "$tmp" >"$tmp/chrony.conf"
	serve unshare -m sh -c "mount -t tmpfs none /run; exec chronyd -x -d -f $tmp/chrony.conf"
	await udp 123
	client unshare -m sh -c "mount -t tmpfs none /run; exec chronyd -Q -t 20 'server $s4 iburst xleave' 'user root' 'pidfile $tmp/q.pid'"
	finish ntp 'chronyd asks another chronyd in interleaved mode:' 'the times of receipt in its questions are random.' 'udp 123 NTP'
}
snmp_tcp() {
	begin snmp-tcp
	printf 'agentaddress tcp:161\nrocommunity public\ncreateUser reader SHA "password1" AES "password2"\nrouser reader\n' >"$tmp/agent.conf"
	serve env SNMP_PERSISTENT_DIR="$tmp/p" snmpd -f -Lo -C -c "$tmp/agent.conf" -p "$tmp/snmpd.pid"
	await tcp 161
	client snmpbulkget -v2c -c public tcp:$s4 1.3.6.1.2.1.1
	client snmpget -v3 -l authPriv -u reader -a SHA -A password1 -x AES -X password2 tcp:$s4 1.3.6.1.2.1.1.3.0
	finish 'tcp.port == 161' 'The tools of Net-SNMP ask snmpd over TCP,' 'in version 2c and in version 3 with encryption.' 'tcp 161 SNMP'
}
snmp() {
	begin snmp
	cat >"$tmp/agent.conf" <<-END
		agentaddress udp:161,udp6:161
		rocommunity public
		rocommunity6 public
		rwcommunity private
		createUser reader SHA "password1" AES "password2"
		rouser reader
		sysLocation the cellar
		sysContact root@example.test
	END
	serve env SNMP_PERSISTENT_DIR="$tmp/p" snmpd -f -Lo -C -c "$tmp/agent.conf" -p "$tmp/snmpd.pid"
	await udp 161
	local v
	for v in 1 2c; do
		client snmpget -v$v -c public $s4 1.3.6.1.2.1.1.1.0 1.3.6.1.2.1.1.6.0
		client snmpgetnext -v$v -c public $s4 1.3.6.1.2.1.1
	done
	client snmpbulkget -v2c -c public udp6:$s6 1.3.6.1.2.1.1
	client snmpget -v3 -l authPriv -u reader -a SHA -A password1 -x AES -X password2 $s4 1.3.6.1.2.1.1.5.0
	try snmptrap -v2c -c public $s4:162 '' 1.3.6.1.6.3.1.1.5.3
	try snmptrap -v1 -c public $s4:162 1.3.6.1.4.1.8072 $s4 6 17 ''
	also='not icmp'
	finish snmp 'The tools of Net-SNMP ask snmpd in versions 1, 2c and 3 (with encryption),' 'over IPv4 and IPv6, and send traps of versions 1 and 2.' 'udp 161 SNMP' 'udp 162 SNMP'
}
syslog() {
	begin syslog
	printf 'module(load="imudp")\nmodule(load="imtcp")\ninput(type="imudp" port="514")\ninput(type="imtcp" port="514")\n*.* %s/got\n' "$tmp" >"$tmp/rsyslog.conf"
	serve rsyslogd -n -i "$tmp/pid" -f "$tmp/rsyslog.conf"
	await tcp 514
	client logger -n $s4 -P 514 -d -p auth.notice -t sshd --rfc5424 'Accepted publickey for someone'
	client logger -n $s4 -P 514 -d --rfc3164 -p daemon.err -t cron 'a job failed'
	client logger -n $s4 -P 514 -d -p local7.info -i 'plain line'
	client logger -n $s4 -P 514 -T --rfc5424 -p user.debug 'over a stream'
	client logger -n $s4 -P 514 -T --octet-count --rfc5424 -p user.warn 'counted, over a stream'
	finish syslog 'logger sends lines to rsyslogd in the forms of RFC 5424 and RFC 3164' 'over UDP, and over TCP with and without octet counts (RFC 6587).' 'udp 514 SYSLOG' 'tcp 514 SYSLOG'
}
syslog_relay() {
	begin syslog-relay
	printf 'module(load="imudp")\nmodule(load="imtcp")\ninput(type="imudp" port="514")\ninput(type="imtcp" port="1514")\n*.* %s/got\n' "$tmp" >"$tmp/rsyslog.conf"
	serve rsyslogd -n -i "$tmp/pid" -f "$tmp/rsyslog.conf"
	await tcp 1514
	printf 'module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="%s/log")\n*.* @%s:514\n*.* @@%s:1514\n' "$tmp" $s4 $s4 >"$tmp/relay.conf"
	peer rsyslogd -n -i "$tmp/pid2" -f "$tmp/relay.conf"
	until_true test -S "$tmp/log"
	client logger -u "$tmp/log" -p mail.info -t postfix/smtpd 'connect from client.example.test'
	client logger -u "$tmp/log" -p kern.crit 'a kernel line'
	seen 'udp port 514' 2
	seen 'tcp port 1514 and tcp[13] & 8 != 0' 1
	finish 'udp.port == 514' 'rsyslogd relays to another rsyslogd' 'over UDP and, on port 1514, over TCP.' 'udp 514 SYSLOG' 'tcp 1514 SYSLOG'
}
telnet() {
	begin telnet
	printf 'telnet stream tcp nowait root /usr/sbin/telnetd telnetd -E /bin/cat\ntelnet stream tcp nowait root /usr/sbin/in.telnetd in.telnetd -L /bin/cat\n' >"$tmp/inetd.conf"
	local d
	for d in /usr/sbin/in.telnetd /usr/sbin/telnetd; do [ -x $d ] && break; done
	printf '23 stream tcp nowait root %s %s\n' "$d" "$d" >"$tmp/inetd.conf"
	serve inetd -i "$tmp/inetd.conf"
	await tcp 23
	cat >"$tmp/login" <<-END
		set timeout 20
		spawn telnet $s4
		expect "login:"
		send "guest\r"
		expect "assword:"
		send "secret\r"
		expect "incorrect"
		send "\035"
		expect "telnet>"
		send "quit\r"
		expect eof
	END
	try expect "$tmp/login"
	finish telnet 'telnet to the telnet server of Debian:' 'options, then a login that fails.' 'tcp 23 Telnet'
}
ldap() {
	begin ldap
	certificate
	mkdir "$tmp/db"
	cat >"$tmp/slapd.conf" <<-END
		include /etc/ldap/schema/core.schema
		include /etc/ldap/schema/cosine.schema
		include /etc/ldap/schema/inetorgperson.schema
		modulepath /usr/lib/ldap
		moduleload back_mdb
		pidfile $tmp/slapd.pid
		TLSCertificateFile $tmp/cert.pem
		TLSCertificateKeyFile $tmp/key.pem
		database mdb
		maxsize 10485760
		suffix "dc=example,dc=test"
		rootdn "cn=admin,dc=example,dc=test"
		rootpw secret
		directory $tmp/db
	END
	printf 'dn: dc=example,dc=test\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\ndn: cn=A Person,dc=example,dc=test\nobjectClass: inetOrgPerson\nsn: Person\nmail: person@example.test\n' >"$tmp/add.ldif"
	serve slapd -d 0 -f "$tmp/slapd.conf" -h "ldap:/// ldaps:///"
	await tcp 389
	local a="-x -D cn=admin,dc=example,dc=test -w secret"
	client ldapadd -H ldap://$s4 $a -f "$tmp/add.ldif"
	client ldapsearch -H ldap://$s4 -x -b dc=example,dc=test '(&(objectClass=*)(mail=*))' mail
	client ldapwhoami -H ldap://[$s6] $a
	try ldapsearch -H ldap://$s4 -x -D cn=nobody,dc=example,dc=test -w wrong -b '' -s base
	client env LDAPTLS_REQCERT=never ldapsearch -H ldaps://server.example.test $a -b dc=example,dc=test
	finish ldap 'The tools of OpenLDAP talk to slapd: simple and anonymous binds, add, search, who am I,' 'a wrong password, and a search over ldaps.' 'tcp 389 LDAP' 'tcp 636 TLS'
}
ldap_starttls() {
	begin ldap-starttls
	certificate
	mkdir "$tmp/db"
	printf 'include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile %s/slapd.pid\nTLSCertificateFile %s/cert.pem\nTLSCertificateKeyFile %s/key.pem\ndatabase mdb\nsuffix "dc=example,dc=test"\ndirectory %s/db\n' "$tmp" "$tmp" "$tmp" "$tmp" >"$tmp/slapd.conf"
	serve slapd -d 0 -f "$tmp/slapd.conf" -h "ldap:///"
	await tcp 389
	client env LDAPTLS_REQCERT=never ldapsearch -ZZ -H ldap://server.example.test -x -b '' -s base
	finish ldap 'ldapsearch of OpenLDAP asks slapd for StartTLS' 'before it searches.' 'tcp 389 LDAP'
}
kerberos() {
	begin kerberos
	cat >"$tmp/krb5.conf" <<-END
		[libdefaults]
		default_realm = EXAMPLE.TEST
		dns_lookup_kdc = false
		dns_lookup_realm = false
		rdns = false
		udp_preference_limit = 1465
		[realms]
		EXAMPLE.TEST = {
		kdc = $s4
		admin_server = $s4
		}
	END
	sed 's/1465/1/' "$tmp/krb5.conf" >"$tmp/tcp.conf"
	printf '[kdcdefaults]\nkdc_ports = 88\nkdc_tcp_ports = 88\n[realms]\nEXAMPLE.TEST = {\ndatabase_name = %s/principal\nkey_stash_file = %s/stash\nacl_file = %s/acl\n}\n' "$tmp" "$tmp" "$tmp" >"$tmp/kdc.conf"
	export KRB5_CONFIG=$tmp/krb5.conf KRB5_KDC_PROFILE=$tmp/kdc.conf KRB5CCNAME=$tmp/cc
	in_s kdb5_util create -s -P master >"$tmp/k" 2>&1
	in_s kadmin.local -q 'addprinc -pw secret +requires_preauth someone' >>"$tmp/k" 2>&1
	in_s kadmin.local -q 'addprinc -randkey host/server.example.test' >>"$tmp/k" 2>&1
	serve krb5kdc -n
	await udp 88
	in_c sh -c 'echo secret | timeout 20 kinit someone' >"$tmp/client.out" 2>&1
	client kvno host/server.example.test
	in_c sh -c 'echo wrong | timeout 20 kinit someone' >"$tmp/client.out" 2>&1 || true
	try kinit -n nobody
	export KRB5_CONFIG=$tmp/tcp.conf
	in_c sh -c 'echo secret | timeout 20 kinit someone' >"$tmp/client.out" 2>&1
	client kvno host/server.example.test
	unset KRB5_CONFIG KRB5_KDC_PROFILE KRB5CCNAME
	finish kerberos 'kinit and kvno of MIT Kerberos ask krb5kdc for tickets, over UDP and over TCP,' 'with preauthentication, once with a wrong password.' 'udp 88 Kerberos' 'tcp 88 Kerberos'
}
kadmin() {
	begin rpc-kadmin
	printf '[libdefaults]\ndefault_realm = EXAMPLE.TEST\ndns_lookup_kdc = false\nrdns = false\n[realms]\nEXAMPLE.TEST = {\nkdc = %s\nadmin_server = %s\n}\n' $s4 $s4 >"$tmp/krb5.conf"
	printf '[realms]\nEXAMPLE.TEST = {\ndatabase_name = %s/principal\nkey_stash_file = %s/stash\nacl_file = %s/acl\n}\n' "$tmp" "$tmp" "$tmp" >"$tmp/kdc.conf"
	printf '*/admin@EXAMPLE.TEST *\n' >"$tmp/acl"
	export KRB5_CONFIG=$tmp/krb5.conf KRB5_KDC_PROFILE=$tmp/kdc.conf
	in_s kdb5_util create -s -P master >"$tmp/k" 2>&1
	in_s kadmin.local -q 'addprinc -pw secret some/admin' >>"$tmp/k" 2>&1
	serve krb5kdc -n
	serve kadmind -nofork
	await udp 88
	await tcp 749
	client kadmin -p some/admin -w secret -q listprincs
	unset KRB5_CONFIG KRB5_KDC_PROFILE
	also='tcp port 749'
	finish rpc 'kadmin of MIT Kerberos asks kadmind for the principals:' 'ONC RPC with a program number and a flavor of its own.' 'tcp 749 RPC'
}
radius() {
	begin radius
	mkdir "$tmp/raddb"
	cp -r /etc/freeradius/3.0/dictionary "$tmp/raddb/"
	cat >"$tmp/raddb/radiusd.conf" <<-END
		prefix = /usr
		raddbdir = $tmp/raddb
		run_dir = $tmp
		logdir = $tmp
		pidfile = $tmp/radiusd.pid
		modconfdir = $tmp/raddb/mods-config
		libdir = /usr/lib/freeradius
		max_request_time = 30
		security {
		user = root
		group = root
		allow_core_dumps = no
		}
		thread pool {
		start_servers = 1
		max_servers = 2
		min_spare_servers = 1
		max_spare_servers = 1
		}
		client all {
		ipaddr = 0.0.0.0/0
		secret = testing123
		}
		modules {
		files {
		usersfile = $tmp/users
		acctusersfile = $tmp/none
		preproxy_usersfile = $tmp/none
		}
		pap {
		}
		chap {
		}
		always ok {
		rcode = ok
		}
		}
		server default {
		listen {
		type = auth
		ipaddr = $s4
		port = 1812
		}
		listen {
		type = acct
		ipaddr = $s4
		port = 1813
		}
		authorize {
		files
		chap
		pap
		}
		authenticate {
		Auth-Type PAP {
		pap
		}
		Auth-Type CHAP {
		chap
		}
		}
		accounting {
		ok
		}
		preacct {
		ok
		}
		}
	END
	printf 'someone Cleartext-Password := "secret"\n\tReply-Message := "Welcome",\n\tFramed-IP-Address := 10.9.0.77\n' >"$tmp/users"
	: >"$tmp/none"
	serve freeradius -f -l stdout -d "$tmp/raddb"
	await udp 1812
	local n="NAS-IP-Address=$c4,NAS-Port=7,Called-Station-Id=02-00-00-00-09-02:wifi,Calling-Station-Id=02-00-00-00-09-77"
	echo "User-Name=someone,User-Password=secret,$n" >"$tmp/a"
	echo "User-Name=someone,CHAP-Password=secret,$n" >"$tmp/b"
	echo "User-Name=someone,User-Password=wrong,$n" >"$tmp/c"
	echo "User-Name=someone,Acct-Status-Type=Start,Acct-Session-Id=00000001,$n" >"$tmp/d"
	echo "User-Name=someone,Acct-Status-Type=Stop,Acct-Session-Id=00000001,Acct-Session-Time=60,$n" >"$tmp/e"
	local f
	for f in a b c; do try radclient -f "$tmp/$f" $s4:1812 auth testing123; done
	for f in d e; do try radclient -f "$tmp/$f" $s4:1813 acct testing123; done
	echo "Message-Authenticator=0x00" >"$tmp/f"
	try radclient -f "$tmp/f" $s4:1812 status testing123
	finish radius 'radclient asks FreeRADIUS with PAP, CHAP and a wrong password,' 'and sends the start and the stop of a session.' 'udp 1812 RADIUS' 'udp 1813 RADIUS'
}

attempt ssh ssh_port ntp ntp_interleaved snmp snmp_tcp syslog syslog_relay telnet ldap ldap_starttls kerberos kadmin radius
