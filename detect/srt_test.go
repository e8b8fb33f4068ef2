package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestSRT(t *testing.T) {
	const id = proto.SRT
	testProtocol(t, id)
	hello := "80000000 00000000 00000080 00000000 00000004 0000 0002 16714e30 000005dc 00002000 00000001 08cad640 00000000" + strings.Repeat("00", 16)
	mustMatch(t, id, id, UDP, 1234, cx(hello))
	mustNot(t, id, UDP, 9000, cx(strings.Replace(hello, "00000004", "00000006", 1)))
	mustNot(t, id, UDP, 9000, cx(strings.Replace(hello, "000005dc", "00000010", 1)))
	mustNot(t, id, UDP, 9000, cx(strings.Replace(hello, "80000000", "80010000", 1)))
}
