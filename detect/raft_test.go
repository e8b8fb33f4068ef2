package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRaft(t *testing.T) {
	const id = proto.Raft
	mustMatch(t, id, id, TCP, 9001, cx("0100000000000000 a1b2c3d4e5f60718 1000000000000000 3132372e302e302e313a39303031 0000"))
	mustMatch(t, id, id, TCP, 8300, c("\x00\x88\xa9RPCHeader\x81\xafProtocolVersion\x03\xa4Term\x01"))
	mustMatch(t, id, id, TCP, 8300, c("\x01\x01\x85\xa4Term\x02\xa9RPCHeader\x81\xafProtocolVersion\x03"))
	mustNot(t, id, TCP, 9001, cx("0100000000000000 a1b2c3d4e5f60718 1100000000000000 3132372e302e302e313a39303031 0000"))
	mustNot(t, id, TCP, 9001, cx("0100000000000000 a1b2c3d4e5f60718 1000000000000000 3132372e302e302e31 0000"))
	mustNot(t, id, TCP, 8300, c("\x00\x88\xa4Term\x01\xa6Leader"))
}
