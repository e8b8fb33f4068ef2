package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestTencentGames(t *testing.T) {
	const id = proto.TencentGames
	gate, answer := "3366000b000b 1001 00000000 01000000", "3366000b000b 1002 01000000 01000000"
	mustMatch(t, id, id, TCP, 65010, cx(gate), sx(answer))
	mustNot(t, id, TCP, 65010, cx(gate))
	mustNot(t, id, TCP, 65010, cx(gate), sx(gate))
	mustMatch(t, id, id, TCP, 31003, cx("4215f787 03e9 0000 01c0"), sx("4215f787 03ea 0000 0000"))
	mustNot(t, id, TCP, 31003, cx("4215f787 03e9 0000 01c0"), sx("4215f788 03ea 0000 0000"))
	queue := "aa 00000094 15 00000017 10e68601 20003001"
	mustMatch(t, id, id, TCP, 8085, cx("4366"+queue), sx(queue))
	mustNot(t, id, TCP, 8085, cx("4366"+strings.Replace(queue, " 15 ", " 16 ", 1)), sx(queue))
}
