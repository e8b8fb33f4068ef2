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

// Exchanges call their versions as they like; a compressed session says so.
func TestFIXOfOthers(t *testing.T) {
	for _, text := range []string{"8=O\x019=65\x0135=A\x0149=X\x01", "8=OMEX.2\x019=00112\x0135=D\x01", "8=FIXCOMP\x01\x00\x10\x9c\x78", "8=FIXCOMP\x019=12\x01"} {
		mustMatch(t, proto.FIX, proto.FIX, TCP, 9878, c(text))
		mustMatch(t, proto.FIX, proto.FIX, TCP, 40123, s(text))
	}
	for _, text := range []string{"8=O\x019=x\x0135=A\x01", "8=O\x01", "8=O\x019=65\x0149=A\x01", "8=X\x019=65\x0135=A\x01", "8=FIXCOMPRESS\x01", "8=\x019=65\x0135=A\x01", "8=o\x019=65\x0135=A\x01"} {
		mustNot(t, proto.FIX, TCP, 9878, c(text))
	}
}
