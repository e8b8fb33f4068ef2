package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestPostgreSQL(t *testing.T) {
	mustMatch(t, proto.PGSQL, proto.PGSQL, TCP, 5432, cx("0000000804d2162f"), s("S"))
	mustMatch(t, proto.PGSQL, proto.PGSQL, TCP, 5432, cx("0000000804d21630"))
	mustMatch(t, proto.PGSQL, proto.PGSQL, TCP, 5432, cx("0000001004d2162e0000000100000002"))
	mustMatch(t, proto.PGSQL, proto.PGSQL, TCP, 15432, c("\x00\x00\x00\x14\x00\x03\x00\x00user\x00alice\x00\x00"))
	mustNot(t, proto.PGSQL, TCP, 5432, cx("0000000904d2162f00"))
	mustNot(t, proto.PGSQL, TCP, 5432, c("\x00\x00\x00\x14\x00\x03\x00\x00us\x00"))
	mustNot(t, proto.PGSQL, TCP, 5432, c("\x00\x00\x00\x14\x00\x04\x00\x00user\x00"))
}
