package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestSourceEngine(t *testing.T) {
	const id = proto.SourceEngine
	ask := c("\xff\xff\xff\xffTSource Engine Query\x00")
	mustMatch(t, id, id, UDP, 27015, ask)
	mustMatch(t, id, id, UDP, 40000, ask)
	// Valve's example of an answer, shortened.
	info := "\xff\xff\xff\xffI\x11My server\x00de_dust\x00cstrike\x00Counter-Strike: Source\x00\xf0\x00\x05\x10\x04dl\x00\x00"
	mustMatch(t, id, id, UDP, 27015, s(info))
	mustMatch(t, id, id, UDP, 27015, cx("ffffffff 55 ffffffff"), sx("ffffffff 41 4ba1d522"))
	mustMatch(t, id, id, UDP, 27015, cx("ffffffff 55 4ba1d522"), sx("ffffffff 44 01 00 41 00 0e000000 b497 0044"))
	mustNot(t, id, UDP, 27015, cx("ffffffff 55 ffffffff"))
	mustNot(t, id, UDP, 27015, sx("ffffffff 41 4ba1d522"))
	mustNot(t, id, UDP, 27015, c("\xff\xff\xff\xffTSource Engine Quest\x00"))
	mustNot(t, id, UDP, 27015, s(strings.Replace(info, "dl\x00", "xl\x00", 1)))
	mustNot(t, id, UDP, 27015, s(strings.Replace(info, "My server", "My\x01server", 1)))
}

func TestHalfLife2(t *testing.T) {
	const id = proto.HalfLife2
	ask, answer := c("\xff\xff\xff\xffq\x0c\x10\x22\x30"+"0000000000\x00"), s("\xff\xff\xff\xffA\x5a\x4f\x49\x33\x0c\x10\x22\x30\x00\x00\x00\x02000000\x00")
	mustMatch(t, id, id, UDP, 27015, ask, answer)
	mustNot(t, id, UDP, 27015, ask)
	mustNot(t, id, UDP, 27015, ask, ask)
	mustNot(t, id, UDP, 27015, ask, s("\xff\xff\xff\xffA\x5a\x4f\x49\x33\x0c\x10\x22\x30\x00\x00\x00\x02111111\x00"))
}
