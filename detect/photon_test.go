package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestPhoton(t *testing.T) {
	const id = proto.TocaBoca
	connect := "ffff 00 01 00000004 22b6e6ba 02ff0104 0000002c 00000001 000004b0 00008000 00000002 00000000 00000000 00001388 00000002 00000002"
	mustMatch(t, id, id, UDP, 5055, cx(connect))
	mustMatch(t, id, id, UDP, 40000, cx(connect))
	twice := "0001 00 02 7dfbd185 22b6e6ba 01ff0000 00000014 00000000 00000001 00000004 05ff0000 0000000c 00000002"
	mustMatch(t, id, id, UDP, 5055, sx(twice))
	mustMatch(t, id, id, UDP, 5055, cx("0001 cc 01 7dfbd185 22b6e6ba 1a2b3c4d 05ff0104 0000000c 00000002"))
	mustMatch(t, id, id, UDP, 5055, cx(strings.Repeat("7d", 12)+"03"))
	mustNot(t, id, UDP, 5055, cx(connect+"00"))
	mustNot(t, id, UDP, 5055, cx(strings.Replace(connect, "0000002c", "0000002d", 1)))
	mustNot(t, id, UDP, 5055, cx(strings.Replace(twice, "00 02 7d", "00 03 7d", 1)))
	mustNot(t, id, UDP, 5055, cx(strings.Repeat("7d", 11)+"0103"))
}
