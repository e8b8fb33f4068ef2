package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// dhcpDiscover is a DISCOVER with host name, class and parameter list, made by hand (RFC 2131, section 2).
var dhcpDiscover = "01010600 3903f326" + strings.Repeat("00", 20) + "00163e010203" + strings.Repeat("00", 202) + "63825363" +
	"350101 0c09 4c6170746f702d3037 3c08 4d53465420352e30 3704 01030607 00 ff"

func TestDHCP(t *testing.T) {
	testProtocol(t, proto.DHCP)
	res := mustMatch(t, proto.DHCP, proto.DHCP, UDP, 1067, cx(dhcpDiscover))
	wantText(t, res, attr.HostName, "laptop-07")
	wantText(t, res, attr.DHCPClass, "MSFT 5.0")
	wantText(t, res, attr.DHCPFingerprint, "1,3,6,7")
	mustNot(t, proto.DHCP, UDP, 67, cx("03"+dhcpDiscover[2:]))
	noCookie := strings.Replace(dhcpDiscover, "63825363", "00000000", 1)
	mustNot(t, proto.DHCP, UDP, 1067, cx(noCookie))
}

func TestDHCPv6(t *testing.T) {
	testProtocol(t, proto.DHCPv6)
	in := Input{Over: UDP, ServerPort: 547, ClientPort: 546}
	in.ToServer = unhex("01 10a874 0001 000a 00030001 00163e010203 0027 0007 00 05 686f737431 0008 0002 0000")
	v, res := inspectBytes(t, proto.DHCPv6, in)
	if v != Match {
		t.Errorf("verdict %d", v)
	}
	in.ToServer = unhex("01 10a874 0001 000a 00030001 00163e010203 00")
	if v, _ = inspectBytes(t, proto.DHCPv6, in); v != No {
		t.Errorf("options that do not fill the message: verdict %d", v)
	}
	in.ClientPort, in.ToServer = 40000, unhex("01 10a874 0008 0002 0000")
	if v, _ = inspectBytes(t, proto.DHCPv6, in); v != No {
		t.Errorf("at another port: verdict %d", v)
	}
	_ = res
}
