package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGraphite(t *testing.T) {
	const id = proto.Graphite
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 2003, c("servers.web1.cpu 0.75 1700000000\n"))
	mustMatch(t, id, id, TCP, 2003, c("disk.used;datacenter=dc1;rack=a1 -4e3 1700000000.25\r\n"))
	mustMatch(t, id, id, UDP, 2003, c("servers.web1.cpu 0.75 1700000000"))
	mustMatch(t, id, id, TCP, 2004, cx("00000040 8002 5d 7100 28 58"))
	mustMatch(t, id, id, TCP, 2004, cx("00000040 8004 95 3500000000000000 5d 94 28 8c"))

	mustNot(t, id, TCP, 2003, c("servers.web1.cpu 0.75 1700000000"))
	mustNot(t, id, TCP, 2003, c("servers 0.75 1700000000\n"))
	mustNot(t, id, TCP, 2003, c("servers.web1.cpu 0.75 170000000\n"))
	mustNot(t, id, TCP, 2003, c("servers.web1.cpu 0.75 17000000000\n"))
	mustNot(t, id, TCP, 2003, c("servers.web1.cpu abc 1700000000\n"))
	mustNot(t, id, UDP, 2003, c("a.b:1|c"))
	mustNot(t, id, TCP, 2004, cx("00000040 8002 5d 7100 2a 58"))
	mustNot(t, id, TCP, 2004, cx("00100040 8002 5d 7100 28 58"))
}
