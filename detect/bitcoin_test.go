package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestBitcoin(t *testing.T) {
	const id = proto.Bitcoin
	testProtocol(t, id)
	version := "76657273696f6e0000000000 55000000 017d0000" + strings.Repeat("01", 85)
	mustMatch(t, id, id, TCP, 8333, cx("f9beb4d9"+version))
	mustMatch(t, id, id, TCP, 8333, cx("f9beb4d9 76657261636b000000000000 00000000 5df6e0e2"))
	mustMatch(t, id, id, TCP, 9999, cx("1a2b3c4d"+version)) // an unknown coin
	mustNot(t, id, TCP, 9999, cx("1a2b3c4d 76657261636b000000000000 00000000 5df6e0e2"))
	mustNot(t, id, TCP, 8333, cx("f9beb4d9 76657261006b000000000000 00000000 5df6e0e2"))
	mustNot(t, id, TCP, 8333, cx("f9beb4d9 76657261636b000000000000 ffffffff 5df6e0e2"))
}
