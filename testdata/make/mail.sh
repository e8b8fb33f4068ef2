#!/bin/bash
# Mail and files: SMTP, IMAP, POP3, FTP, each in the clear and with TLS.
. "$(dirname "$0")/lib.sh"
need ethtool tcpdump tshark postfix swaks libio-socket-ssl-perl libnet-ssleay-perl dovecot-imapd dovecot-pop3d vsftpd ftp lftp curl openssl

postfix_server() {
	certificate
	mkdir -p "$tmp/spool" "$tmp/lib"
	chown postfix "$tmp/lib"
	cp -r /etc/postfix "$tmp/etc"
	cat >"$tmp/etc/main.cf" <<-END
		compatibility_level = 3.6
		queue_directory = $tmp/spool
		data_directory = $tmp/lib
		myhostname = server.example.test
		mydestination = example.test
		mynetworks = 127.0.0.0/8
		inet_interfaces = $s4
		inet_protocols = ipv4
		smtpd_tls_cert_file = $tmp/cert.pem
		smtpd_tls_key_file = $tmp/key.pem
		smtpd_tls_security_level = may
		local_recipient_maps =
		local_transport = discard:
		smtpd_peername_lookup = no
		maillog_file = $tmp/log
		maillog_file_prefixes = $tmp
	END
	cat >"$tmp/etc/master.cf" <<-END
		smtp inet n - n - - smtpd
		465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
		587 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
		pickup unix n - n 60 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		tlsmgr unix - - n 1000? 1 tlsmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		discard unix - - n - - discard
		anvil unix - - n - 1 anvil
		postlog unix-dgram n - n - 1 postlogd
	END
	serve postfix -c "$tmp/etc" start-fg
	await tcp 25
}
swaks=(swaks --from someone@client.example.test --to other@example.test --ehlo client.example.test)
smtp() {
	begin smtp
	postfix_server
	client "${swaks[@]}" --server server.example.test
	try "${swaks[@]}" --server server.example.test --quit-after RCPT --to someone@elsewhere.test --helo old.example.test
	also='tcp'
	finish smtp 'swaks gives a message to Postfix, then one for somebody' 'that Postfix refuses.' 'tcp 25 SMTP'
}
smtp_starttls() {
	begin smtp-starttls
	postfix_server
	client "${swaks[@]}" --server server.example.test --tls
	client "${swaks[@]}" --server server.example.test --tls --port 587 --tls-protocol tlsv1_2
	also='tcp'
	finish smtp 'swaks gives a message to Postfix after STARTTLS:' 'port 25 with TLS 1.3, port 587 with TLS 1.2.' 'tcp 25 SMTP/S' 'tcp 587 SMTP/S'
}
smtps() {
	begin smtps
	postfix_server
	client "${swaks[@]}" --server server.example.test --tls-on-connect --port 465
	also='tcp'
	finish tls 'swaks gives a message to Postfix' 'with TLS from the start.' 'tcp 465 SMTP/S'
}
dovecot_server() {
	certificate
	mkdir -p "$tmp/run" "$tmp/mail/new" "$tmp/mail/cur" "$tmp/mail/tmp"
	local i
	for i in 1 2; do printf 'From: someone@example.test\nTo: user@example.test\nSubject: message %s\nDate: Sat, 1 Jun 2024 10:00:00 +0000\n\nText of message %s.\n' $i $i >"$tmp/mail/new/100$i.x"; done
	cat >"$tmp/dovecot.conf" <<-END
		base_dir = $tmp/run
		state_dir = $tmp/run
		log_path = /dev/stderr
		protocols = imap pop3
		listen = $s4
		ssl = yes
		ssl_cert = <$tmp/cert.pem
		ssl_key = <$tmp/key.pem
		disable_plaintext_auth = no
		auth_mechanisms = plain login
		mail_location = maildir:$tmp/mail
		default_internal_user = root
		default_login_user = nobody
		default_internal_group = root
		first_valid_uid = 0
		mail_uid = 65534
		mail_gid = 65534
		service anvil { 
		  chroot =
		}
		service imap-login {
		  chroot =
		}
		service pop3-login {
		  chroot =
		}
		service stats {
		  chroot =
		}
		passdb {
		  driver = static
		  args = password=secret
		}
		userdb {
		  driver = static
		  args = uid=65534 gid=65534 home=$tmp
		}
	END
	chown -R nobody:nogroup "$tmp/mail"
	serve dovecot -F -c "$tmp/dovecot.conf"
	await tcp 143
	await tcp 995
}
imap() {
	begin imap
	dovecot_server
	client curl -s imap://user:secret@server.example.test/
	client curl -s imap://user:secret@server.example.test/INBOX -X 'FETCH 1:* (FLAGS ENVELOPE)'
	try curl -s imap://user:wrong@server.example.test/
	finish imap 'curl lists folders and fetches headers from Dovecot over IMAP,' 'once with a wrong password.' 'tcp 143 IMAP'
}
imap_starttls() {
	begin imap-starttls
	dovecot_server
	client curl -s -k --ssl-reqd imap://user:secret@server.example.test/
	client curl -s -k --ssl-reqd --tls-max 1.2 imap://user:secret@server.example.test/
	finish imap 'curl lists folders of Dovecot after STARTTLS,' 'with TLS 1.3 and 1.2.' 'tcp 143 IMAP/S'
}
imaps() {
	begin imaps
	dovecot_server
	client curl -s -k imaps://user:secret@server.example.test/
	finish tls 'curl lists folders of Dovecot' 'with TLS from the start.' 'tcp 993 IMAP/S'
}
pop3() {
	begin pop3
	dovecot_server
	client curl -s pop3://user:secret@server.example.test/
	client curl -s pop3://user:secret@server.example.test/1
	try curl -s --login-options AUTH=PLAIN pop3://user:wrong@server.example.test/
	finish pop 'curl lists and reads messages of Dovecot over POP3,' 'once with a wrong password.' 'tcp 110 POP3'
}
pop3_starttls() {
	begin pop3-starttls
	dovecot_server
	client curl -s -k --ssl-reqd pop3://user:secret@server.example.test/
	client curl -s -k --ssl-reqd --tls-max 1.2 pop3://user:secret@server.example.test/
	finish pop 'curl lists messages of Dovecot after STLS,' 'with TLS 1.3 and 1.2.' 'tcp 110 POP3/S'
}
pop3s() {
	begin pop3s
	dovecot_server
	client curl -s -k pop3s://user:secret@server.example.test/
	finish tls 'curl lists messages of Dovecot' 'with TLS from the start.' 'tcp 995 POP3/S'
}
vsftpd_server() {
	certificate rsa
	mkdir -p "$tmp/ftp/pub" "$tmp/empty"
	seq 300 >"$tmp/ftp/pub/numbers.txt"
	mkdir -m 777 "$tmp/ftp/incoming"
	cat >"$tmp/vsftpd.conf" <<-END
		listen=YES
		background=NO
		anonymous_enable=YES
		anon_root=$tmp/ftp
		anon_upload_enable=YES
		write_enable=YES
		secure_chroot_dir=$tmp/empty
		ftpd_banner=Files of example.test
		rsa_cert_file=$tmp/cert.pem
		rsa_private_key_file=$tmp/key.pem
		ssl_enable=YES
		allow_anon_ssl=YES
		force_local_logins_ssl=NO
		force_local_data_ssl=NO
		require_ssl_reuse=NO
		pasv_min_port=${1:-50000}
		pasv_max_port=${1:-50000}
		connect_from_port_20=YES
		seccomp_sandbox=NO
		isolate_network=NO
		$2
	END
	serve vsftpd "$tmp/vsftpd.conf"
	await tcp "${3:-21}"
}
ftp_passive() {
	begin ftp
	vsftpd_server 50000 ''
	client curl -s ftp://server.example.test/pub/
	client curl -s ftp://server.example.test/ --disable-epsv
	try curl -s ftp://server.example.test/nowhere/
	finish ftp 'curl lists directories of vsftpd in passive mode (EPSV, PASV);' 'data connections go to port 50000.' 'tcp 21 FTP/C' 'tcp 50000 FTP/D'
}
ftp_store() {
	begin ftp-store
	vsftpd_server 50000 ''
	client curl -s ftp://server.example.test/pub/numbers.txt
	seq 100 >"$tmp/up"
	client curl -s -T "$tmp/up" ftp://server.example.test/incoming/up.txt
	finish ftp 'curl gets a file from vsftpd and stores one; the files are numbers,' 'and nothing in them says that FTP carries them.' 'tcp 21 FTP/C' 'tcp 50000 Unknown'
}
ftp_active() {
	begin ftp-active
	vsftpd_server 50000 ''
	client curl -s -P - ftp://server.example.test/
	client curl -s -P - --disable-eprt ftp://server.example.test/pub/
	only='tcp'
	finish ftp 'curl lists directories of vsftpd in active mode (EPRT, PORT):' 'the server opens the data connections from port 20.' 'tcp 21 FTP/C' 'tcp * FTP/D'
}
ftp_tls() {
	begin ftp-tls
	vsftpd_server 50000 ''
	client curl -s -k --ssl-reqd ftp://server.example.test/pub/
	client curl -s -k --ssl-reqd --tls-max 1.2 ftp://server.example.test/pub/numbers.txt
	finish ftp 'curl talks to vsftpd after AUTH TLS, with TLS 1.3 and 1.2,' 'and gets a directory and a file over TLS too.' 'tcp 21 FTP/S' 'tcp 50000 TLS'
}
ftp_login() {
	begin ftp-login
	vsftpd_server 50000 'deny_email_enable=NO'
	printf 'open server.example.test\nuser someone wrong\nuser anonymous me@example.test\npwd\nhelp\npassive\nls\nquit\n' >"$tmp/cmd"
	in_c sh -c "ftp -n -v <$tmp/cmd" >"$tmp/client.out" 2>&1 || true
	also='port 21'
	finish ftp 'The ftp program of Debian logs in to vsftpd, first with a wrong password;' 'only the control connection is kept.' 'tcp 21 FTP/C'
}
ftps() {
	begin ftps
	vsftpd_server 50000 $'implicit_ssl=YES\nlisten_port=990' 990
	client curl -s -k ftps://server.example.test/pub/
	also='port 990'
	finish tls 'curl talks to vsftpd with TLS from the start;' 'only the control connection is kept.' 'tcp 990 FTP/S'
}

attempt smtp smtp_starttls smtps imap imap_starttls imaps pop3 pop3_starttls pop3s ftp_passive ftp_store ftp_active ftp_tls ftp_login ftps
