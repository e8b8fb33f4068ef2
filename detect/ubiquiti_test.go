package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestUbiquiti(t *testing.T) {
	const id = proto.UBNTAC2
	const fields = "02000a 001122334455 c0000201" + "01 0006 001122334455" + "0b 0004 55626e74"
	mustMatch(t, id, id, UDP, 10001, cx("01000000"))
	mustMatch(t, id, id, UDP, 10001, cx("0206 001d"+fields))
	mustMatch(t, id, id, UDP, 10001, sx("0100 001d"+fields))
	mustNot(t, id, UDP, 40000, sx("0100 001d"+fields))
	mustNot(t, id, UDP, 40000, cx("01000000"))
	mustNot(t, id, UDP, 10001, cx("0206 001e"+fields))
	mustNot(t, id, UDP, 10001, cx("0206 001e"+fields+"00"))
	mustNot(t, id, UDP, 10001, cx("0206 0007 0b 0004 55626e74"))
}
