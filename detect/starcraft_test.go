package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestStarcraft(t *testing.T) {
	const id = proto.Starcraft
	mustMatch(t, id, id, TCP, 1119, cx("4a00000a66020aed2d66 adc8e80a"))
	mustMatch(t, id, id, TCP, 6112, c("\x01\xff\x50\x3a\x00\x00\x00\x00\x0068XIPXES\xd3\x00\x00\x00"))
	mustNot(t, id, TCP, 6112, c("\x01\xff\x50\x3a\x00\x00\x00\x00\x0068XIPX3W\xd3\x00\x00\x00"))
	mustNot(t, id, TCP, 1119, cx("4a00000a66020aed2d67"))
}
