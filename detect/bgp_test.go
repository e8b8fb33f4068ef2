package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestBGP(t *testing.T) {
	marker := strings.Repeat("ff", 16)
	mustMatch(t, proto.BGP, proto.BGP, TCP, 179, cx(marker+"001304"))
	mustMatch(t, proto.BGP, proto.BGP, TCP, 40000, sx(marker+"002d01 04fde800b4"))
	mustNot(t, proto.BGP, TCP, 179, cx(marker+"001204"))
	mustNot(t, proto.BGP, TCP, 179, cx(marker+"001307"))
}
