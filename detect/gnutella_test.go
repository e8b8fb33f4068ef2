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
}
