package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestL2TP(t *testing.T) {
	mustMatch(t, proto.L2TP, proto.L2TP, UDP, 1701, cx("c802 001c 0000 0000 0000 0000 8008000000000001 8008000000020100"))
	mustMatch(t, proto.L2TP, proto.L2TP, UDP, 1701, cx("c802 000c 0001 0000 0001 0001"))
	mustNot(t, proto.L2TP, UDP, 1702, cx("c802 000c 0001 0000 0001 0001"))
	mustNot(t, proto.L2TP, UDP, 1701, cx("c802 001d 0000 0000 0000 0000 8008000000000001 8008000000020100"))
	mustNot(t, proto.L2TP, UDP, 1701, cx("c802 0014 0000 0000 0000 0000 0008000000000001"))
}

// Over IP only control messages show what they are.
func TestL2TPOverIP(t *testing.T) {
	const control = "00000000 c803 0014 00000000 0000 0000 8008 0000 0000 0001"
	for digits, want := range map[string]bool{control: true, "00000009 c803 0014 00000000 0000 0000 8008 0000 0000 0001": false,
		"00000000 c802 0014 00000000 0000 0000 8008 0000 0000 0001": false, "00000000 c803 00ff 00000000 0000 0000 8008 0000 0000 0001": false} {
		if got := soundL2TP(unhex(digits)); got != want {
			t.Errorf("%s: %v", digits, got)
		}
	}
}
