package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestSoulseek(t *testing.T) {
	const id = proto.Soulseek
	login := "48000000 01000000 08000000 757365726e616d65 08000000 70617373776f7264 a0000000 20000000" + strings.Repeat("6435", 16) + "11000000"
	mustMatch(t, id, id, TCP, 2242, cx(login))
	mustNot(t, id, TCP, 2242, cx(strings.Replace(login, "64356435", "67356435", 1)))
	mustNot(t, id, TCP, 2242, cx(strings.Replace(login, "48000000", "49000000", 1)+"00"))
	peer := "13000000 01 05000000 616c696365 01000000 50 00000000"
	mustMatch(t, id, id, TCP, 2234, cx(peer))
	mustNot(t, id, TCP, 2234, cx(strings.Replace(peer, " 50 ", " 51 ", 1)))
	mustNot(t, id, TCP, 2234, cx(strings.Replace(peer, "05000000", "06000000", 1)))
}
