package detect

import (
	"strings"
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestTrojan(t *testing.T) {
	testProtocol(t, proto.Trojan)
	hash := strings.Repeat("0123456789abcdef", 4)[:56]
	res := mustMatch(t, proto.Trojan, proto.Trojan, TCP, 443, c(hash+"\r\n\x01\x03\x0bExample.com\x01\xbb\r\nGET"))
	wantText(t, res, attr.HostName, "example.com")
	mustMatch(t, proto.Trojan, proto.Trojan, TCP, 443, c(hash+"\r\n\x01\x01\xc0\x00\x02\x01\x00\x50\r\n"))
	mustMatch(t, proto.Trojan, proto.Trojan, TCP, 443, c(hash+"\r\n\x03\x04"+strings.Repeat("\x20", 16)+"\x00\x35\r\n"))
	for _, other := range []string{
		strings.ToUpper(hash) + "\r\n\x01\x01\xc0\x00\x02\x01\x00\x50\r\n",
		hash + "\n\x01\x01\xc0\x00\x02\x01\x00\x50\r\n",
		hash + "00\r\n\x01\x01\xc0\x00\x02\x01\x00\x50\r\n",
		hash + "\r\n\x02\x01\xc0\x00\x02\x01\x00\x50\r\n",
		hash + "\r\n\x01\x02\xc0\x00\x02\x01\x00\x50\r\n",
		hash + "\r\n\x01\x01\xc0\x00\x02\x01\x00\x50GET",
	} {
		mustNot(t, proto.Trojan, TCP, 443, c(other))
	}
	mustNot(t, proto.Trojan, TCP, 443, s("0123"), c(hash))
}
