package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestFINS(t *testing.T) {
	const id = proto.FINS
	read := "80 00 02 00 01 00 00 05 00 19 0101 82 0064 00 0002"
	answer := "c0 00 02 00 05 00 00 01 00 19 0101 0000 1234 5678"
	mustMatch(t, id, id, UDP, 9600, cx(read))
	mustMatch(t, id, id, UDP, 19600, cx(read), sx(answer))
	mustMatch(t, id, id, TCP, 9600, cx("46494e53 0000000c 00000000 00000000 00000000"))
	mustNot(t, id, UDP, 19600, cx(read))
	mustNot(t, id, UDP, 19600, cx(read), sx("c0 00 02 00 05 00 00 01 00 1a 0101 0000 1234 5678"))
	mustNot(t, id, UDP, 9600, cx("80 01 02 00 01 00 00 05 00 19 0101 82 0064 00 0002"))
	mustNot(t, id, UDP, 9600, cx("80 00 02 00 01 00 00 05 00 19 0109 82 0064 00 0002"))
	mustNot(t, id, TCP, 9600, cx("46494e53 00000004 00000000 00000000 00000000"))
	mustNot(t, id, TCP, 9600, cx("46494e53 0000000c 00000009 00000000 00000000"))
}
