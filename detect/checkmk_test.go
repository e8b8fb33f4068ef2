package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCheckmk(t *testing.T) {
	mustMatch(t, proto.CHECKMK, proto.CHECKMK, TCP, 6556, s("<<<check_mk>>>\nVersion: 2.2.0p1\nAgentOS: linux\n"))
	mustNot(t, proto.CHECKMK, TCP, 6556, s("<<<uptime>>>\n"))
	mustNot(t, proto.CHECKMK, TCP, 6556, s("<html>"))
}
