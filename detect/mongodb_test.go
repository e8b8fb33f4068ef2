package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestMongoDB(t *testing.T) {
	mustMatch(t, proto.MongoDB, proto.MongoDB, TCP, 27017, cx("3a000000 01000000 00000000 d4070000 00000000"), c("admin.$cmd\x00"))
	mustMatch(t, proto.MongoDB, proto.MongoDB, TCP, 27017, cx("3a000000 01000000 00000000 dd070000 00000000 00 25000000"))
	mustMatch(t, proto.MongoDB, proto.MongoDB, TCP, 27017, sx("3a000000 01000000 07000000 01000000 08000000 0000000000000000 00000000 01000000 16000000 016f6b00"))
	mustNot(t, proto.MongoDB, TCP, 27017, cx("3a000000 01000000 00000000 dd070000 00000000 00 45000000"))
	mustNot(t, proto.MongoDB, TCP, 27017, cx("3a000000 01000000 00000000 d4070000 00000000"), c("nodot\x00"))
	mustNot(t, proto.MongoDB, TCP, 27017, cx("3a000000 01000000 00000000 d5070000 00000000 0000"))
}
