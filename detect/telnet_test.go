package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTelnet(t *testing.T) {
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 2323, sx("fffd18 fffd20 fffd23 fffd27"))
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 23, sx("fffd18"), cx("fffb18"), sx("fffa1801fff0"))
	mustMatch(t, proto.Telnet, proto.Telnet, TCP, 23, cx("fffd03 fffb18 fffb1f"), s("login: "))
	mustNot(t, proto.Telnet, TCP, 23, sx("fffd18 fffd20"))
	mustNot(t, proto.Telnet, TCP, 23, sx("ffd8ffe000104a464946"))
	mustNot(t, proto.Telnet, TCP, 23, s("login: "))
}
