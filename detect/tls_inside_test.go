package detect

import (
	"crypto/tls"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// TLS that begins in the middle of a conversation tells what TLS tells.
func TestTLSInside(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS12, "www.Example.com", []string{"h2"})
	mysqlRequest := "\x20\x00\x00\x01\x85\xae\xff\x19\x00\x00\x00\x01\x2d" + string(make([]byte, 23))
	greeting := "8.0.36\x00" + "\x01\x00\x00\x00" + "saltsalt" + "\x00" + string(make([]byte, 40))
	for _, c := range []struct {
		id, want       proto.ID
		before, answer string
	}{
		{proto.SMTP, proto.SMTPS, "EHLO me\r\nSTARTTLS\r\n", "220 mx ESMTP\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n"},
		{proto.IMAP, proto.IMAPS, "a STARTTLS\r\n", "* OK IMAP4rev1 ready\r\na OK go\r\n"},
		{proto.POP3, proto.POP3S, "STLS\r\n", "+OK POP3 ready\r\n+OK go\r\n"},
		{proto.FTPC, proto.FTPS, "AUTH TLS\r\n", "220 FTP\r\n234 go\r\n"},
		{proto.HTTPConnect, proto.HTTPConnect, "CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n", "HTTP/1.1 200 Connection established\r\n\r\n"},
		{proto.RDP, proto.RDP, "\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00", "\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00\x02\x00\x08\x00\x02\x00\x00\x00"},
		{proto.MYSQL, proto.MYSQL, mysqlRequest, string([]byte{byte(len(greeting) + 1), 0, 0, 0, 10}) + greeting},
		{proto.PGSQL, proto.PGSQL, "\x00\x00\x00\x08\x04\xd2\x16\x2f", "S"},
		{proto.IRC, proto.IRCS, "STARTTLS\r\n", ":srv 670 * :STARTTLS successful\r\n"},
		{proto.IRC, proto.IRCS, "CAP LS 302\r\nNICK me\r\nUSER me 0 * :me\r\nSTARTTLS\r\n", ":srv CAP * LS :tls\r\n:srv 670 me :go\r\n"},
		{proto.AMQP, proto.AMQP, "AMQP\x02\x01\x00\x00", "AMQP\x02\x01\x00\x00"},
		{proto.LDAP, proto.LDAP, ldapTLSRequest(1), string(ldapGranted(1))},
		{proto.LDAP, proto.LDAP, string(unhex("3025 020101 6320 0400 0a0100 0a0100 020100 020100 010100 870b 6f626a656374636c617373 3000")) + ldapTLSRequest(2),
			string(unhex("3009 020101 6404 0400 3000 300c 020101 6507 0a0100 0400 0400")) + ldapGranted(2)},
		{proto.SOCKS, proto.SOCKS, "\x05\x01\x00\x05\x01\x00\x03\x0bexample.com\x01\xbb", "\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"},
	} {
		in := Input{Over: TCP, IPProtocol: 6, ServerPort: 9999, ClientPort: 40000}
		ask := func(fromClient, fromServer []byte) (Verdict, *Result) {
			in.ToServer = append([]byte(c.before), fromClient...)
			in.ToClient = append([]byte(c.answer), fromServer...)
			res := new(Result)
			res.Reset(c.id)
			for i := range Registry { // RDP has a card for UDP too
				if Registry[i].ID == c.id && Registry[i].Over&TCP != 0 {
					return Registry[i].Inspect(&in, res), res
				}
			}
			t.Fatalf("no card of %v", c.id)
			return No, nil
		}
		v, res := ask(client, server)
		if v != Match || res.Protocol != c.want || res.More || res.Partial || string(res.Get(attr.TLSSNI)) != "www.Example.com" || len(res.Get(attr.TLSJA3S)) != 16 || !res.Has(attr.TLSFingerprint) {
			t.Errorf("%v: verdict %d, %v, more %v, partial %v: %q", c.id, v, res.Protocol, res.More, res.Partial, told(res))
		}
		if v, res := ask(client, nil); v != Match || !res.More || string(res.Get(attr.TLSSNI)) != "www.Example.com" {
			t.Errorf("%v, client alone: verdict %d, more %v: %q", c.id, v, res.More, told(res))
		}
	}
}

// ldapTLSRequest and ldapGranted are StartTLS of LDAP and its answer (RFC 4511, section 4.14).
func ldapTLSRequest(id byte) string {
	return "\x30\x1d\x02\x01" + string([]byte{id}) + "\x77\x18\x80\x16" + ldapStartTLS
}

func ldapGranted(id byte) string {
	return "\x30\x0c\x02\x01" + string([]byte{id}) + "\x78\x07\x0a\x01\x00\x04\x00\x04\x00"
}

// The records of TLS that TDS carries lie in packets of its own.
func TestTLSInsideTDS(t *testing.T) {
	client, server := tlsStreams(t, tls.VersionTLS12, "db.example.com", nil)
	packet := func(kind byte, b []byte) string {
		n := len(b) + 8
		return string([]byte{kind, 1, byte(n >> 8), byte(n), 0, 0, 0, 0}) + string(b)
	}
	const options = "00 0015 0006 01 001b 0001 02 001c 0001 03 001d 0004 ff 0c0000000000 01 00 00000001"
	ask := packet(0x12, unhex(options)) + packet(0x12, client)
	answer := packet(0x04, unhex(options)) + packet(0x12, server)
	res := mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, c(ask), s(answer))
	wantText(t, res, attr.TLSSNI, "db.example.com")
	if len(res.Get(attr.TLSJA3S)) != 16 || !res.Has(attr.TLSFingerprint) {
		t.Errorf("the server's side: %q", told(res))
	}
	res = mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, c(packet(0x12, unhex(options))+packet(0x10, make([]byte, 40))), s(packet(0x04, unhex(options))))
	if res.More {
		t.Error("a login without TLS is waited for")
	}
}
