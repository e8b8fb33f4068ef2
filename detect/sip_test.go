package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

const sipRegister = "REGISTER sip:registrar.biloxi.com SIP/2.0\r\nVia: SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bKnashds7\r\n" +
	"Max-Forwards: 70\r\nTo: Bob <sip:bob@biloxi.com>\r\nUser-Agent: Softphone 1.0\r\nContent-Length: 0\r\n\r\n"

func TestSIP(t *testing.T) {
	res := mustMatch(t, proto.SIP, proto.SIP, UDP, 5060, c(sipRegister))
	wantText(t, res, attr.SIPUserAgent, "Softphone 1.0")
	wantText(t, res, attr.HostName, "registrar.biloxi.com")
	res = mustMatch(t, proto.SIP, proto.SIP, UDP, 5060, c("INVITE sips:alice:pw@Atlanta.example.com:5061;lr SIP/2.0\r\n\r\n"))
	wantText(t, res, attr.HostName, "atlanta.example.com")
	for _, quiet := range []string{"INVITE sip:100@192.0.2.4 SIP/2.0\r\n\r\n", "INVITE tel:+358-555-1234567 SIP/2.0\r\n\r\n", "INVITE sip:100@localhost SIP/2.0\r\n\r\n"} {
		if res = mustMatch(t, proto.SIP, proto.SIP, UDP, 5060, c(quiet)); res.Has(attr.HostName) {
			t.Errorf("%q has the host %q", quiet, res.Get(attr.HostName))
		}
	}
	mustMatch(t, proto.SIP, proto.SIP, TCP, 5060, c("\r\n\r\n"), c(sipRegister))
	mustMatch(t, proto.SIP, proto.SIP, UDP, 40000, c("\r\n\r\n"), c("OPTIONS sip:carol@chicago.com SIP/2.0\r\n"))
	res = mustMatch(t, proto.SIP, proto.SIP, UDP, 5060, s("SIP/2.0 200 OK\r\nServer: Registrar\r\n\r\n"))
	wantText(t, res, attr.SIPUserAgent, "Registrar")
	mustMatch(t, proto.SIP, proto.SIP, UDP, 5060, c("INVITE urn:service:sos SIP/2.0\r\n\r\n"))
	mustNot(t, proto.SIP, TCP, 554, c("OPTIONS rtsp://host/a RTSP/1.0\r\n\r\n"))
	mustNot(t, proto.SIP, TCP, 80, c("OPTIONS * HTTP/1.1\r\n\r\n"))
	mustNot(t, proto.SIP, UDP, 5060, c("SIP/2.0 OK\r\n"))
	mustNot(t, proto.SIP, UDP, 5060, c("\r\n\r\n\r\n\r\n\r\n\r\nINVITE sip:a"))
}

// Telephones keep the way through an address translator open before they
// register, and servers do.
func TestSIPPings(t *testing.T) {
	const id = proto.SIP
	register := c("REGISTER sip:example.org SIP/2.0\r\n\r\n")
	mustMatch(t, id, id, UDP, 5060, cx("00000000"), register)
	mustMatch(t, id, id, UDP, 5060, c("\r\n\r\n"), s("\r\n"), sx("00000000"), register)
	mustMatch(t, id, id, UDP, 5060, c("hello\x00"), s("hello\x00"), register)
	mustNot(t, id, UDP, 5070, cx("00000000"), c("hello"), cx("00000001"))
}

// A value may go on in the next line (RFC 3261, section 7.3.1); who is called by
// the server does not say whose the server is; other schemes name people too.
func TestSIPForms(t *testing.T) {
	const id = proto.SIP
	res := mustMatch(t, id, id, UDP, 7000, c("OPTIONS sip:d.example SIP/2.0\r\nUser-Agent: Phone\r\n  One\r\n\tTwo\r\nX: y\r\n\r\n"))
	wantText(t, res, attr.SIPUserAgent, "Phone One Two")
	mustMatch(t, id, id, UDP, 7000, c("MESSAGE im:a@d.example SIP/2.0\r\n\r\n"))
	mustMatch(t, id, id, UDP, 7000, c("SUBSCRIBE pres:a@d.example SIP/2.0\r\n\r\n"))
	res = mustMatch(t, id, id, UDP, 5060, cx("00000000"), s("INVITE sip:a@evil.example SIP/2.0\r\n\r\n"))
	if res.Has(attr.HostName) {
		t.Errorf("the server names the flow: %q", res.Get(attr.HostName))
	}
}
