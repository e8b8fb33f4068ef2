package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestProtobuf(t *testing.T) {
	const id = proto.Protobuf
	a, b, d := cx("08 9601 12 06 636f6c6f7572 1d 0000803f"), cx("08 9701 12 05 7368617065 18 2a 22 01 00"), sx("08 01 12 04 676f6f64 18 01 18 02")
	mustMatch(t, id, id, UDP, 5000, a, b, d)
	mustNot(t, id, UDP, 5000, a, b)
	mustNot(t, id, UDP, 5000, a, b, cx("10 01 1a 04 676f6f64 20 01 20 02"))
	mustNot(t, id, UDP, 5000, a, b, cx("08 01 12 04 676f6f64 18 01 10 02"))
	mustNot(t, id, UDP, 5000, a, b, cx("08 01 12 04 676f6f64 18 01 18 82"))
	x := cx("58585858585858585858585858585858")
	mustNot(t, id, UDP, 5000, x, x, x)
}
