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

func TestWarcraft3(t *testing.T) {
	const id = proto.Warcraft3
	mustMatch(t, id, id, TCP, 6112, c("\x01\xff\x50\x3a\x00\x00\x00\x00\x0068XIPX3W\x1b\x00\x00\x00"))
	join := "f71e2a00 01000000 aabbccdd 00 e017 01000000 6e616d6500 0100 0200 e017 c0a80001 0000000000000000 0000"
	mustMatch(t, id, id, TCP, 6112, cx(join), sx("f7040700 000000"))
	mustNot(t, id, TCP, 6112, cx(join))
	mustNot(t, id, TCP, 6112, cx(join), sx("f8040700 000000"))
	mustNot(t, id, TCP, 6112, c("\x01\xff\x50\x3a\x00\x00\x00\x00\x0068XIPXES\xd3\x00\x00\x00"))
}
