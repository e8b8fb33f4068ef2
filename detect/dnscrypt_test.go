package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestDNSCrypt(t *testing.T) {
	nonce := "796107117ec517179b83ae74"
	query := strings.Repeat("5a", 40) + nonce + strings.Repeat("c3", 204)
	response := "7236666e76576a38" + nonce + strings.Repeat("11", 12) + strings.Repeat("c4", 128)
	mustMatch(t, proto.DNSCrypt, proto.DNSCrypt, UDP, 443, cx(query), sx(response))
	mustMatch(t, proto.DNSCrypt, proto.DNSCrypt, TCP, 443, cx("0100"+query), sx("00a0"+response))
	other := "7236666e76576a38" + strings.Repeat("00", 12) + strings.Repeat("11", 12) + strings.Repeat("c4", 128)
	mustNot(t, proto.DNSCrypt, TCP, 443, cx("0100"+query), sx("00a0"+other))
	mustNot(t, proto.DNSCrypt, UDP, 443, cx(query), sx(strings.Repeat("72", 200)))
	mustNot(t, proto.DNSCrypt, UDP, 443, cx("0102"))
	mustNot(t, proto.DNSCrypt, UDP, 443, cx(query), cx(query), cx(query), cx(query), sx(response))
}
