package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTINC(t *testing.T) {
	const id = proto.TINC
	testProtocol(t, id)
	res := mustMatch(t, id, id, TCP, 655, c("0 laptop 17.7\n"), s("0 server_1 17.7\n1 94 64 0 0 AB"))
	if res.Expect != (Expectation{Protocol: id, Port: 655}) {
		t.Errorf("expects %+v", res.Expect)
	}
	mustNot(t, id, TCP, 655, c("0 laptop 17\n"))
	mustNot(t, id, TCP, 655, c("0 laptop 17\n"), s("220 welcome\n"))
	mustNot(t, id, TCP, 655, c("0 laptop 18\n"), s("0 server 18\n"))
	mustNot(t, id, TCP, 655, c("0  17\n"), s("0 server 17\n"))
	mustNot(t, id, TCP, 655, c("0 a 17 \n"), s("0 server 17\n"))
}
