package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestRustDesk(t *testing.T) {
	const id = proto.RustDesk
	mustMatch(t, id, id, UDP, 21116, c("\x32\x0b\x0a\x09123456789"))
	mustMatch(t, id, id, UDP, 21116, c("\x32\x0e\x0a\x0a1234567890\x10\x05"))
	mustNot(t, id, UDP, 21116, c("\x32\x0c\x0a\x09123456789"))
	mustNot(t, id, UDP, 21116, c("\x32\x0b\x0a\x0912345678x"))
	mustNot(t, id, UDP, 21116, c("\x32\x0d\x0a\x09123456789\x18\x05"))
}
