package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestUFTP(t *testing.T) {
	testProtocol(t, proto.UFTP)
	const id = proto.UFTP
	announce := "40 01 0001 0a000001 96f4c304 00 9d 00 00 01 06 0014 00000514 57a65c1d 00057a51 e6040401 e6050538"
	mustMatch(t, id, id, UDP, 1044, cx(announce))
	mustMatch(t, id, id, UDP, 1045, cx("50 0a 0002 0a000002 96f4c304 00 9d 00 00 0a 01 0001"))
	mustMatch(t, id, id, UDP, 1044, cx("50 0a 0002 0a000002 00000104 5a 9d 00 00 0a 01 0001"))
	mustNot(t, id, UDP, 1045, cx("50 0a 0002 0a000002 00000104 00 9d 00 00 0a 01 0001"))
	mustNot(t, id, UDP, 1045, cx("50 0a 0002 0a000002 96f4c304 5a 9d 00 00 0a 01 0001"))
	mustNot(t, id, UDP, 1044, cx("60"+announce[2:]))
	mustNot(t, id, UDP, 1044, cx("40 02"+announce[5:]))
	mustNot(t, id, UDP, 1044, cx("40 01 0001 0a000001 96f4c304 00 9d 00 00 01 08 0014 00000514 57a65c1d 00057a51 e6040401 e6050538"))
	mustNot(t, id, UDP, 1044, cx("40 01 0001 00000000 96f4c304 00 9d 00 00 01 06 0014 00000514 57a65c1d 00057a51 e6040401 e6050538"))
}
