package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestZMQ(t *testing.T) {
	testProtocol(t, proto.ZMQ)
	const id = proto.ZMQ
	rest := "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	greeting := "ff 0000000000000001 7f 03 00 4e554c4c 00000000000000000000000000000000 00" + rest
	mustMatch(t, id, id, TCP, 5555, cx(greeting))
	mustMatch(t, id, id, TCP, 5556, sx(greeting))
	mustMatch(t, id, id, TCP, 5556, cx("ff 0000000000000001 7f 01 05 00 00"))
	mustNot(t, id, TCP, 5555, cx("ff 0000000000000001 7f 03 00 4e4f4c4c 0000"))
	mustNot(t, id, TCP, 5555, cx("ff 0000000000000001 7e 03 00 4e554c4c 0000"))
	mustNot(t, id, TCP, 5555, cx("ff 0000000000000001 7f 09 00 4e554c4c 0000"))
}
