package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSMPP(t *testing.T) {
	const id = proto.SMPP
	// bind_transmitter of the specification's section 3.2.2.
	bind := "0000002f 00000002 00000000 00000001 534d50503354455354 00 7365637265743038 00 5355424d495431 00 50 01 01 00"
	mustMatch(t, id, id, TCP, 2775, cx(bind))
	mustMatch(t, id, id, TCP, 9000, cx(bind), sx("0000001a 80000002 00000000 00000001 534d50503354455354 00"))
	mustMatch(t, id, id, TCP, 2775, cx("00000010 00000015 00000000 00000007"))
	mustNot(t, id, TCP, 2775, cx("00000011 00000015 00000000 00000007"))
	mustNot(t, id, TCP, 2775, cx("00000010 00000015 00000001 00000007"))
	mustNot(t, id, TCP, 2775, cx("0000002f 0000000a 00000000 00000001"))
	mustNot(t, id, TCP, 2775, cx("0000002f 00000002 00000000 00000001 534d0150503354455354 00"))
}
