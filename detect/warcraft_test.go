package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestWarcraft3LAN(t *testing.T) {
	const id = proto.Warcraft3
	mustMatch(t, id, id, UDP, 6112, c("\xf7\x2f\x10\x00PX3W\x1b\x00\x00\x00\x00\x00\x00\x00"))
	mustNot(t, id, UDP, 6112, c("\xf7\x2f\x11\x00PX3W\x1b\x00\x00\x00\x00\x00\x00\x00"))
	mustNot(t, id, UDP, 6112, c("\xf7\x2f\x10\x00VD2D\x1b\x00\x00\x00\x00\x00\x00\x00"))
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
