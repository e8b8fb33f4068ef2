package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMumble(t *testing.T) {
	const id = proto.Mumble
	const ask = "00000000 1122334455667788"
	mustMatch(t, id, id, UDP, 64738, cx(ask), sx("00010304 1122334455667788 00000001 00000064 00011940"))
	mustNot(t, id, UDP, 64738, cx(ask))
	mustNot(t, id, UDP, 64738, cx(ask), sx("00010304 1122334455667789 00000001 00000064 00011940"))
	mustNot(t, id, UDP, 64738, cx(ask), sx("00010304 1122334455667788 00000065 00000064 00011940"))
	mustNot(t, id, UDP, 64738, cx(ask), sx("01010304 1122334455667788 00000001 00000064 00011940"))
}
