package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestGearman(t *testing.T) {
	testProtocol(t, proto.Gearman)
	const id = proto.Gearman
	mustMatch(t, id, id, TCP, 4730, cx("00524551 00000007 0000000d 7265766572736500 00 74657374"))
	mustMatch(t, id, id, TCP, 4731, sx("00524553 00000008 00000005 483a6c61703a"))
	mustMatch(t, id, id, TCP, 4731, c("status\r\n"), s("upper\t0\t0\t1\n.\n"))
	mustMatch(t, id, id, TCP, 4730, c("status\n"), s(".\n"))
	mustNot(t, id, TCP, 4731, c("status\n"), s(".\n"))
	mustNot(t, id, TCP, 4731, c("status\n"), s("upper is up\n"))
	mustNot(t, id, TCP, 4730, cx("00524551 0000002b 0000000d"))
	mustNot(t, id, TCP, 4730, cx("00524552 00000007 0000000d"))
}
