package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestSoftEther(t *testing.T) {
	const id = proto.SoftEther
	mustMatch(t, id, id, UDP, 5004, c("A"), s("IP=192.0.2.133,PORT=51381"))
	mustMatch(t, id, id, UDP, 40000, s("IP=2001:db8::1,PORT=51381\x00"))
	mustNot(t, id, UDP, 5004, c("A"), c("A"))
	mustNot(t, id, UDP, 5004, s("IP=192.0.2.133,PORT=0x1381"))
	mustNot(t, id, UDP, 5004, s("IP=a name.example,PORT=51381"))
	pack := "0000000c 0000000a 686f73745f6e616d65 00000002 00000001 00000003 76706e 00000006 666c616773 00000000 00000001 00000001"
	mustMatch(t, id, id, UDP, 5004, cx(pack))
	mustNot(t, id, UDP, 5004, cx(strings.Replace(pack, "0000000a", "0000000b", 1)))
	mustNot(t, id, UDP, 5004, cx(pack[:len(pack)-2]))
}
