package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGnutella(t *testing.T) {
	const id = proto.Gnutella
	mustMatch(t, id, id, TCP, 6346, c("GNUTELLA CONNECT/0.6\r\nUser-Agent: gtk-gnutella\r\n"))
	mustMatch(t, id, id, TCP, 6346, s("GNUTELLA/0.6 200 OK\r\n"))
	mustNot(t, id, TCP, 6346, c("GNUTELLA CONTACT\r\n"))
	guid := "2b3c4d5e6f708192 ff a1b2c3d4e5f6 00"
	mustMatch(t, id, id, UDP, 6346, cx(guid+"00 01 00 02000000 c301"))
	mustNot(t, id, UDP, 6346, cx(guid+"00 01 00 03000000 c301"))
	mustNot(t, id, UDP, 6346, cx(guid+"55 01 00 02000000 c301"))
	mustNot(t, id, UDP, 6346, cx(guid+"00 00 00 00000000"))
	mustNot(t, id, UDP, 6346, cx(guid+"00 00 01 00000000")) // the end of a report of RTCP, with a lost byte
	mustNot(t, id, UDP, 6346, cx("2b3c4d5e6f708192 0000000000000000 00 01 00 02000000 c301"))
	mustMatch(t, id, id, UDP, 6346, cx("8f2b3c4d5e6f7081 92a3b4c5d6e7f708 44 00 00 04000000 01020304"))
	mustMatch(t, id, id, UDP, 6346, c("GND\x03\x12\x34\x01\x01payload"))
	mustNot(t, id, UDP, 6346, c("GND\x03\x12\x34\x02\x01payload"))
}
