package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

// Example packets of EIP-8, "RLPx Discovery Protocol".
func TestEthereum(t *testing.T) {
	const id = proto.Ethereum
	ping := "e9614ccfd9fc3e74360018522d30e1419a143407ffcce748de3e22116b7e8dc92ff74788c0b6663a" +
		"aa3d67d641936511c8f8d6ad8698b820a7cf9e1be7155e9a241f556658c55428ec0563514365799a" +
		"4be2be5a685a80971ddcfa80cb422cdd0101ec04cb845f000001820cfa8215a8d790000000000000" +
		"000000000000000000018208ae820d058443b9a3550102"
	mustMatch(t, id, id, UDP, 30303, cx(ping))
	findNode := strings.Repeat("5a", 96) + "0003 f847 b840" + strings.Repeat("77", 64) + "8443b9a355 01"
	mustMatch(t, id, id, UDP, 30303, cx(findNode))
	pong := strings.Repeat("5a", 96) + "0102 f2 cb845f000001820cfa8215a8 a0" + strings.Repeat("77", 32) + "8443b9a355 00"
	mustMatch(t, id, id, UDP, 30303, sx(strings.Replace(pong, " f2 ", " f3 ", 1)+"000000"))
	mustNot(t, id, UDP, 30303, cx(strings.Replace(ping, "0101ec04", "0201ec04", 1)))
	mustNot(t, id, UDP, 30303, cx(strings.Replace(ping, "0101ec04", "0104ec04", 1)))
	mustNot(t, id, UDP, 30303, cx(ping[:len(ping)-2]))
	mustNot(t, id, UDP, 30303, cx(strings.Replace(findNode, "b840", "b83f", 1)))
}
