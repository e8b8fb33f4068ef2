package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestDNP3(t *testing.T) {
	reset := "0564 05 c0 0100 0004 e921" // reset link, from 1024 to 1
	if got := dnp3CRC([]byte("123456789")); got != 0xea82 {
		t.Fatalf("checksum of the check string is %#x, want 0xea82", got)
	}
	mustMatch(t, proto.DNP3, proto.DNP3, TCP, 20000, cx(reset))
	mustMatch(t, proto.DNP3, proto.DNP3, TCP, 2000, sx(reset))
	mustMatch(t, proto.DNP3, proto.DNP3, UDP, 20000, cx(reset))
	mustNot(t, proto.DNP3, TCP, 20000, cx("0564 05 c0 0100 0005 e921"))
	mustNot(t, proto.DNP3, TCP, 20000, cx("0565 05 c0 0100 0004 e921"))
	mustNot(t, proto.DNP3, UDP, 20000, cx(reset[:15]))
}
