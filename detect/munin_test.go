package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMunin(t *testing.T) {
	testProtocol(t, proto.Munin)
	mustMatch(t, proto.Munin, proto.Munin, TCP, 4949, s("# munin node at host.example.org\n"), c("list\n"))
	mustNot(t, proto.Munin, TCP, 4949, s("# lrrd client at host\n"))
	mustNot(t, proto.Munin, TCP, 4949, c("list\n"))
}
