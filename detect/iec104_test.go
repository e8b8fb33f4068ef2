package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestIEC104(t *testing.T) {
	interrogation := "680e 0000 0000 64 01 06 00 0100 000000 14"
	measured := "6812 0200 0200 0d 01 03 00 0100 000001 cdcc8c3f 00"
	mustMatch(t, proto.IEC104, proto.IEC104, TCP, 24040, cx("6804 07000000"), sx("6804 0b000000"))
	mustMatch(t, proto.IEC104, proto.IEC104, TCP, 24040, cx(interrogation))
	mustMatch(t, proto.IEC104, proto.IEC104, TCP, 24040, sx(measured))
	mustMatch(t, proto.IEC104, proto.IEC104, TCP, 24040, cx("6804 0100 0200 6804 0100 0400"))
	mustMatch(t, proto.IEC104, proto.IEC104, TCP, 2404, cx("6804 0100 0200"))
	mustNot(t, proto.IEC104, TCP, 24040, cx("6804 0100 0200"))
	mustMatch(t, proto.IEC104, proto.IEC104, TCP, 2404, cx("680e 0000 0000 64 01 06 05 0100 000000 14"))
	mustNot(t, proto.IEC104, TCP, 24040, cx("680e 0000 0000 64 01 06 05 0100 000000 14"))
	mustNot(t, proto.IEC104, TCP, 2404, cx("6804 0f000000"))
	mustNot(t, proto.IEC104, TCP, 2404, cx("680e 0000 0000 64 02 06 00 0100 000000 14"))
	mustNot(t, proto.IEC104, TCP, 2404, cx("680f 0000 0000 64 01 06 00 0100 000000 1400"))
	mustNot(t, proto.IEC104, TCP, 2404, cx("6802 0700"))
}
