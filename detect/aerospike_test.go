package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAerospike(t *testing.T) {
	const id = proto.Aerospike
	mustMatch(t, id, id, TCP, 3000, cx("0201 000000000005 6e6f64650a"))
	mustMatch(t, id, id, TCP, 40001, sx("0201 000000000015 6e6f646509424239303230303131414334323032 0a"))
	mustMatch(t, id, id, TCP, 3000, cx("0203 000000000040 16 01 00 00 00 00 00000000 00000000 000003e8 0003 0000"))
	mustNot(t, id, TCP, 3000, cx("0203 000000000040 17 01 00 00 00 00 00000000"))
	mustNot(t, id, TCP, 3000, cx("0201 000000000005 6e6f01650a"))
	mustNot(t, id, TCP, 3000, cx("0101 000000000005 6e6f64650a"))
	mustNot(t, id, TCP, 3000, cx("0201 00ff00000005 6e6f64650a"))
	mustNot(t, id, TCP, 3000, cx("0203 0000ffffffff 1601 fffffffffffffff"+"f"))
}
