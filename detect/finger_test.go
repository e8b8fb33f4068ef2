package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestFinger(t *testing.T) {
	const id = proto.Finger
	testProtocol(t, id)
	mustMatch(t, id, id, TCP, 79, c("/W root\r\n"), s("Login: root\r\n"))
	mustMatch(t, id, id, TCP, 79, c("\r\n"), s("No one logged on\r\n"))
	mustNot(t, id, TCP, 80, c("root\r\n"), s("Login: root\r\n"))
	mustNot(t, id, TCP, 79, c("root\r\n"), s("\x00\x01\x02\n"))
	mustNot(t, id, TCP, 79, c("root\x01\r\n"), s("Login: root\r\n"))
}
