package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestVNC(t *testing.T) {
	res := mustMatch(t, proto.VNC, proto.VNC, TCP, 15900, s("RFB 003.008\n"), c("RFB 003.008\n"))
	wantText(t, res, attr.VNCVersion, "003.008")
	mustNot(t, proto.VNC, TCP, 5900, s("RFB 003.008x"))
	mustNot(t, proto.VNC, TCP, 5900, s("RFB 3.8\n"))
	mustNot(t, proto.VNC, TCP, 5900, c("GET / HTTP/1.1\r\n"))
}
