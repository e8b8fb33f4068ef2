package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestJetDirect(t *testing.T) {
	const id = proto.JetDirect
	mustMatch(t, id, id, TCP, 9101, c("\x1b%-12345X@PJL INFO STATUS\r\n"))
	mustMatch(t, id, id, TCP, 9100, c("\x1b%-12345X%!PS-Adobe-3.0\n"))
	mustMatch(t, id, id, TCP, 9100, c("@PJL INFO ID\r\n"))
	mustMatch(t, id, id, TCP, 9100, c("%!PS-Adobe-3.0\n"))
	mustNot(t, id, TCP, 9101, c("%!PS-Adobe-3.0\n"))
	mustNot(t, id, TCP, 9101, c("\x1b%-12345X%!PS-Adobe"))
	mustNot(t, id, TCP, 9100, c("GET / HTTP/1.1\r\n"))
}
