package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestThreema(t *testing.T) {
	const id = proto.Threema
	hello, answer, login := cx(sealedHex(48)), sx(sealedHex(80)), cx(sealedHex(144))
	mustMatch(t, id, id, TCP, 5222, hello, answer, login, sx(sealedHex(32)))
	mustNot(t, id, TCP, 5223, hello, answer, login)
	mustNot(t, id, TCP, 5222, hello, answer, sx("00"), login)
	mustNot(t, id, TCP, 5222, hello, cx("00"), answer, login)
	mustNot(t, id, TCP, 5222, c(strings.Repeat("text", 12)), answer, login)
}

// Noise whose first byte keeps a signature waiting (02: DNSCrypt, by the length
// of a message): the turns are judged while they happen.
func TestThreemaAskedLate(t *testing.T) {
	in := Input{Over: TCP, IPProtocol: 6, ServerPort: 443, ClientPort: 40000, Opened: true}
	in.ToServer = append([]byte{2}, unhex(sealedHex(199))...)
	c, res := Start(&in), new(Result)
	if v, card := Inspect(&in, &c, res); v != NeedMore {
		t.Fatalf("verdict %d, card %d: nothing waits, so that nothing is tested", v, card)
	}
	in.ToClient, in.FromServer = unhex(sealedHex(140)), true
	Inspect(&in, &c, res)
	in.ToServer, in.FromServer = append(in.ToServer, unhex(sealedHex(3900))...), false
	if v, card := Inspect(&in, &c, res); v == Match {
		t.Errorf("noise is %v", Registry[card].ID)
	}
}
