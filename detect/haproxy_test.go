package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestHAProxy(t *testing.T) {
	testProtocol(t, proto.HAProxy)
	const id = proto.HAProxy
	mustMatch(t, id, id, TCP, 443, c("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET / HTTP/1.1\r\n"))
	mustMatch(t, id, id, TCP, 443, c("PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n"))
	mustMatch(t, id, id, TCP, 443, c("PROXY UNKNOWN\r\n"))
	mustMatch(t, id, id, TCP, 443, cx("0d0a0d0a000d0a515549540a 21 11 000c c0000201 c6336401 dc04 01bb"))
	mustNot(t, id, TCP, 443, c("PROXY TCP5 192.0.2.1 198.51.100.1 56324 443\r\n"))
	mustNot(t, id, TCP, 443, c("PROXY TCP4 host.example 198.51.100.1 56324 443\r\n"))
	mustNot(t, id, TCP, 443, cx("0d0a0d0a000d0a515549540a 11 11 000c"))
}
