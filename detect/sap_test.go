package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestSAP(t *testing.T) {
	const id = proto.SAP
	testProtocol(t, id)
	mustMatch(t, id, id, UDP, 9875, c("\x20\x00\x12\x34\xc0\x00\x02\x01v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"))
	mustMatch(t, id, id, UDP, 9875, c("\x30\x01\x12\x34\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01AUTHapplication/sdp\x00v=0\n"))
	mustNot(t, id, UDP, 9875, c("\x40\x00\x12\x34\xc0\x00\x02\x01v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"))
	mustNot(t, id, UDP, 9875, c("\x20\x00\x12\x34\xc0\x00\x02\x01v=1\r\no=- 1 1 IN IP4 192.0.2.1\r\n"))
}
