package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestSSDP(t *testing.T) {
	testProtocol(t, proto.SSDP)
	search := "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\nUSER-AGENT: Google Chrome/99\r\n\r\n"
	res := mustMatch(t, proto.SSDP, proto.SSDP, UDP, 1234, c(search))
	wantText(t, res, attr.HostName, "239.255.255.250")
	wantText(t, res, attr.SSDPUserAgent, "Google Chrome/99")
	res = mustMatch(t, proto.SSDP, proto.SSDP, UDP, 1900, c("M-SEARCH * HTTP/1.1\r\nHOST: [FF02::C]:1900\r\n\r\n"))
	wantText(t, res, attr.HostName, "[ff02::c]")
	mustMatch(t, proto.SSDP, proto.SSDP, UDP, 1234, s("HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\n\r\n"))
	mustNot(t, proto.SSDP, UDP, 1234, s("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"))
	mustNot(t, proto.SSDP, UDP, 1900, c("NOTIFY sip:a@b SIP/2.0\r\nVia: x\r\n\r\n"))
}
