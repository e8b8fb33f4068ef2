package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestLLMNR(t *testing.T) {
	testProtocol(t, proto.LLMNR)
	ask := cx("a1b2 0000 0001 0000 0000 0000 07 4445534b544f50 00 0001 0001")
	res := mustMatch(t, proto.LLMNR, proto.LLMNR, UDP, 5355, ask)
	wantText(t, res, attr.HostName, "desktop")
	tell := sx("a1b2 8000 0001 0001 0000 0000 07 4445534b544f50 00 0001 0001 c00c 0001 0001 0000001e 0004 c0000207")
	res = mustMatch(t, proto.LLMNR, proto.LLMNR, UDP, 5355, tell)
	wantText(t, res, attr.DNSAnswers, "192.0.2.7")
	mustNot(t, proto.LLMNR, UDP, 5356, ask)
	stream := cx("0019 a1b2 0000 0001 0000 0000 0000 07 4445534b544f50 00 0001 0001")
	res = mustMatch(t, proto.LLMNR, proto.LLMNR, TCP, 5355, stream)
	wantText(t, res, attr.HostName, "desktop")
	mustNot(t, proto.LLMNR, TCP, 53, stream)
	mustNot(t, proto.DNS, TCP, 5355, stream)
	mustNot(t, proto.LLMNR, UDP, 5355, cx("a1b2 0000 0002 0000 0000 0000 07 4445534b544f50 00 0001 0001 00 0001 0001"))
}
