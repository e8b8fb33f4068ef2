package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestCitrix(t *testing.T) {
	const id = proto.Citrix
	mustMatch(t, id, id, TCP, 1494, s("\x7f\x7fICA\x00"), c("\x7f\x7fICA\x00"))
	mustMatch(t, id, id, TCP, 2598, c("\x1aCGP/01\x00"))
	mustNot(t, id, TCP, 1494, s("\x7f\x7fICE\x00"))
	mustNot(t, id, TCP, 1494, c("\x1aCGI"))
}
