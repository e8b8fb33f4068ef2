package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

func TestDCERPC(t *testing.T) {
	mustMatch(t, proto.RPC, proto.RPC, TCP, 135, cx("05000b03100000004800000001000000b810b810000000000100000000000100"))
	mustNot(t, proto.RPC, TCP, 135, cx("05000b03100000001000000001000000b810b810"))
	mustNot(t, proto.RPC, TCP, 135, cx("05000b0310000100480000000100000000000000"))
	head := "04000000100000 00" + strings.Repeat("00", 16)
	rest := "111111111111114191" + strings.Repeat("11", 19) + "00000000" + "00000001" + "00000000" + "0000ffffffff"
	d := head + "78563412341234128a341234567890ab" + rest[:len(rest)-4]
	tail := "0400" + "0000" + "00" + "00"
	for len(unhex(d)) < 74 {
		d += "00"
	}
	d = d[:len(d)-2*(len(unhex(d))-74)]
	mustMatch(t, proto.RPC, proto.RPC, UDP, 135, cx(d+tail+"01020304"))
	mustNot(t, proto.RPC, UDP, 135, cx(d+tail+"0102030405"))
	mustNot(t, proto.RPC, UDP, 34964, cx(strings.Replace(d, "78563412", "0100a0de", 1)+tail+"01020304"))
}
