package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestFIX(t *testing.T) {
	const id = proto.FIX
	mustMatch(t, id, id, TCP, 1024, c("8=FIX.4.2\x019=65\x0135=A\x0149=SERVER\x01"))
	mustMatch(t, id, id, TCP, 9876, s("8=FIXT.1.1\x019=62\x0135=A\x01"))
	mustNot(t, id, TCP, 1024, c("8=FIX.4.2\x0135=A\x019=65\x01"))
	mustNot(t, id, TCP, 1024, c("8=FIXED\x019=62\x01"))
	mustNot(t, id, TCP, 1024, c("8=FIXT.1.1.1.1.1\x019=62\x01"))
}
