package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestADB(t *testing.T) {
	const connect = "434e584e 00000001 00001000 07000000 32020000 bcb1a7b1"
	const auth = "41555448 01000000 00000000 14000000 00000000 beaaabb7"
	mustMatch(t, proto.ADB, proto.ADB, TCP, 40001, cx(connect+"686f73743a3a00"), sx(auth))
	mustMatch(t, proto.ADB, proto.ADB, TCP, 5555, sx(auth))
	mustMatch(t, proto.ADB, proto.ADB, TCP, 5555, cx("57525445 01000000 02000000 00000000 00000000 a8adabba"))
	mustNot(t, proto.ADB, TCP, 5555, cx("434e584e 00000001 00001000 07000000 32020000 bcb1a7b0"))
	mustNot(t, proto.ADB, TCP, 5555, cx("4e4f4f4e 00000001 00001000 07000000 32020000 b1b0b0b1"))
	mustNot(t, proto.ADB, TCP, 5555, c("OPEN the door, please: it is cold"))
}
