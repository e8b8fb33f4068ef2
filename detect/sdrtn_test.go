package detect

import (
	"testing"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

func TestSDRTN(t *testing.T) {
	const id = proto.SDRTN
	hello := cx("00 112233 0000 21 0000000000 04" + "534e4900 1000")
	hello.bytes = append(hello.bytes, "198-51-100-7.edg.PDMD"...)
	wantText(t, mustMatch(t, id, id, UDP, 8130, hello), attr.HostName, "198-51-100-7.edg")
	mustMatch(t, id, id, UDP, 9130, sx("00 445566 0000 23 00112233 000450 45494400"+"000000000000"))
	hello.bytes[17] = 200 // longer than what is there
	mustNot(t, id, UDP, 8130, hello)
	mustNot(t, id, UDP, 8130, cx("00 112233 0001 21 0000000000 04 534e4900 0100 41 00"))
}
