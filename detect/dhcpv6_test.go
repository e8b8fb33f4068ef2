package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestDHCPv6(t *testing.T) {
	testProtocol(t, proto.DHCPv6)
	in := Input{Over: UDP, ServerPort: 547, ClientPort: 546}
	in.ToServer = unhex("01 10a874 0001 000a 00030001 00163e010203 0027 0007 00 05 686f737431 0008 0002 0000")
	v, res := inspectBytes(t, proto.DHCPv6, in)
	if v != Match {
		t.Errorf("verdict %d", v)
	}
	wantText(t, res, attr.HostName, "host1")
	in.ToServer = unhex("01 10a874 0001 000a 00030001 00163e010203 00")
	if v, _ = inspectBytes(t, proto.DHCPv6, in); v != No {
		t.Errorf("options that do not fill the message: verdict %d", v)
	}
	in.ClientPort, in.ToServer = 40000, unhex("01 10a874 0008 0002 0000")
	if v, _ = inspectBytes(t, proto.DHCPv6, in); v != No {
		t.Errorf("at another port: verdict %d", v)
	}
}
