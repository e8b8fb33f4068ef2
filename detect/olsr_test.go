package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestOLSR(t *testing.T) {
	const id = proto.OLSR
	const mid, hna = "0300 000c 0a000001 ff00 0001", "0400 0014 0a000001 ff00 0002 0a000000 ff000000"
	mustMatch(t, id, id, UDP, 698, cx("0024 0001"+mid+hna))
	mustMatch(t, id, id, UDP, 698, cx("001c 0001 0186 0018 20010db8000000000000000000000001 0100 0001"))
	mustNot(t, id, UDP, 698, cx("0023 0001"+mid+hna))
	mustNot(t, id, UDP, 698, cx("0010 0001 0300 000d 0a000001 ff00 0001"))
	mustNot(t, id, UDP, 698, cx("0010 0001 0300 000c 00000000 ff00 0001"))
	mustNot(t, id, UDP, 6980, cx("0024 0001"+mid+hna))
	const hello = "0013 000e 0004 0100 0000 05010000"
	mustMatch(t, id, id, UDP, 269, cx("00"+hello))
	mustMatch(t, id, id, UDP, 269, cx("08 0007"+hello))
	mustNot(t, id, UDP, 269, cx("10"+hello))
	mustNot(t, id, UDP, 269, cx("00 0013 000f 0004 0100 0000 05010000"))
	mustNot(t, id, UDP, 269, cx("00 0053 000e 0004 0100 0000 05010000"[:2]+" 0513 000e 0004 0100 0000 05010000"))
}
