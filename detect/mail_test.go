package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// hello is the start of a TLS ClientHello record.
const hello = "\x16\x03\x01\x00\xf0\x01\x00\x00\xec\x03\x03"

func TestSMTP(t *testing.T) {
	res := mustMatch(t, proto.SMTP, proto.SMTP, TCP, 2525, s("220 mx.example.com ready\r\n"), c("EHLO client.example.com\r\n"))
	wantText(t, res, attr.MailBanner, "mx.example.com ready")
	if !res.More {
		t.Error("STARTTLS could still come")
	}
	res = mustMatch(t, proto.SMTP, proto.SMTP, TCP, 25, s("220 mx ESMTP Postfix\r\n"), c("helo x\r\n"), s("250 mx\r\n"), c("MAIL FROM:<a@b>\r\n"))
	if res.More {
		t.Error("nothing more is to come")
	}
	mustMatch(t, proto.SMTP, proto.SMTP, TCP, 25, s("554 mx ESMTP no\r\n"))
	mustMatch(t, proto.SMTP, proto.SMTP, TCP, 25, c("MAIL FROM:<a@b>\r\n"))
	res = mustMatch(t, proto.SMTP, proto.SMTP, TCP, 25, s("220 mx1 smtp.example.net ESMTP server ready\r\n"))
	wantText(t, res, attr.HostName, "smtp.example.net")
	res = mustMatch(t, proto.SMTP, proto.SMTPS, TCP, 25, s("220 mx ESMTP\r\n"), c("EHLO a\r\n"), s("250-mx\r\n250 STARTTLS\r\n"),
		c("STARTTLS\r\n"), s("220 go\r\n"), c(hello))
	if n, _ := res.Number(attr.MailSTARTTLS); n != 1 {
		t.Error("STARTTLS was not noticed")
	}
	mustMatch(t, proto.SMTP, proto.SMTP, TCP, 25, c("EHLO [192.0.2.1]\r\n"))
	mustMatch(t, proto.SMTP, proto.SMTP, TCP, 25, s("220 mx ready\r\n"), c("HELO my computer\r\n"))
	mustMatch(t, proto.SMTP, proto.SMTP, TCP, 25, s("220 mx.example.com ESMTP of the ")) // cut there by the capture
	mustNot(t, proto.SMTP, TCP, 5000, c("HELO nuttcp v6.1.2\n"))
	mustNot(t, proto.SMTP, TCP, 21, s("220 ProFTPD Server\r\n"), c("USER anonymous\r\n"))
	mustNot(t, proto.SMTP, TCP, 25, s("220 mx\r\n"))
}

func TestPOP3(t *testing.T) {
	res := mustMatch(t, proto.POP3, proto.POP3, TCP, 110, s("+OK Dovecot ready.\r\n"), c("CAPA\r\n"))
	wantText(t, res, attr.MailBanner, "Dovecot ready.")
	mustMatch(t, proto.POP3, proto.POP3, TCP, 110, s("+OK POP3 server\r\n"))
	mustMatch(t, proto.POP3, proto.POP3S, TCP, 110, s("+OK x\r\n"), c("STLS\r\n"), s("+OK Begin TLS\r\n"), c(hello))
	mustNot(t, proto.POP3, TCP, 6379, c("AUTH secret\r\n")) // Redis has it too
	mustNot(t, proto.POP3, TCP, 6379, c("*1\r\n$4\r\nPING\r\n"), s("+OK\r\n"))
	mustNot(t, proto.POP3, TCP, 110, s("+OK x\r\n"))
}

func TestIMAP(t *testing.T) {
	res := mustMatch(t, proto.IMAP, proto.IMAP, TCP, 143, s("* OK Dovecot ready.\r\n"), c("a001 LOGIN u p\r\n"))
	wantText(t, res, attr.MailBanner, "Dovecot ready.")
	mustMatch(t, proto.IMAP, proto.IMAP, TCP, 143, s("* OK [CAPABILITY IMAP4rev1] x\r\n"))
	mustMatch(t, proto.IMAP, proto.IMAP, TCP, 143, s("* OK [CAPABILITY IMAP4rev1 SASL-IR LOG")) // cut there by the capture
	mustMatch(t, proto.IMAP, proto.IMAP, TCP, 143, c("a001 NOOP\r\n"), s("a001 OK done\r\n"))
	mustMatch(t, proto.IMAP, proto.IMAPS, TCP, 143, s("* OK x\r\n"), c("1 starttls\r\n"), s("1 OK\r\n"), c(hello))
	mustNot(t, proto.IMAP, TCP, 143, s("* OK x\r\n"), c("GET / HTTP/1.1\r\n"))
	mustNot(t, proto.IMAP, TCP, 143, c("a001 NOOP\r\n"), s("a002 OK done\r\n"))
}
