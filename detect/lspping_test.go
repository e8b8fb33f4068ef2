package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestLSPPing(t *testing.T) {
	const id = proto.LSPPing
	const request = "0001 0000 01020000 00000001 00000001 c0000000 00000000 00000000 00000000"
	mustMatch(t, id, id, UDP, 3503, cx(request))
	mustMatch(t, id, id, UDP, 3503, cx(request+"0001 000c 0001 0005 0a000001 20 000000"))
	mustNot(t, id, UDP, 3503, cx("0002"+request[4:]))
	mustNot(t, id, UDP, 3503, cx("0001 0000 05020000"+request[18:]))
	mustNot(t, id, UDP, 3503, cx(request+"0001 0010 0001 0005 0a000001 20 000000"))
	mustNot(t, id, UDP, 3504, cx(request))
}
