package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGopher(t *testing.T) {
	const id = proto.Gopher
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 70, c("/docs\tquery\r\n"), s("0Text\t/docs/a\texample.net\t70\r\n.\r\n"))
	mustNot(t, id, TCP, 71, c("/docs\r\n"), s("0Text\t/docs/a\texample.net\t70\r\n"))
	mustNot(t, id, TCP, 70, c("\x16\x03\x01\x00\r\n"), s("0Text\r\n"))
}
