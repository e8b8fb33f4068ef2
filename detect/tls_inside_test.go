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
