package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestNATPMP(t *testing.T) {
	testProtocol(t, proto.NATPMP)
	// RFC 6886, sections 3.2 and 3.3; RFC 6887, section 11.1.
	pcpMap := "02010000 00000e10 00000000000000000000ffffc0000205" + strings.Repeat("00", 36)
	for _, x := range [][]said{
		{cx("0000"), sx("00800000 002b3add c0000201")},
		{cx("00020000 c8d5c8d5 00000e10"), sx("00820000 002b3ae5 c8d5c8d5 00000e10")},
		{cx(pcpMap)},
	} {
		for i := range x {
			mustMatch(t, proto.NATPMP, proto.NATPMP, UDP, 5351, x[i])
			mustNot(t, proto.NATPMP, UDP, 5352, x[i])
		}
	}
	for _, d := range []string{"000000", "0100", "00020001 c8d5c8d5 00000e10", "02010000 00000e10", "02010100" + pcpMap[8:]} {
		mustNot(t, proto.NATPMP, UDP, 5351, cx(d))
	}
}
