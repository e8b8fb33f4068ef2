package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSLP(t *testing.T) {
	v2 := "02 01 000030 2000 000000 a1b2 0002 656e 0000 000f 736572766963653a7072696e746572 0007 44454641554c54 0000 0000"
	mustMatch(t, proto.SLP, proto.SLP, UDP, 4270, cx(v2))
	mustMatch(t, proto.SLP, proto.SLP, TCP, 4270, cx(v2))
	v1 := "01 01 0018 00 00 656e 0003 0001 0000 0006 7072696e7472 0000"
	mustMatch(t, proto.SLP, proto.SLP, UDP, 427, cx(v1))
	mustNot(t, proto.SLP, UDP, 427, cx(v2+"00"))
	mustNot(t, proto.SLP, UDP, 427, cx("02 0c 000030"+v2[12:]))
	mustNot(t, proto.SLP, UDP, 4270, cx("01 01 0018 00 00 656e 0777 0001 0000 0006 7072696e7472 0000"))
	mustNot(t, proto.SLP, TCP, 427, c("GET / HTTP/1.1\r\n"))
}
