package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestAJP(t *testing.T) {
	const id = proto.AJP
	request := "1234 0050 02 02 0008 485454502f312e31 00 0001 2f 00"
	mustMatch(t, id, id, TCP, 8009, cx(request))
	mustMatch(t, id, id, TCP, 8010, cx("1234 0001 0a"), sx("4142 0001 09"))
	mustMatch(t, id, id, TCP, 8010, sx("4142 0030 04 00c8 0002 4f4b 00 0001"))
	mustNot(t, id, TCP, 8009, cx("1234 0050 02 40 0008 485454502f312e31 00"))
	mustNot(t, id, TCP, 8009, cx("1234 0050 02 02 0008 465454502f312e31 00"))
	mustNot(t, id, TCP, 8009, cx("1234 0002 0a00"))
	mustNot(t, id, TCP, 8010, s("ABCDEFGHIJ"))
}
