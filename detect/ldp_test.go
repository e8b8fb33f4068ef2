package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestLDP(t *testing.T) {
	// RFC 5036, sections 3.5.2 and 3.5.3.
	hello := "0001 001e 0a000006 0000 0100 0014 00000000 0400 0004 000f0000 0401 0004 0a000006"
	session := "0001 0020 0a000101 0000 0200 0016 00000002 0500 000e 000100b4000000000a000006 0000"
	mustMatch(t, proto.LDP, proto.LDP, UDP, 646, cx(hello))
	mustMatch(t, proto.LDP, proto.LDP, TCP, 40001, cx(session))
	mustMatch(t, proto.LDP, proto.LDP, TCP, 40001, sx(session))
	mustNot(t, proto.LDP, UDP, 646, cx(hello+"00"))
	mustNot(t, proto.LDP, UDP, 646, cx("0001 001e 0a000006 0000 0700"+hello[28:]))
	mustNot(t, proto.LDP, TCP, 646, cx("0002"))
}
