package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestXMPP(t *testing.T) {
	testProtocol(t, proto.XMPP, proto.XMPPS)
	// RFC 6120, section 4.2.
	open := "<?xml version='1.0'?>\n<stream:stream from='juliet@im.example.com' to='im.example.com' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
	wantText(t, mustMatch(t, proto.XMPP, proto.XMPP, TCP, 15222, c(open)), attr.HostName, "im.example.com")
	mustMatch(t, proto.XMPP, proto.XMPP, TCP, 15222, s(open))
	truphone := "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'to='im.truphone.com'>"
	wantText(t, mustMatch(t, proto.XMPP, proto.TruPhone, TCP, 1299, c(truphone)), attr.HostName, "im.truphone.com")
	mustMatch(t, proto.XMPP, proto.XMPP, TCP, 15222, c("<iq type='get' id='a1'><query/></iq>"))
	mustMatch(t, proto.XMPP, proto.XMPP, TCP, 15222, c("<presence to='room@example.com/tom'>"))
	mustMatch(t, proto.XMPP, proto.XMPP, TCP, 15222, c("</stream:stream>"))
	for _, text := range []string{"<?xml version='1.0'?><rss version='2.0'>", "<html>", "<stream:stream xmlns='urn:other'>", "<message id='1'>", "<presences to='a@b'>"} {
		mustNot(t, proto.XMPP, TCP, 5222, c(text))
	}
}

func TestXMPPSTARTTLS(t *testing.T) {
	open := "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' to='example.test'>"
	ask, proceed := "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
	mustMatch(t, proto.XMPP, proto.XMPPS, TCP, 5222, c(open), s(open), c(ask), s(proceed), cx("160301 0005 01 000001 00"))
	mustMatch(t, proto.XMPP, proto.XMPP, TCP, 5222, c(open), s(open), c(ask), s("<failure/></stream:stream>"), c("</stream:stream>"))
}
