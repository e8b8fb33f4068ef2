package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCheckPointHA(t *testing.T) {
	const text = "1a90 0c31 2785 0001 0016 793e 0001 fffe e04a 0100 0002 0001 0000"
	in := Input{Over: UDP, IPProtocol: 17, ServerPort: 8116, ClientPort: 8116, ToServer: unhex(text)}
	if v, _ := inspectBytes(t, proto.CheckPointHA, in); v != Match {
		t.Errorf("verdict %d, want a match", v)
	}
	other := in
	other.ClientPort = 40000
	if v, _ := inspectBytes(t, proto.CheckPointHA, other); v != No {
		t.Errorf("verdict %d from another port", v)
	}
	in.ToServer = unhex("1a91" + text[4:])
	if v, _ := inspectBytes(t, proto.CheckPointHA, in); v != No {
		t.Errorf("verdict %d with another mark", v)
	}
}
