package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestMGCP(t *testing.T) {
	// RFC 3435, section 3.2.1
	res := mustMatch(t, proto.MGCP, proto.MGCP, UDP, 2427, c("RQNT 1201 endpoint/1@rgw-2567.whatever.net MGCP 1.0\r\nN: ca@ca1.whatever.net:5678\r\n"))
	wantText(t, res, attr.HostName, "rgw-2567.whatever.net")
	mustMatch(t, proto.MGCP, proto.MGCP, TCP, 2427, c("AUEP 1200 aaln/1@rgw.example.net MGCP 1.0\r\n"))
	mustNot(t, proto.MGCP, UDP, 2427, c("RQNT 1201 endpoint/1@rgw-2567.whatever.net\r\n"))
	mustNot(t, proto.MGCP, UDP, 2427, c("RQN"))
	mustMatch(t, proto.MGCP, proto.MGCP, UDP, 2427, c("RQNT 1 *@gw.example.net MGCP 0.1\rR: l/hd(n)\r"))
}
