package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

// refineFortiClient turns TLS into FortiClient where a FortiGate with the
// certificate it left the factory with answers at port 10443, which Fortinet's
// administration guide gives to its VPN.
func refineFortiClient(port uint16, res *Result) {
	const vpn = 10443
	if port != vpn || res.Protocol != proto.TLS && res.Protocol != proto.HTTPS {
		return
	}
	if subject := res.Get(attr.TLSSubjectDN); following(subject, "O=Fortinet") != nil && following(subject, "OU=FortiGate") != nil {
		res.Protocol = proto.FortiClient
	}
}
