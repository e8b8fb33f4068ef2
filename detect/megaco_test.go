package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMegaco(t *testing.T) {
	// RFC 3525, appendix I
	mustMatch(t, proto.Megaco, proto.Megaco, UDP, 2944, c("MEGACO/1 [124.124.124.222]\nTransaction = 9998 {\n"))
	mustMatch(t, proto.Megaco, proto.Megaco, UDP, 2944, c("!/1 [172.16.0.1]:2944 T=1{C=-{SC=ROOT{}}}"))
	mustMatch(t, proto.Megaco, proto.Megaco, TCP, 2944, c("\x03\x00\x00\x40!/2 <mgw> T=1"))
	mustNot(t, proto.Megaco, UDP, 2944, c("!/x [172.16.0.1]"))
	mustNot(t, proto.Megaco, TCP, 2944, c("MEGAPHONE"))
}
