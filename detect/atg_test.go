package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestATG(t *testing.T) {
	const id = proto.ATG
	mustMatch(t, id, id, TCP, 10001, c("\x01I20100\n"))
	mustMatch(t, id, id, TCP, 4001, c("\x01I20100\n"), s("\x01\r\nI20100\r\nJAN 22, 2026  3:06 PM\r\n"))
	mustMatch(t, id, id, TCP, 4001, c("\x01i20100"), s("\x01i201002601221506011000000"))
	mustNot(t, id, TCP, 4001, c("\x01I20100\n"))
	mustNot(t, id, TCP, 10001, c("\x01X20100\n"))
	mustNot(t, id, TCP, 10001, c("\x01I20G00\n"))
}
