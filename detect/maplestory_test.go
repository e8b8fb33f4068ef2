package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestMapleStory(t *testing.T) {
	const id = proto.MapleStory
	hello := "0e00 5300 0100 31 46727a52 52307873 08"
	mustMatch(t, id, id, TCP, 8484, sx(hello))
	mustMatch(t, id, id, TCP, 8484, sx("0d00 5300 0000 46727a52 52307873 08"))
	mustNot(t, id, TCP, 8484, sx(strings.Replace(hello, "31", "41", 1)))
	mustNot(t, id, TCP, 8484, sx(strings.Replace(hello, "0100", "0200", 1)))
	mustNot(t, id, TCP, 8484, sx(strings.Replace(hello, " 08", " 00", 1)))
	mustNot(t, id, TCP, 8484, cx(hello))
}
