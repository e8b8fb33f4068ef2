package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestTRDP(t *testing.T) {
	const id = proto.TRDP
	process := "00000001 0100 5064 000003e8 00000000 00000000 00000005 00000000 00000000 00000000 12345678 48656c6c6f"
	message := "00000001 0100 4d72 000003e9 00000000 00000000 00000004 " + strings.Repeat("00", 92) + "01020304"
	mustMatch(t, id, id, UDP, 17224, cx(process))
	mustMatch(t, id, id, UDP, 17224, cx(process+"000000"))
	mustMatch(t, id, id, UDP, 17225, cx(message))
	mustMatch(t, id, id, TCP, 17225, cx(message))
	mustNot(t, id, UDP, 17224, cx(process+"0000"))
	mustNot(t, id, UDP, 17224, cx(strings.Replace(process, "0100 5064", "0200 5064", 1)))
	mustNot(t, id, UDP, 17224, cx(strings.Replace(process, "0100 5064", "0100 5078", 1)))
	mustNot(t, id, TCP, 17225, cx(strings.Replace(message, "0100 4d72", "0100 4e72", 1)))
}
