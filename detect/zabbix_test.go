package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestZabbix(t *testing.T) {
	testProtocol(t, proto.Zabbix)
	const id = proto.Zabbix
	mustMatch(t, id, id, TCP, 10051, cx("5a425844 01 0a000000 00000000 7b22"))
	mustMatch(t, id, id, TCP, 10050, c("agent.ping\n"), sx("5a425844 01 01000000 00000000 31"))
	mustMatch(t, id, id, TCP, 10050, c("vfs.fs.size[/,free]\n"), sx("5a425844 01 01000000 00000000 31"))
	mustNot(t, id, TCP, 10050, c("agent.ping\n"))
	mustNot(t, id, TCP, 10050, c("agent.ping\n"), s("1\n"))
	mustNot(t, id, TCP, 10051, cx("5a425844 09 0a000000 00000000 7b22"))
}
