package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestFastTrack(t *testing.T) {
	const id = proto.FastTrack
	mustMatch(t, id, id, UDP, 1214, c("\x27\x00\x00\x00\x29\x80KaZaA\x00"))
	mustMatch(t, id, id, UDP, 1214, s("\x28\x00\x00\x00\x29\x00\x12\x34\x56\x78\x9aKaZaA\x00"))
	for _, d := range []string{
		"\x27\x00\x00\x00\x29\x80KaZaA", "\x27\x00\x00\x01\x29\x80KaZaA\x00", "\x27\x00\x00\x00\x29\x80Ka1aA\x00",
		"\x27\x00\x00\x00\x29\x80\x00\x00\x00\x00\x00", "\x28\x00\x00\x00\x29\x00\x12\x34\x56\x78\x00", "\x26\x00\x00\x00\x29\x80KaZaA\x00",
	} {
		mustNot(t, id, UDP, 1214, c(d))
	}

	hash := "0f1e2d3c4b5a69788796a5b4c3d2e1f000112233"
	mustMatch(t, proto.HTTP, id, TCP, 1214, c("GET /.hash="+hash+" HTTP/1.0\r\nHost: 192.0.2.1\r\n\r\n"))
	mustMatch(t, proto.HTTP, proto.HTTP, TCP, 1214, c("GET /.hash="+hash[1:]+" HTTP/1.0\r\nHost: 192.0.2.1\r\n\r\n"))
	mustMatch(t, proto.HTTP, proto.HTTP, TCP, 1214, c("GET /.hash=g"+hash[1:]+" HTTP/1.0\r\nHost: 192.0.2.1\r\n\r\n"))
}
