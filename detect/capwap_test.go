package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCAPWAP(t *testing.T) {
	const id = proto.CAPWAP
	header := "00 10 02 00 0000 0000"
	discovery := header + "00000001 00 0008 00 0014 0001 00"
	mustMatch(t, id, id, UDP, 5246, cx(discovery))
	mustMatch(t, id, id, UDP, 5246, cx("01000000 16 feff 0000 000000000000 0004 01000000"))
	if res := mustMatch(t, id, id, UDP, 5246, cx(discovery)); !res.More {
		t.Error("the handshake that follows a discovery is not waited for")
	}
	mustMatch(t, id, id, UDP, 5247, cx("00 10 02 08 0000 0000 0023 0010 00112233445566778899aabbccddeeff"))
	mustNot(t, id, UDP, 5248, cx("00 10 02 08 0000 0000 0023 0010 00112233445566778899aabbccddeeff"))
	mustNot(t, id, UDP, 5246, cx(header+"00000001 00 0009 00 0014 0001 00"))
	mustNot(t, id, UDP, 5246, cx("00 10 02 01 0000 0000"+"00000001 00 0008 00 0014 0001 00"))
	mustNot(t, id, UDP, 5246, cx(header+"00000001 00 0008 00 0014 0002 00"))
	mustNot(t, id, UDP, 5246, cx("01000000 16 0303 0000 000000000000 0004 01000000"))
}
