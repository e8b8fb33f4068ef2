package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestOpenWire(t *testing.T) {
	const id = proto.OpenWire
	mustMatch(t, id, id, TCP, 61616, cx("000000f0 01 4163746976654d51 0000000c 01"))
	mustMatch(t, id, id, TCP, 61617, sx("000000f0 01 4163746976654d51 0000000c 01"))
	mustNot(t, id, TCP, 61616, cx("000000f0 02 4163746976654d51 0000000c 01"))
	mustNot(t, id, TCP, 61616, cx("000000f0 01 4163746976654d52 0000000c 01"))
}
