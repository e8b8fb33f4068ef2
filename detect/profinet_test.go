package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestPROFINET(t *testing.T) {
	const id = proto.PROFINETIO
	object := "dea000006c9711d1827100640003002a"
	activity := "00112233445566778899aabbccddeeff"
	head := "04 00 2800 000000 00" + object
	tail := activity + "00000000 00000001 00000000 0000 ffff ffff 0004 0000 00 00" + "01020304"
	big := head + "dea000016c9711d1827100a02442df7d" + tail
	mustMatch(t, id, id, UDP, 34964, cx(big))
	mustMatch(t, id, id, UDP, 49152, sx(big))
	little := strings.Replace(strings.Replace(big, "2800 000000", "2800 100000", 1), "dea000016c9711d1", "0100a0de976cd111", 1)
	little = strings.Replace(little, "0004 0000 00 00", "0400 0000 00 00", 1)
	mustMatch(t, id, id, UDP, 34964, cx(little))
	mustNot(t, id, UDP, 34964, cx(strings.Replace(big, "dea000016c97", "dea000016c98", 1)))
	mustNot(t, id, UDP, 34964, cx(strings.Replace(big, "dea00001", "dea00005", 1)))
	mustNot(t, id, UDP, 34964, cx(strings.Replace(big, "0004 0000 00 00", "0005 0000 00 00", 1)))
	mustNot(t, proto.RPC, UDP, 34964, cx(big))
}
