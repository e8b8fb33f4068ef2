package detect

import (
	"testing"

	"netifyd/core/proto"
)

const rtcpReport = "81c90007 11223344 55667788 00000000 00000000 00000000 00000000 00000000"

func TestRTCP(t *testing.T) {
	mustMatch(t, proto.RTCP, proto.RTCP, UDP, 40003, cx(rtcpReport+"81ca0003 11223344 01 03 613f62 000000"))
	mustMatch(t, proto.RTCP, proto.RTCP, UDP, 40003, cx(rtcpReport), cx(rtcpReport))
	mustMatch(t, proto.RTCP, proto.RTCP, UDP, 40001, cx("80c80006 30f4a8cd eeac6b7f cc083126 9cb65bb7 00000000 00000000"))
	mustNot(t, proto.RTCP, UDP, 40001, cx("80c80006 30f4a8cd 00ac6b7f cc083126 9cb65bb7 00000000 00000000"))
	mustNot(t, proto.RTCP, UDP, 40003, cx(rtcpReport))
	mustNot(t, proto.RTCP, UDP, 40003, cx(rtcpReport), sx(rtcpReport))
	mustNot(t, proto.RTCP, UDP, 40003, cx(rtcpReport+"81ca0004 11223344 01 03 613f62 000000"))
	mustNot(t, proto.RTCP, UDP, 40003, cx(rtpPacket(0, 1, 1, 1)))
	hidden := "5e9c07d1" + rtcpReport[len("81c90007 11223344"):] + "c0ffee00"
	srtcp := func(source, index string) string {
		return "81c90007" + source + hidden + index + "0123456789abcdef0123"
	}
	mustMatch(t, proto.RTCP, proto.RTCP, UDP, 40003, cx(srtcp("11223344", "80000001")), sx(srtcp("99887766", "80000001")), cx(srtcp("11223344", "80000002")))
	mustNot(t, proto.RTCP, UDP, 40003, cx(srtcp("11223344", "80000001")), cx(srtcp("11223344", "80000001")))
	mustNot(t, proto.RTCP, UDP, 40003, cx(srtcp("11223344", "00000001")), cx(srtcp("11223344", "00000002")))
	mustNot(t, proto.RTCP, UDP, 40003, cx(srtcp("11223344", "80000001")), cx(srtcp("11223345", "80000002")))
}
