package detect

import (
	"testing"

	"netifyd/core/proto"
)

func TestBabel(t *testing.T) {
	const id = proto.Babel
	const hello = "2a02 000c 0406 0000e3160190 00 00 0100"
	mustMatch(t, id, id, UDP, 6696, cx(hello))
	mustMatch(t, id, id, UDP, 6697, cx(hello+"1006 000102030405")) // what authenticates follows the body
	mustNot(t, id, UDP, 6000, cx(hello))
	mustNot(t, id, UDP, 6696, cx("2a02 000d 0406 0000e3160190 00 00 0100"))
	mustNot(t, id, UDP, 6696, cx("2a02 000c 0407 0000e3160190 00 00 0105"))
	mustNot(t, id, UDP, 6696, cx("2a01 000c 0406 0000e3160190 00 00 0100"))
}
