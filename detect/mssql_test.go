package detect

import (
	"strings"
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
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, cx("0301009000000100 16000000120000000200"))
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, cx("0101002c00000100 43004f004d004d00490054002000"))
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, cx("0309043a00000100 0d00 730070005f0065007800650063007500"))
	mustNot(t, proto.MSSQLTDS, TCP, 1433, cx("0309043a00000100 0d00 730170005f0065007800650063007500"))
	login := "\x02\x00\x02\x00\x00\x00\x00\x00" + field("host") + field("someone") + field("secret")
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, TCP, 1433, c(login))
	mustNot(t, proto.MSSQLTDS, TCP, 1433, c("\x02\x00\x02\x00\x00\x00\x00\x00"+field("")+field("")+field("")))
	mustNot(t, proto.MSSQLTDS, TCP, 1433, c(login[:38]+"\x05"+login[39:]))
	mustMatch(t, proto.MSSQLTDS, proto.MSSQLTDS, UDP, 1434, s("\x05\x1c\x00ServerName;HOST;InstanceName;"[:3]+"ServerName;HOST;InstanceName"))
	mustNot(t, proto.MSSQLTDS, UDP, 1434, s("\x05\x1d\x00ServerName;HOST;InstanceName"))
}

// field is a name of an old login: 30 bytes filled up with zeros, and its length.
func field(name string) string {
	return name + strings.Repeat("\x00", 30-len(name)) + string(rune(len(name)))
}
