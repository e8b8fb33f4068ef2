package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestNRPE(t *testing.T) {
	const id = proto.NRPE
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 5666, sx("00040002506f974e000000000000000566696e6500"))
	mustNot(t, id, TCP, 5666, sx("00040002506f974f000000000000000566696e6500"), sx("000000"))
	mustNot(t, id, TCP, 5666, cx("00040002506f974e000000000000000566696e6500")) // an answer to the server
	mustNot(t, id, TCP, 5666, cx("00050001"))
	mustNot(t, id, TCP, 5666, cx("0003000100000000000000000000ffff"))
}
