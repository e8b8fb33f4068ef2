package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestHARTIP(t *testing.T) {
	const id = proto.HARTIP
	start := "01 00 00 00 0001 000d 01 00007530"
	command0 := "01 00 03 00 0002 000d 02 80 00 00 82" // a short frame: master to address 0, command 0
	mustMatch(t, id, id, UDP, 5094, cx(start))
	mustMatch(t, id, id, UDP, 50940, cx(command0))
	mustMatch(t, id, id, TCP, 5094, cx(start), sx("01 01 00 00 0001 000d 01 0000ea60"))
	mustMatch(t, id, id, TCP, 5095, cx(start), sx("01 01 00 00 0001 000d 01 0000ea60"))
	mustNot(t, id, TCP, 5095, cx(start))
	mustMatch(t, id, id, UDP, 5094, cx("01 00 02 00 0003 0008"))
	mustNot(t, id, UDP, 50940, cx("01 00 02 00 0003 0008"))
	mustMatch(t, id, id, UDP, 50940, cx("01 00 02 00 0003 0008"), sx("01 01 02 00 0003 0008"))
	mustNot(t, id, UDP, 50940, cx("01 00 02 00 0003 0008"), sx("01 01 02 00 0004 0008"))
	mustNot(t, id, UDP, 50940, cx("01 00 02 00 0003 0008"), sx("01 00 02 00 0003 0008"))
	mustNot(t, id, UDP, 5094, cx("01 00 03 00 0002 000d 02 80 00 00 83"))
	mustNot(t, id, UDP, 5094, cx("01 00 00 00 0001 000e 01 00007530"))
	mustNot(t, id, UDP, 5094, cx("01 03 00 00 0001 000d 01 00007530"))
	mustNot(t, id, TCP, 5094, cx("01 00 00 00 0001 000d 02 00007530"))
}
