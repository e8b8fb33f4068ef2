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
