package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestPTP(t *testing.T) {
	testProtocol(t, proto.PTPv2)
	const id = proto.PTPv2
	sync := "00 02 002c 00 00 0200 0000000000000000 00000000 080027fffe000001 0001 0001 00 00 00005f000000 00000001"
	mustMatch(t, id, id, UDP, 319, cx(sync))
	mustMatch(t, id, id, UDP, 319, cx(sync+"0000"))
	mustNot(t, id, UDP, 319, cx(sync+"000000"))
	mustNot(t, id, UDP, 319, cx("04"+sync[2:]))
	mustNot(t, id, UDP, 319, cx("00 01"+sync[5:]))
	mustNot(t, id, UDP, 319, cx("01"+sync[2:])) // control of a delay request is 1
	mustNot(t, id, UDP, 319, cx("00 02 002c 00 00 0200 0000000000000000 00000000 0000000000000000 0001 0001 00 00 00005f000000 00000001"))
}
