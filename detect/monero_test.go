package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMonero(t *testing.T) {
	const id = proto.Monero
	mustMatch(t, id, id, TCP, 18080, cx("0121010101010101 e200000000000000 01 e9030000 00000000 01000000 01000000"))
	mustNot(t, id, TCP, 18080, cx("0121010101010102 e200000000000000"))
}
