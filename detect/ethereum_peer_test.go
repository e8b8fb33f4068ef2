package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestEthereumPeer(t *testing.T) {
	const id = proto.Ethereum
	testProtocol(t, id)
	auth := "0180 04" + strings.Repeat("5c", 0x17f)
	mustMatch(t, id, id, TCP, 30303, cx(auth), sx("0160 04 aabb"))
	mustNot(t, id, TCP, 30303, cx(auth))
	mustNot(t, id, TCP, 30303, cx(auth+"00"), sx("0160 04 aabb"))
	mustNot(t, id, TCP, 30303, cx(auth), sx("0160 05 aabb"))
	mustNot(t, id, TCP, 8080, cx(auth), sx("0160 04 aabb"))
}
