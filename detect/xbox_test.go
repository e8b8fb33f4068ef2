package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestXbox(t *testing.T) {
	const id = proto.Xbox
	testProtocol(t, id)
	answer := "dd01 004c 0002 00000002 0001 0007 58626f784f6e6500 0024" + strings.Repeat("41", 36) + "00 00000000 000f" + strings.Repeat("30", 15)
	request := "cc00 0062 002f 0002" + strings.Repeat("5d", 98+48+32)
	mustMatch(t, id, id, UDP, 5050, cx("dd00 000a 0000 00000000 0008 0000 0002"))
	mustMatch(t, id, id, UDP, 5050, cx("dd02 0013 0000 0010 46443030313132323333464645453636 00"))
	mustMatch(t, id, id, UDP, 5050, sx(answer))
	mustMatch(t, id, id, UDP, 5050, cx(request))
	mustMatch(t, id, id, UDP, 5050, sx("cc01 0010 0008 0002"+strings.Repeat("5d", 16+16+32)))

	for _, x := range []string{
		"dd00 000a 0000 00000000 0008 0000 0002 00",
		"dd00 000a 0000 00000001 0008 0000 0002",
		"dd00 000a 0000 00000000 0009 0000 0002",
		"dd00 000a 0000 00000000 0008 0000 0003",
		"dd00 000a 0001 00000000 0008 0000 0002",
		"dd02 0013 0000 0011 46443030313132323333464645453636 00",
		"dd02 0013 0000 0010 46443030313132323333464645453636 01",
		"dd02 0013 0000 0010 46443030313132323333464645450036 00",
		"cc02" + request[4:],
		"cc00 0062 0030 0001" + strings.Repeat("5d", 98+48+32),
		request + "5d",
		strings.Replace(answer, "0007", "0006", 1),
		strings.Replace(answer, "0024", "0023", 1),
		strings.Replace(answer, "0007", "0070", 1),
		answer[:len(answer)-2],
	} {
		mustNot(t, id, UDP, 5050, cx(x))
	}
}
