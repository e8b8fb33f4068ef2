package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestTDS(t *testing.T) {
	// [MS-TDS] 4.1: PRELOGIN with five options.
	pre := "1201002f00000100 00001a0006 010020 0001 0200210001 0300220004 0400260001 ff 090000000000 01 00 b80d0000 01"
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, cx(pre))
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, cx("1001009000000100 88000000 02000972 00100000"))
	mustNot(t, proto.MSSQLTDS, TCP, 1433, cx("1001009000000100 88000000 02000992 00100000"))
	mustNot(t, proto.MSSQLTDS, TCP, 1433, cx("1201002f00000100 00001b0006 0100200001"))
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, UDP, 1434, s("\x05\x1c\x00ServerName;HOST;InstanceName;"[:3]+"ServerName;HOST;InstanceName"))
	mustNot(t, proto.MSSQLTDS, UDP, 1434, s("\x05\x1d\x00ServerName;HOST;InstanceName"))
}
